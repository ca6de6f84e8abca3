import { placesOf } from "../../jobs/places";
import type { Finding, Subject } from "../types";
import { named, short } from "../words";

/** Jobs that run in other pools than before. */
export function examineMoves({ jobs, base, head }: Subject): readonly Finding[] {
  const [old, now] = [base?.fleet, head?.fleet];
  if (old === undefined || now === undefined) return [];
  return jobs.flatMap(({ id, stack, address, region, before, after }): readonly Finding[] => {
    if (before === undefined || after === undefined) return [];
    const was = placesOf(before, region, old)?.pools ?? [];
    const is = placesOf(after, region, now)?.pools ?? [];
    if (was.length === 0 || is.length === 0 || was.some((pool) => is.includes(pool))) return [];
    return [
      {
        id: "jobs/moved",
        severity: "warning",
        stack,
        resource: address,
        about: `job ${short(id)}`,
        reason: `runs in ${named("pool", is)} from then on, not in ${named("pool", was)}`,
        fix: "make sure that its data and those who call it are in reach there",
      },
    ];
  });
}
