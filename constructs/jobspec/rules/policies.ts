import type { Group } from "../group";
import type { Job, JobType } from "../job";
import type { Migrate, Reschedule, Restart, Update } from "../policies";
import { formatDuration } from "../duration";
import type { Report } from "./report";

const second = 1_000_000_000;
const minute = 60 * second;
const hour = 60 * minute;

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/update */
export function updateRules(report: Report, path: string, update: Update | undefined, type: JobType): void {
  if (update === undefined) return;
  if (type === "batch" || type === "sysbatch") {
    report.error(
      path,
      `must not be set on a ${type} job`,
      undefined,
      "remove update: only service and system jobs roll",
    );
  }
  report.wholeNumber(`${path}.maxParallel`, update.maxParallel, 0);
  report.wholeNumber(`${path}.canary`, update.canary, 0);
  if (update.stagger !== undefined && report.duration(`${path}.stagger`, update.stagger) === 0) {
    report.error(`${path}.stagger`, "must be above 0", update.stagger);
  }
  const minHealthy = healthTimes(report, path, update);
  const progress = report.duration(`${path}.progressDeadline`, update.progressDeadline) ?? 10 * minute;
  if (progress !== 0 && minHealthy.deadline >= progress) {
    report.error(
      `${path}.healthyDeadline`,
      `must be less than progressDeadline (${formatDuration(progress)})`,
      formatDuration(minHealthy.deadline),
      "raise progressDeadline or lower healthyDeadline",
    );
  }
  if (update.autoPromote === true && (update.canary ?? 0) === 0) {
    report.error(
      `${path}.autoPromote`,
      "needs canary above 0",
      update.autoPromote,
      "set canary, or remove autoPromote",
    );
  }
}

/** minHealthyTime < healthyDeadline, of update and migrate. */
function healthTimes(report: Report, path: string, times: Update | Migrate): { readonly deadline: number } {
  const minimum = report.duration(`${path}.minHealthyTime`, times.minHealthyTime) ?? 10 * second;
  const deadline = report.duration(`${path}.healthyDeadline`, times.healthyDeadline) ?? 5 * minute;
  if (minimum >= deadline) {
    report.error(
      `${path}.minHealthyTime`,
      `must be less than healthyDeadline (${formatDuration(deadline)})`,
      formatDuration(minimum),
      "raise healthyDeadline or lower minHealthyTime",
    );
  }
  return { deadline };
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/migrate */
export function migrateRules(report: Report, path: string, migrate: Migrate | undefined, type: JobType): void {
  if (migrate === undefined) return;
  if (type !== "service") report.error(path, `must not be set on a ${type} job`, undefined, "remove migrate");
  report.wholeNumber(`${path}.maxParallel`, migrate.maxParallel, 0);
  healthTimes(report, path, migrate);
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/restart */
export function restartRules(report: Report, path: string, restart: Restart | undefined, type: JobType): void {
  if (restart === undefined) return;
  const isBatch = type === "batch" || type === "sysbatch";
  report.wholeNumber(`${path}.attempts`, restart.attempts, 0);
  const attempts = restart.attempts ?? (isBatch ? 3 : 2);
  const interval = report.duration(`${path}.interval`, restart.interval, "5s") ?? (isBatch ? 24 * hour : 30 * minute);
  const delay = report.duration(`${path}.delay`, restart.delay) ?? 15 * second;
  if (attempts > 0 && attempts * delay > interval) {
    report.error(
      path,
      `must have attempts × delay (${formatDuration(attempts * delay)}) within interval (${formatDuration(interval)})`,
      undefined,
      "lower attempts or delay, or raise interval",
    );
  }
  if (restart.mode === "delay" && attempts === 0) {
    report.error(`${path}.mode`, "delay needs attempts above 0", restart.mode, "use mode fail to never restart");
  }
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/reschedule */
export function rescheduleRules(report: Report, path: string, value: Reschedule | undefined, type: JobType): void {
  if (value === undefined) return;
  if (type === "system" || type === "sysbatch") {
    report.error(
      path,
      `must not be set on a ${type} job`,
      undefined,
      "remove reschedule: such a job runs on every node",
    );
    return;
  }
  report.wholeNumber(`${path}.attempts`, value.attempts, 0);
  report.duration(`${path}.interval`, value.interval);
  const delay = report.duration(`${path}.delay`, value.delay, "5s") ?? (type === "batch" ? 5 : 30) * second;
  const maxDelay = report.duration(`${path}.maxDelay`, value.maxDelay) ?? hour;
  const grows = (value.delayFunction ?? (type === "batch" ? "constant" : "exponential")) !== "constant";
  if (grows && maxDelay < delay) {
    report.error(
      `${path}.maxDelay`,
      `must be at least delay (${formatDuration(delay)})`,
      formatDuration(maxDelay),
      "raise maxDelay",
    );
  }
  const unlimited = value.unlimited ?? (type === "service" && value.attempts === undefined);
  if (unlimited && (value.attempts ?? 0) > 0) {
    report.error(path, "must have either attempts or unlimited", value.attempts, "remove one of them");
  }
  if (value.attempts !== undefined && value.attempts > 0 && value.unlimited === undefined && type === "service") {
    report.error(path, "attempts on a service job needs unlimited: false", value.attempts, "add unlimited: false");
  }
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/disconnect */
export function disconnectRules(report: Report, path: string, group: Group, type: JobType): void {
  const { disconnect } = group;
  if (disconnect === undefined) return;
  report.duration(`${path}.lostAfter`, disconnect.lostAfter);
  report.duration(`${path}.stopOnClientAfter`, disconnect.stopOnClientAfter);
  if (disconnect.stopOnClientAfter === undefined) return;
  if ((disconnect.lostAfter as string | undefined) !== undefined) {
    report.error(path, "must have lostAfter or stopOnClientAfter, not both", undefined, "remove one of them");
  }
  if (type !== "service" && type !== "batch") {
    report.error(
      `${path}.stopOnClientAfter`,
      `must not be set on a ${type} job`,
      disconnect.stopOnClientAfter,
      "remove it",
    );
  }
}

/** Periodic and parameterized belong to batch jobs. */
export function batchRules(report: Report, job: Job, type: JobType): void {
  const isBatch = type === "batch" || type === "sysbatch";
  for (const name of ["periodic", "parameterized"] as const) {
    if (job[name] !== undefined && !isBatch) {
      report.error(name, `must not be set on a ${type} job`, undefined, 'set type: "batch"');
    }
  }
  if (job.periodic !== undefined) {
    const crons = job.periodic.crons ?? [job.periodic.cron];
    if (crons.length === 0) {
      report.error(
        "periodic.crons",
        "must have at least one expression",
        undefined,
        'add one, for example "0 3 * * *"',
      );
    }
    crons.forEach((cron, index) => {
      report.matches(
        `periodic.crons.${index}`,
        cron,
        /^(@(yearly|annually|monthly|weekly|daily|hourly)|\S+( +\S+){4,6})$/,
        "must be a cron expression of 5 to 7 fields, or @daily and the like",
      );
    });
  }
  const optional = job.parameterized?.metaOptional ?? [];
  for (const key of job.parameterized?.metaRequired ?? []) {
    if (optional.includes(key)) {
      report.error("parameterized.metaOptional", "must not repeat metaRequired", key, "remove it from one of them");
    }
  }
}
