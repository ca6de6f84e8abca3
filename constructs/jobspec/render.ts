import { inherit } from "./inherit";
import type { Job } from "./job";
import { job as jobSchema } from "./schema/job";

/**
 * A job as Nomad's HTTP API takes it.
 *
 * @see https://developer.hashicorp.com/nomad/api-docs/json-jobs
 */
export interface JobJson {
  readonly ID: string;
  readonly Name: string;
  readonly TaskGroups: readonly Readonly<Record<string, unknown>>[];
  readonly [key: string]: unknown;
}

/**
 * Renders a job as Nomad's API takes it: durations in nanoseconds, sizes in MB, ports split, the keys of unset options
 * and of those set to what unset means anyway absent, all keys sorted, so that equal jobs give equal text. Expects a job without
 * problems.
 *
 * @param job - as {@link validateJob} accepts it.
 * @returns the bare job, without the `{ Job: … }` around it.
 * @see https://developer.hashicorp.com/nomad/api-docs/json-jobs
 */
export function renderJob(job: Job): JobJson {
  return jobSchema.render(inherit(job)) as unknown as JobJson;
}
