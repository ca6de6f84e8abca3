import { createHash } from "node:crypto";
import type { Problem } from "../../core/problems";
import type { Job } from "../../jobspec/job";
import { renderJob } from "../../jobspec/render";
import { holdsToken } from "../jobspec-text";

/** Key of the job's meta with the hash of its inputs. */
export const SETUP_HASH = "setup-hash";

/** A set-up job as Nomad gets it. */
export interface SetupTemplate {
  /** The job as a template, whose runs are dispatched: registering it runs nothing, and Nomad does not collect it once a run is over. */
  readonly job: Job;
  /** Of the job and its inputs. Shape: 16 hexadecimal digits. */
  readonly hash: string;
  /** How many allocations must succeed. */
  readonly allocations: number;
}

/**
 * Makes the template of a set-up job.
 *
 * @param inputs - what else the set-up depends on.
 */
export function setupTemplate(job: Job, inputs: readonly string[]): SetupTemplate {
  const hash = createHash("sha256")
    .update(JSON.stringify([renderJob(job), inputs]))
    .digest("hex")
    .slice(0, 16);
  return {
    job: { ...job, parameterized: { payload: "forbidden" }, meta: { ...job.meta, [SETUP_HASH]: hash } },
    hash,
    allocations: Object.values(job.groups).reduce((sum, { count = 1 }) => sum + count, 0),
  };
}

/** What keeps a job from being a set-up. */
export function setupProblems(job: Job, inputs: readonly string[]): Problem[] {
  const problems: Problem[] = [];
  if (job.type !== "batch")
    problems.push({
      path: "job.type",
      rule: "must be batch: a set-up ends, and what follows waits for its end",
      got: job.type ?? "service",
      fix: 'write type: "batch"',
    });
  if (job.periodic !== undefined)
    problems.push({
      path: "job.periodic",
      rule: "must be left out: a set-up runs when it has changed",
      fix: "remove it",
    });
  if (job.parameterized !== undefined)
    problems.push({
      path: "job.parameterized",
      rule: "must be left out: the set-up is dispatched by the apply, with nothing to choose",
      fix: "remove it, and write the values into env",
    });
  if (!/^[\w./-]+$/.test(job.id))
    problems.push({ path: "job.id", rule: "must be letters, digits and . _ - / alone", got: job.id });
  if (job.meta?.[SETUP_HASH] !== undefined)
    problems.push({
      path: `job.meta.${SETUP_HASH}`,
      rule: "is written by Steppe",
      fix: "give what it stood for to inputs",
    });
  if (Object.values(job.groups).every(({ count }) => count === 0))
    problems.push({ path: "job.groups", rule: "must have a group with a count above 0: nothing would run" });
  if (holdsToken(JSON.stringify([renderJob(job), inputs])))
    problems.push({
      path: "job",
      rule: "must be known when the program runs, as must inputs: they decide whether the set-up runs again",
      fix: "write the value instead of a reference to another resource",
    });
  return problems;
}
