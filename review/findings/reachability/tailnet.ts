import { policyOptions } from "../../../constructs/tailnet/policy-problems";
import { reachabilityDiff, type ReachChange } from "../../../constructs/tailnet/reach/diff";
import type { Finding, Subject } from "../types";
import { short, some } from "../words";
import { type PolicyChange, policyChanges } from "./policy";
import { lostCallers } from "./services";
import { sshChanges } from "./ssh";
import { isEverybody } from "./wide";

/** Who reaches whom in the tailnet after a change and did not before, and the other way round. */
export function examineTailnet(subject: Subject): readonly Finding[] {
  return policyChanges(subject).flatMap((change) => {
    try {
      return [...reachChanges(subject, change), ...sshChanges(change)];
    } catch {
      // The evaluator takes the shape of a policy for granted, and this one may be anybody's.
      return [unreadable(change)];
    }
  });
}

function unreadable({ change }: PolicyChange): Finding {
  return {
    id: "reachability/unknown",
    severity: "blocking",
    stack: change.stack,
    resource: change.address,
    reason: "changes to a policy that cannot be read, so that nobody can say what it opens",
    fix: "give the policy as HuJSON without expressions, and hold it against ./steppe tailnet diff",
  };
}

function reachChanges(subject: Subject, policyChange: PolicyChange): readonly Finding[] {
  const { change, policies } = policyChange;
  if (policies === undefined) return [unreadable(policyChange)];
  const fleet = subject.head?.fleet ?? subject.base?.fleet;
  const world = fleet === undefined ? {} : policyOptions(fleet);
  const { changes, unknown } = reachabilityDiff(policies.before, policies.after, world);
  const lost = lostCallers(subject);
  const place = { stack: change.stack };
  return [
    ...byPair(changes).map(({ from, to, changes: all }): Finding => {
      const resource = `${change.address}: ${short(from)} to ${short(to)}`;
      const ports = some(all.map(({ protocol, ports: which }) => `${protocol}${which === "" ? "" : ` ${which}`}`));
      if (all[0]?.change === "newly reaches") return opened(place, resource, from, ports);
      const service = lost(from, to);
      const still = [...new Set(all.flatMap(({ except }) => except))].map(short);
      return {
        ...place,
        id: "reachability/closed",
        severity: service === undefined ? "notice" : "warning",
        resource,
        reason: `is closed for ${ports}${service === undefined ? "" : `, so that service ${short(service)} loses a caller`}${still.length === 0 ? "" : ` (still open: ${some(still, 3)})`}`,
        fix: "make sure that nobody needs it; connections that stand go on until a program ends them",
      };
    }),
    ...unknown.map(({ policy, path, rule, reason }): Finding => ({
      ...place,
      id: "reachability/unknown",
      severity: "warning",
      resource: `${change.address}: ${path}`,
      reason: `${policy === "before" ? "goes" : "comes"} and cannot be evaluated: ${short(rule)}: ${short(reason)}`,
      fix: "say by hand who gets in by it, or write it with names that can be evaluated",
    })),
  ];
}

function opened(place: { readonly stack: string }, resource: string, from: string, ports: string): Finding {
  const isWide = isEverybody(from);
  return {
    ...place,
    id: "reachability/opened",
    severity: isWide ? "blocking" : "warning",
    resource,
    reason: `is newly open for ${ports}${isWide ? ", to whoever is in the tailnet" : ""}`,
    fix: isWide
      ? "name the machines or the group that need it"
      : "make sure that the service behind it is meant to be called",
  };
}

interface Pair {
  readonly from: string;
  readonly to: string;
  readonly changes: ReachChange[];
}

/** Changes of one kind between the same two, told together. */
function byPair(changes: readonly ReachChange[]): readonly Pair[] {
  const pairs = new Map<string, Pair>();
  for (const change of changes) {
    const key = [change.change, change.from, change.to].join("\n");
    const pair = pairs.get(key) ?? { from: change.from, to: change.to, changes: [] };
    pair.changes.push(change);
    pairs.set(key, pair);
  }
  return [...pairs.values()];
}
