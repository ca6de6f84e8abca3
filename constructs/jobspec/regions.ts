import { assertValid, type Problem } from "../core/problems";
import type { Group } from "./group";
import type { Job } from "./job";

/** What differs in one region. */
export interface RegionOverrides {
  /** Allocations of every group, but of those in `counts`. @default - the group's own */
  readonly count?: number;
  /** Allocations by group. @default {} */
  readonly counts?: Readonly<Record<string, number>>;
  /** @default - the job's */
  readonly nodePool?: string;
  /** @default - the job's */
  readonly datacenters?: readonly string[];
  /** Merged over the job's. @default {} */
  readonly meta?: Readonly<Record<string, string>>;
  /** Any other difference: gets the region's job, gives the changed one. @default - none */
  readonly change?: (job: Job) => Job;
}

/**
 * Makes one job per region of a job that runs in several, as Nomad Enterprise's `multiregion` block does.
 *
 * @param job - without `region`.
 * @param regions - by name, in the order in which they are rolled out.
 * @returns the jobs by region, in the same order.
 * @throws ValidationError when there is no region, the job names one itself, or counts name a group that is not there.
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/multiregion
 */
export function inRegions(job: Job, regions: Readonly<Record<string, RegionOverrides>>): Readonly<Record<string, Job>> {
  assertValid(`job ${job.id} in several regions`, problemsOf(job, regions));
  return Object.fromEntries(
    Object.entries(regions).map(([region, overrides]) => {
      const made = inRegion(job, region, overrides);
      return [region, { ...(overrides.change?.(made) ?? made), region }];
    }),
  );
}

function problemsOf(job: Job, regions: Readonly<Record<string, RegionOverrides>>): Problem[] {
  const problems: Problem[] = [];
  if (Object.keys(regions).length === 0) {
    problems.push({ path: "regions", rule: "must name at least one region", fix: "add one, for example east: {}" });
  }
  if (job.region !== undefined) {
    problems.push({ path: "region", rule: "must not be set", got: job.region, fix: "name it in regions only" });
  }
  for (const [region, { counts = {} }] of Object.entries(regions)) {
    for (const group of Object.keys(counts)) {
      if (Object.hasOwn(job.groups, group)) continue;
      problems.push({
        path: `regions.${region}.counts.${group}`,
        rule: "must be a group of the job",
        fix: `use one of: ${Object.keys(job.groups).join(", ")}`,
      });
    }
  }
  return problems;
}

function inRegion(job: Job, region: string, overrides: RegionOverrides): Job {
  const { count, counts = {}, nodePool, datacenters, meta } = overrides;
  const groups = Object.entries(job.groups).map(([name, group]): readonly [string, Group] => {
    const wanted = counts[name] ?? count;
    return [name, wanted === undefined ? group : { ...group, count: wanted }];
  });
  return {
    ...job,
    region,
    groups: Object.fromEntries(groups),
    ...(nodePool === undefined ? {} : { nodePool }),
    ...(datacenters === undefined ? {} : { datacenters }),
    ...(meta === undefined ? {} : { meta: { ...job.meta, ...meta } }),
  };
}
