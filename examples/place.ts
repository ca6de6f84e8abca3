import type { Job } from "../constructs/jobspec/job";

/** What a job is called where it runs, when that is not its own name. */
export interface PlaceOptions {
  /** Another id, for a job that is there several times. @default - the job's */
  readonly id?: string;
  /** @default - the job's */
  readonly namespace?: string;
}

/**
 * A job for a pool of a fleet: region and datacenters follow from the pool, so what the job says of another cluster goes.
 *
 * @param nodePool - pool of the fleet; the region is that of the stack which holds the job.
 */
export function inPool(job: Job, nodePool: string, options: PlaceOptions = {}): Job {
  return { ...job, ...options, nodePool, region: undefined, datacenters: undefined };
}

/** A system job once per pool: a job runs in one pool, and this has each machine of all of them. */
export function inEveryPool(name: string, job: Job, pools: readonly string[]): Record<string, Job> {
  return Object.fromEntries(
    pools.map((pool) => [`${name}-${pool}`, inPool(job, pool, { id: `${job.id}-${pool}` })] as const),
  );
}
