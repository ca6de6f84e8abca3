import type { Fleet, Pool } from "../../model/types";
import type { Problem } from "../core/problems";
import { callRules } from "./fleet-fit/calls";
import { diskRules } from "./fleet-fit/disks";
import { exposedRules } from "./fleet-fit/exposed";
import { volumeFitRules } from "./fleet-fit/volumes";
import type { Group } from "./group";
import type { Job } from "./job";
import { CHECKS, type PoolPlacement, type Reason } from "./placement/findings";
import { fitsPool, poolsOf } from "./placement/placeable";
import { key } from "./placement/volumes";
import { oneOf } from "./rules/discovery";
import { isLiteral, Report } from "./rules/report";

/**
 * Finds what keeps a job from running in a fleet: no such pool, no pool with what a group needs, an endpoint or a call that the
 * tailnet would not let through. What the fleet does not say is never an error; {@link placeable} lists it.
 *
 * Says nothing about room that other jobs take.
 *
 * @param job - with `region` set where the fleet has more than one.
 * @returns all problems at once, paths relative to the job.
 */
export function jobFitsFleet(job: Job, fleet: Fleet): readonly Problem[] {
  const report = new Report();
  if (job.region !== undefined && isLiteral(job.region) && !Object.hasOwn(fleet.regions, job.region)) {
    report.error("region", "must be a region of the fleet", job.region, oneOf(Object.keys(fleet.regions)));
    return report.problems;
  }
  if (job.namespace !== undefined && job.namespace !== "default" && isLiteral(job.namespace)) {
    if (!Object.hasOwn(fleet.namespaces ?? {}, job.namespace)) {
      report.error(
        "namespace",
        "must be a namespace of the fleet",
        job.namespace,
        `add \`${key(job.namespace)}: {}\` to the fleet's namespaces`,
      );
    }
  }
  if (job.nodePool !== undefined && !isLiteral(job.nodePool)) return report.problems;
  const pools = () => poolsOf(job, fleet).map(({ name }) => name);
  if (job.nodePool === undefined) {
    report.error("nodePool", "must name the pool that runs the job", undefined, choice(job, fleet));
    return report.problems;
  }
  if (job.nodePool === "all") {
    everyPoolRules(report, job, fleet);
    return report.problems;
  }
  const pool = Object.hasOwn(fleet.pools, job.nodePool) ? fleet.pools[job.nodePool] : undefined;
  if (pool === undefined) {
    report.error("nodePool", "must be a pool of the fleet", job.nodePool, choice(job, fleet));
    return report.problems;
  }
  if (job.region !== undefined && pool.region !== job.region) {
    report.error("nodePool", `must be in region ${job.region}, but is in ${pool.region}`, job.nodePool, oneOf(pools()));
  }
  placementRules(report, job, job.nodePool, fleet);
  for (const [name, group] of Object.entries(job.groups)) {
    groupRules(report, name, group, job.nodePool, pool, fleet);
    volumeFitRules(report, job, name, group, pool.region, fleet);
  }
  return report.problems;
}

/** The pool `all` holds every node of the region: a group must have a place in one pool, and keep the rules of each that has one. */
function everyPoolRules(report: Report, job: Job, fleet: Fleet): void {
  const byPool = poolsOf(job, fleet).map(({ name }) => ({ name, placements: fitsPool(job, fleet, name) }));
  Object.entries(job.groups).forEach(([name, group], index) => {
    if (job.region !== undefined) volumeFitRules(report, job, name, group, job.region, fleet);
    const able = byPool.filter(({ placements }) => placements[index]?.verdict !== "no");
    for (const { name: poolName } of able) {
      const pool = fleet.pools[poolName];
      if (pool !== undefined) groupRules(report, name, group, poolName, pool, fleet);
    }
    if (able.length > 0) return;
    const missing = byPool.map(({ name: poolName, placements }) => {
      return `${poolName} lacks ${placements[index]?.reasons[0]?.short ?? "room"}`;
    });
    const rule = `has no place in any pool of the region: ${missing.join(", ")}`;
    report.error(`groups.${name}`, rule, undefined, "ask for less, or add a pool that has it");
  });
}

/** Which pool to name: one that can run the whole job, else any. */
function choice(job: Job, fleet: Fleet): string {
  const names = poolsOf(job, fleet).map(({ name }) => name);
  const able = names.filter((name) => canRun(fitsPool(job, fleet, name)));
  return oneOf(able.length === 0 ? names : able);
}

