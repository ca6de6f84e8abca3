import { accessChanges } from "./reachability/access";
import { examineExposed } from "./reachability/exposed";
import { examineFirewalls } from "./reachability/network";
import { examineTailnet } from "./reachability/tailnet";
import type { Finding, Subject } from "./types";

/** Who reaches what after a change, in the tailnet and from outside of it. */
export function examineReachability(subject: Subject): readonly Finding[] {
  const access = accessChanges(subject);
  return [
    ...examineTailnet(subject),
    ...access.findings,
    ...examineFirewalls(subject, access),
    ...examineExposed(subject, access),
  ];
}
