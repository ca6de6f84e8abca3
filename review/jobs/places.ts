import { parseJob } from "../../constructs/jobspec/parse";
import { fitsPool, placeable } from "../../constructs/jobspec/placement/placeable";
import type { PoolPlacement, Verdict } from "../../constructs/jobspec/placement/findings";
import type { JobJson } from "../../constructs/jobspec/render";
import type { Job } from "../../constructs/jobspec/job";
import type { Fleet } from "../../model/types";

/** How a job fares in the pools of a fleet. */
export interface Places {
  /** Pools that can run every group of it, or a part of their allocations. */
  readonly pools: readonly string[];
  /** Of the worst group: `no` where it has no place in any pool. */
  readonly verdict: Verdict;
  /** What is in the way of that group, in its best pool. Shape: `["deviceRoom …"]`, few words each. */
  readonly reasons: readonly string[];
  /** For `some`: the group, and how many of its allocations have a place. */
  readonly group?: string;
  readonly room?: number;
}

const BEST: readonly Verdict[] = ["yes", "perhaps", "some", "no"];

/**
 * Where a job can run.
 *
 * @param region - of the stack that holds it, where the job itself does not say.
 * @returns undefined for what cannot be judged: a job that is none, or that leaves its pool to Nomad.
 */
export function placesOf(json: JobJson, region: string | undefined, fleet: Fleet): Places | undefined {
  const groups = placements(json, region, fleet);
  if (groups === undefined || groups.length === 0) return undefined;
  const rank = ({ verdict }: PoolPlacement) => BEST.indexOf(verdict);
  const best = groups.map(({ group, pools }) => ({ group, pool: [...pools].sort((a, b) => rank(a) - rank(b))[0] }));
  const worst = best.reduce((a, b) => (worse(b.pool, a.pool) ? b : a));
  const common = (groups[0]?.pools ?? []).map(({ pool }) => pool);
  return {
    pools: common.filter((name) =>
      groups.every(({ pools }) => pools.some(({ pool, verdict }) => pool === name && verdict !== "no")),
    ),
    verdict: worst.pool?.verdict ?? "no",
    reasons: (worst.pool?.reasons ?? []).map(({ short }) => short),
    group: worst.group,
    ...(worst.pool?.room !== undefined && { room: worst.pool.room }),
  };
}

function worse(left: PoolPlacement | undefined, right: PoolPlacement | undefined): boolean {
  return BEST.indexOf(left?.verdict ?? "no") > BEST.indexOf(right?.verdict ?? "no");
}

interface Group {
  readonly group: string;
  readonly pools: readonly PoolPlacement[];
}

function placements(json: JobJson, region: string | undefined, fleet: Fleet): readonly Group[] | undefined {
  try {
    const job = jobIn(json, region, fleet);
    const { nodePool } = job;
    if (nodePool === undefined || nodePool === "all" || nodePool === "default") return undefined;
    if (nodePool.includes("${")) return placeable(job, fleet);
    // One pool of fifty: the others fail at their name.
    const pool = Object.hasOwn(fleet.pools, nodePool) ? fleet.pools[nodePool] : undefined;
    const isHere = pool !== undefined && (job.region === undefined || job.region === pool.region);
    const placed = isHere ? fitsPool(job, fleet, nodePool, true) : [];
    return Object.keys(job.groups).map((group, index) => ({ group, pools: placed.slice(index, index + 1) }));
  } catch {
    // Placement takes the shape of a job for granted, and this one may be anybody's.
    return undefined;
  }
}

function jobIn(json: JobJson, region: string | undefined, fleet: Fleet): Job {
  const { job } = parseJob(json);
  const home = job.region ?? region;
  return home === undefined || !Object.hasOwn(fleet.regions, home) ? job : { ...job, region: home };
}