function canRun(placements: readonly PoolPlacement[]): boolean {
  return placements.every(({ verdict }) => verdict === "yes" || verdict === "perhaps");
}

/** One error per group that has no place in the pool that the job names. */
function placementRules(report: Report, job: Job, poolName: string, fleet: Fleet): void {
  const groups = Object.values(job.groups);
  // A batch job may have more allocations than fit at a time: the rest waits for its turn.
  const waits = job.type === "batch";
  const said = new Set<string>();
  fitsPool(job, fleet, poolName).forEach((placement, index) => {
    const group = groups[index];
    if (group === undefined) return;
    portDoubts(report, placement);
    const crowd = placement.doubts.find(({ sure }) => sure !== undefined);
    if (crowd?.sure !== undefined && !waits && !said.has(crowd.path)) {
      said.add(crowd.path);
      const fix = "lower count or resources, or give each its own job and pool";
      report.lint("no-room-together", crowd.path, crowd.sure, undefined, fix);
    }
    if (placement.verdict !== "no" && (placement.verdict !== "some" || waits)) return;
    const [first] = placement.reasons;
    if (first === undefined) return;
    const { path, rule, got, fix } = noPlace(job, fleet, index, placement, first);
    // What belongs to the job is said once, not for each group.
    if (said.has(`${path} ${rule}`)) return;
    said.add(`${path} ${rule}`);
    report.error(path, rule, got, fix);
  });
}

/** Nomad gives a static port out again on a machine's second address, the tailnet's IPv6 one, which is hardly meant. */
function portDoubts(report: Report, { pool, doubts }: PoolPlacement): void {
  for (const { check, path } of doubts) {
    if (check !== "staticPort" || !path.endsWith(".static")) continue;
    report.lint(
      "port-on-two-addresses",
      path,
      `is wanted by more allocations than pool ${pool} has machines, and Nomad may put the rest on their IPv6 addresses`,
      undefined,
      "lower count, add machines, or leave static out",
    );
  }
}

/** What is missing in the named pool, and where the group could run instead, or nearly so. */
function noPlace(job: Job, fleet: Fleet, index: number, placement: PoolPlacement, first: Reason): Problem {
  const others = placement.reasons.slice(1);
  const also = others.length === 0 ? "" : `, which also lacks ${others.map(({ short }) => short).join(", ")}`;
  const rest = poolsOf(job, fleet)
    .filter(({ name }) => name !== placement.pool)
    .flatMap(({ name }) => fitsPool(job, fleet, name)[index] ?? []);
  const able = rest.filter(({ verdict }) => verdict === "yes" || verdict === "perhaps").map(({ pool }) => pool);
  const closest = closestOf([placement, ...rest]);
  const [missing] = closest.reasons;
  const elsewhere =
    able.length > 0 || closest === placement || missing === undefined
      ? ""
      : `; closest is pool ${closest.pool}, which lacks ${closest.reasons.map(({ short }) => short).join(", ")}`;
  const fix = able.length === 0 ? first.fix : `${first.fix ?? "change it"}; or run it in ${able.join(" or ")}`;
  return {
    path: first.path,
    rule: `${first.rule}${also}${elsewhere}`,
    got: first.got,
    ...(fix === undefined ? {} : { fix }),
  };
}

/** The pool that fails last in Nomad's order, at the fewest points. */
function closestOf(placements: readonly [PoolPlacement, ...PoolPlacement[]]): PoolPlacement {
  const depth = ({ reasons }: PoolPlacement) => CHECKS.indexOf(reasons[0]?.check ?? "disk");
  const [first, ...rest] = placements;
  return rest.reduce((best, each) => {
    const further = depth(each) - depth(best);
    return further > 0 || (further === 0 && each.reasons.length < best.reasons.length) ? each : best;
  }, first);
}

function groupRules(report: Report, groupName: string, group: Group, poolName: string, pool: Pool, fleet: Fleet): void {
  if (pool.edge !== undefined && group.disconnect === undefined) {
    report.lint(
      "edge-disconnect",
      `groups.${groupName}.disconnect`,
      `should be set: pool ${poolName} is at the edge and loses contact`,
      undefined,
      `add disconnect: { lostAfter: "${pool.edge.toleratedDisconnectSeconds ?? 3600}s" }`,
    );
  }
  exposedRules(report, groupName, group, poolName, fleet);
  callRules(report, groupName, group, poolName, fleet);
  diskRules(report, groupName, group, poolName, pool);
}
