import type { Problem } from "../core/problems";
import type { Job } from "./job";
import { job as jobSchema } from "./schema/job";
import type { Json } from "./schema/field";

/** A job read from Nomad's API, and what of it could not be read. */
export interface ParsedJob {
  readonly job: Job;
  /** Settings that a {@link Job} cannot hold: Nomad Enterprise's, or removed ones. */
  readonly problems: readonly Problem[];
}

/**
 * Reads a job as Nomad's API gives it: of `nomad job run -output`, of `nomad job inspect`, with or without the `{ Job: … }`
 * around it. What the API says with zero where nothing is set is left out.
 */
export function parseJob(json: Json): ParsedJob {
  const problems: Problem[] = [];
  const bare = (json["Job"] ?? json) as Json;
  const job = jobSchema.parse(bare, "", (at, what, value) => {
    problems.push({ path: at === "" ? "job" : at, rule: `has ${what}, which has no property here`, got: value });
  });
  return { job: job as unknown as Job, problems };
}
