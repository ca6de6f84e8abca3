import { inheritSecrets } from "./inherit";
import type { Job } from "./job";
import { nestedBlock, printBlock } from "./schema/hcl-body";
import { job as jobSchema } from "./schema/job";

/**
 * Writes a job as the jobspec that a person would write, for reading and for `nomad job run`. Nomad's own parser reads it as
 * the job that {@link renderJob} gives, and `nomad fmt` leaves it alone.
 *
 * @param job - as {@link validateJob} accepts it.
 * @see https://developer.hashicorp.com/nomad/docs/job-specification
 */
export function toHcl(job: Job): string {
  return printBlock(nestedBlock("job", jobSchema.items(inheritSecrets(job)), job.id));
}
