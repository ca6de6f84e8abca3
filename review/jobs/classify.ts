import type { JobJson } from "../../constructs/jobspec/render";
import { effective, type Part, partOf } from "./effective";
import { type Cause, causesOf } from "./replaced";

/**
 * What happens to the allocations of a group.
 *
 * - `create`, `destroy`: the group comes or goes.
 * - `canary`: some of the new version first; the old ones stay until a promotion.
 * - `destructive`: each is stopped, and another started.
 * - `in-place`: they go on, and Nomad notes the new version. That is also so for groups that did not change, when another did.
 * - `unchanged`: the job is the same.
 */
export type GroupVerdict = "create" | "destroy" | "canary" | "destructive" | "in-place" | "unchanged";

/** A change of one group. */
export interface GroupChange {
  readonly group: string;
  readonly verdict: GroupVerdict;
  /** Allocations before and after; 0 for a group that is not there. On each machine, for system jobs. */
  readonly count: { readonly before: number; readonly after: number };
  /** Allocations of the new version that come first. 0 without canaries. */
  readonly canaries: number;
  /** What replaces allocations; empty unless `verdict` is `canary` or `destructive`. */
  readonly causes: readonly Cause[];
}

/**
 * What Nomad does with each group when a job replaces another, by its own rules.
 *
 * Takes for granted that machines that run the job may go on doing so: a constraint that one of them no longer keeps moves its allocation.
 * @param before - as `renderJob` gives it; undefined for a new job.
 * @param after - undefined for a job that goes.
 */
export function classifyJob(before: JobJson | undefined, after: JobJson | undefined): readonly GroupChange[] {
  const groups = { before: groupsOf(before), after: groupsOf(after) };
  const names = [...new Set([...groups.before.keys(), ...groups.after.keys()])];
  const isSame =
    before !== undefined &&
    after !== undefined &&
    JSON.stringify(effective("Job", before)) === JSON.stringify(effective("Job", after));
  return names.map((name): GroupChange => {
    const was = groups.before.get(name);
    const is = groups.after.get(name);
    const count = { before: countOf(was), after: countOf(is) };
    const base = { group: name, count, canaries: 0, causes: [] };
    if (was === undefined || before === undefined) return { ...base, verdict: "create" };
    if (is === undefined || after === undefined) return { ...base, verdict: "destroy" };
    if (isSame) return { ...base, verdict: "unchanged" };
    const causes = [...placesOf(before, after), ...causesOf({ job: before, group: was }, { job: after, group: is })];
    if (causes.length === 0 || count.before === 0) return { ...base, verdict: "in-place" };
    const canaries = canariesOf(after, is);
    return { ...base, canaries, causes, verdict: canaries === 0 ? "destructive" : "canary" };
  });
}

/** Machines of another pool or datacenter run none of it. */
function placesOf(before: JobJson, after: JobJson): readonly Cause[] {
  const changed = (key: string, unset: unknown) =>
    JSON.stringify(before[key] ?? unset) !== JSON.stringify(after[key] ?? unset);
  return [
    ...(changed("NodePool", "default") ? [{ path: "nodePool" }] : []),
    ...(changed("Datacenters", ["*"]) ? [{ path: "datacenters" }] : []),
  ];
}

/** Service jobs alone have canaries of a number; those of system jobs are a share of the machines. */
function canariesOf(job: JobJson, group: Part): number {
  if ((job["Type"] ?? "service") !== "service") return 0;
  const update = { ...partOf(job["Update"]), ...partOf(group["Update"]) };
  if (update["MaxParallel"] === 0) return 0;
  return Number(update["Canary"] ?? 0);
}

function countOf(group: Part | undefined): number {
  if (group === undefined) return 0;
  return Number(group["Count"] ?? partOf(group["Scaling"])["Min"] ?? 1);
}

function groupsOf(job: JobJson | undefined): ReadonlyMap<string, Part> {
  return new Map((job?.TaskGroups ?? []).map((group) => [String(group["Name"]), group]));
}
