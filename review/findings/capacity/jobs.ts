import { jobsIn, type SnapshotJob } from "../../jobs/changes";
import { type Places, placesOf } from "../../jobs/places";
import { isEqual, text } from "../../json";
import type { Fleet } from "../../../model/types";
import type { Finding, Subject } from "../types";
import { short, some } from "../words";

/** Parts of a fleet that decide for all pools where jobs have a place. */
const OF_ALL = ["name", "versions", "services", "namespaces", "csiVolumes"] as const;

/** Jobs that had a place and have none any more, be it that they changed or their pools. */
export function examineFit({ base, head, jobs }: Subject): readonly Finding[] {
  const [old, now] = [base?.fleet, head?.fleet];
  if (base === undefined || head === undefined || old === undefined || now === undefined) return [];
  const isPoolSame = samePools(old, now);
  const changed = new Set(jobs.map(({ stack, address }) => keyOf(stack, address)));
  const asked = jobsIn(head).filter(
    ({ stack, address, job }) => !isPoolSame(job["NodePool"]) || changed.has(keyOf(stack, address)),
  );
  const stuck = asked.flatMap((one) => {
    const places = placesOf(one.job, one.region, now);
    return places === undefined || isPlaced(places) ? [] : [{ one, places }];
  });
  if (stuck.length === 0) return [];
  const before = new Map(jobsIn(base).map((one) => [jobKey(one), one]));
  return stuck.flatMap(({ one, places }) => {
    const was = before.get(jobKey(one));
    const had = was && placesOf(was.job, was.region, old);
    return had !== undefined && isPlaced(had) ? [finding(one, places)] : [];
  });
}

/** Whether jobs of a pool fare as before, so that they need not be looked at. */
function samePools(old: Fleet, now: Fleet): (pool: unknown) => boolean {
  if (!OF_ALL.every((key) => isEqual(old[key], now[key]))) return () => false;
  const names = [...new Set([...Object.keys(old.pools), ...Object.keys(now.pools)])];
  const same = new Set(names.filter((name) => isEqual(partsOf(old, name), partsOf(now, name))));
  const isAll = same.size === names.length;
  return (pool) => (typeof pool === "string" && same.has(pool)) || isAll;
}

function partsOf(fleet: Fleet, name: string): unknown {
  const pool = fleet.pools[name];
  return pool && [pool, fleet.sites[pool.site], fleet.regions[pool.region]];
}

function finding({ stack, address, job }: SnapshotJob, places: Places): Finding {
  const { verdict, group = "", room = 0, reasons } = places;
  const why = reasons.length === 0 ? "its pool is gone" : some(reasons);
  const base = { id: "capacity/job-does-not-fit", stack, resource: address } as const;
  const fix = "keep what it needs, give it another pool, or let it ask for less";
  if (verdict === "some")
    return {
      ...base,
      severity: "warning",
      about: `job ${short(job.ID)}`,
      reason: `has room for ${room} allocations of group ${short(group)} only: ${why}`,
      fix,
    };
  return {
    ...base,
    severity: "blocking",
    about: `job ${short(job.ID)}`,
    reason: `has no place any more for group ${short(group)}: ${why}`,
    fix,
  };
}

function isPlaced({ verdict }: Places): boolean {
  return verdict === "yes" || verdict === "perhaps";
}

function keyOf(stack: string, address: string): string {
  return `${stack}\n${address}`;
}

/** A job is the same under another address. */
function jobKey({ region, job }: SnapshotJob): string {
  return [region ?? "", text(job["Namespace"]) ?? "default", job.ID].join("\n");
}
