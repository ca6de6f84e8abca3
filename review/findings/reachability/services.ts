import { callerSubjects } from "../../../constructs/tailnet/fleet-policy/subjects";
import { tags } from "../../../model/names";
import type { Caller } from "../../../model/tailnet-types";
import type { Fleet } from "../../../model/types";
import type { Subject } from "../types";

/** Something that the fleet declares to be called. */
interface Called {
  readonly name: string;
  readonly callers: readonly Caller[];
  /** As the policy names them. */
  readonly targets: readonly string[];
}

/** Tells by source and destination of a way that closes which declared service loses a caller that is still there. */
export function lostCallers({ base, head }: Subject): (from: string, to: string) => string | undefined {
  const [old, now] = [base?.fleet, head?.fleet];
  if (old === undefined || now === undefined) return () => undefined;
  const later = new Map(calledIn(now).map((one) => [one.name, one]));
  const lost = calledIn(old).flatMap(({ name, callers, targets }) => {
    const is = later.get(name);
    if (is === undefined) return [];
    const gone = callers.filter((caller) => !is.callers.includes(caller) && isThere(old, now, caller));
    const closed = targets.filter((target) => !is.targets.includes(target));
    return [
      ...callerSubjects(old, gone).map((from) => ({ name, from, to: targets })),
      ...callerSubjects(old, callers).map((from) => ({ name, from, to: closed })),
    ];
  });
  return (from, to) => lost.find((one) => one.from === from && one.to.includes(to))?.name;
}

/** A pool that goes loses nothing. */
function isThere(old: Fleet, now: Fleet, caller: Caller): boolean {
  return !Object.hasOwn(old.pools, caller) || Object.hasOwn(now.pools, caller);
}

function calledIn(fleet: Fleet): readonly Called[] {
  const services = Object.entries(fleet.services ?? {}).map(([name, { callers, pools }]) => ({
    name,
    callers,
    targets: pools.map((pool) => tags.pool(pool)),
  }));
  const onLan = Object.values(fleet.sites).flatMap((site) =>
    Object.entries(site.platform === "onprem" ? (site.lanHosts ?? {}) : {}).flatMap(([host, { services: offered }]) =>
      Object.entries(offered).map(([name, { callers }]) => ({ name: `${host}.${name}`, callers, targets: [host] })),
    ),
  );
  return [...services, ...onLan];
}
