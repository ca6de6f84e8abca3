import type { Problem } from "../core/problems";
import type { Fleet } from "../../model/types";
import type { Job } from "./job";
import { type AllowanceInForce, type CheckedJob, settle } from "./rules/allow";
import { jobRules } from "./rules/jobs";
import { askedServiceRules } from "./rules/lints/asked";
import { nfsDatabaseRules } from "./rules/lints/databases";
import { oversubscriptionRules } from "./rules/lints/memory";
import { propertyRules } from "./rules/properties";
import { Report } from "./rules/report";

export type { AllowanceInForce, CheckedJob } from "./rules/allow";

/** What is known about where a job runs. */
export interface CheckContext {
  /** @default - the job is looked at alone */
  readonly fleet?: Fleet;
  /**
   * Finds more about the job, such as whether it fits the fleet and its Nomad. Not asked about a job that no compiler would take.
   *
   * @default - nothing more
   */
  readonly find?: () => readonly Problem[];
}

/**
 * Finds everything wrong with a job that can be told without a cluster: what the server would refuse, what it would
 * silently misread, and what is known to go wrong later. Whether the fleet can run it is {@link jobFitsFleet}'s question.
 *
 * @returns all problems at once but those that the job allows, paths relative to the job.
 */
export function validateJob(job: Job): readonly Problem[] {
  return checkJob(job).problems;
}

/** What {@link validateJob} finds, together with what others have found, and which of it the job allows with a reason. */
export function checkJob(job: Job, { fleet, find = () => [] }: CheckContext = {}): CheckedJob {
  const report = new Report();
  propertyRules(report, job);
  // What is not of its type, neither rules nor allowances can read.
  if (report.problems.some(({ name }) => name === undefined)) {
    return { problems: report.problems, allowances: [] };
  }
  inspectJob(report, job, fleet);
  return settle(job, [...report.problems, ...find()], fleet !== undefined);
}

/** Rules that a job breaks on purpose, each with its reason and what it keeps silent. */
export function allowancesInForce(job: Job, context: CheckContext = {}): readonly AllowanceInForce[] {
  return checkJob(job, context).allowances;
}

function inspectJob(report: Report, job: Job, fleet: Fleet | undefined): void {
  jobRules(report, job);
  if (fleet !== undefined) {
    askedServiceRules(report, job, new Set(Object.keys(fleet.services ?? {})));
    oversubscriptionRules(report, job, fleet);
    nfsDatabaseRules(report, job, fleet);
  }
}
