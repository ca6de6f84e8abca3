import type { Job, JobType } from "../job";
import { batchRules } from "./batch";
import { groupRules } from "./groups";
import { claimRules } from "./lints/claims";
import { metaSecretRules } from "./lints/secrets";
import { placementRules } from "./placement";
import { autoPromoteRules } from "./policies";
import { isKnown, isKnownNumber, type Report } from "./report";
import { vaultRules } from "./workload";

const types = ["service", "batch", "system", "sysbatch"];
/** Of the server: `job_max_priority`, `job_max_count`. */
const highestPriority = 100;
const highestCount = 50_000;

/** Rules for a job and all that is in it. */
export function jobRules(report: Report, job: Job): void {
  const { type = "service" } = job;
  nameRules(report, job);
  report.oneOf("type", type, types);
  if (job.priority === 0) report.lint("out-of-range", "priority", "must be at least 1: 0 means the default", 0);
  else report.wholeNumber("priority", job.priority, 1, highestPriority);
  if (job.datacenters?.includes("") === true) {
    report.error("datacenters", "must not hold an empty text", job.datacenters, "leave it out for all datacenters");
  }
  const knownType: JobType = types.includes(type) ? type : "service";
  placementRules(report, "", job, knownType, "job");
  batchRules(report, job, knownType);
  metaSecretRules(report, "meta", job.meta);
  if (job.vault !== undefined) vaultRules(report, "vault", job.vault);
  const { description = "" } = job.ui ?? {};
  if (description.length * 3 > highestDescription && byteLength(description) > highestDescription) {
    const rule = `must be at most ${highestDescription} bytes`;
    report.error("ui.description", rule, byteLength(description), "shorten it, or link to more");
  }
  const groups = Object.entries(job.groups);
  if (groups.length === 0) report.error("groups", "must hold at least one group", undefined, "add a group");
  for (const [name, group] of groups) groupRules(report, job, name, group, knownType);
  claimRules(report, job);
  const counts = groups.map(([, { count, scaling }]) => count ?? scaling?.min ?? 1).filter(isKnownNumber);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total > highestCount) {
    report.error("groups", `must have at most ${highestCount} allocations together`, total, "lower count");
  }
  autoPromoteRules(report, job);
}

const highestDescription = 1000;

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

function nameRules(report: Report, job: Job): void {
  if (job.id === "" || (isKnown(job.id) && /[ \0]/.test(job.id))) {
    report.error("id", "must not be empty or hold spaces", job.id, "rename the job");
  } else if (isKnown(job.id) && /[\t\n\r]/.test(job.id)) {
    report.lint("unknown-value", "id", "must be one word", job.id, "rename the job");
  }
  if (job.name === "") report.error("name", "must not be empty", "", "leave it out: it is the id then");
  if (job.name?.includes("\0") === true) report.error("name", "must not hold a null character", job.name);
  const namespaceRule = "must be letters, digits and dashes, at most 128 characters";
  report.matches("namespace", job.namespace, /^[a-zA-Z0-9-]{1,128}$/, namespaceRule);
  const poolRule = "must be letters, digits, - and _, at most 128 characters";
  report.matches("nodePool", job.nodePool, /^[a-zA-Z0-9-_]{1,128}$/, poolRule);
}
