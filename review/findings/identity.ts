import { examineIam } from "./identity/iam";
import { examineNomadAcl } from "./identity/acl";
import { examineOperators } from "./identity/tailnet";
import type { Finding, Subject } from "./types";

/** Who may do what after a change. */
export function examineIdentity(subject: Subject): readonly Finding[] {
  return [...examineIam(subject), ...examineNomadAcl(subject), ...examineOperators(subject)];
}
