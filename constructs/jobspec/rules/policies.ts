import { formatDuration, parseDuration } from "../duration";
import type { Group } from "../group";
import type { Job, JobType } from "../job";
import type { Migrate, Restart, Update } from "../policies";
import { isKnownNumber, type Report } from "./report";

export const second = 1_000_000_000;
export const minute = 60 * second;
export const hour = 60 * minute;

/** A block of the group merged over the job's, and where each of its settings was written. */
export interface Merged<T> {
  readonly value: T;
  /** Path of a setting, or of the block itself. */
  readonly at: (property?: keyof T & string) => string;
}

/** What Nomad makes of a block that a job and its group may both have; undefined where neither has it. */
export function merged<T extends object>(
  name: string,
  path: string,
  ofJob: T | undefined,
  ofGroup: T | undefined,
): Merged<T> | undefined {
  const value = ofJob !== undefined && ofGroup !== undefined ? { ...ofJob, ...ofGroup } : (ofGroup ?? ofJob);
  if (value === undefined) return undefined;
  const inner = `${path}.${name}`;
  const at = (property?: string) => {
    if (property === undefined) return ofGroup === undefined ? name : inner;
    const isOfJob = ofGroup === undefined || (!(property in ofGroup) && ofJob !== undefined && property in ofJob);
    return `${isOfJob ? name : inner}.${property}`;
  };
  return { value, at };
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/update */
export function updateRules(report: Report, update: Merged<Update>, type: JobType): void {
  const { value, at } = update;
  if (type === "batch" || type === "sysbatch") {
    report.error(
      at(),
      `must not be set on a ${type} job`,
      undefined,
      "remove update: only service and system jobs roll",
    );
  }
  report.oneOf(at("healthCheck"), value.healthCheck, ["checks", "task_states", "manual"]);
  report.wholeNumber(at("maxParallel"), value.maxParallel, 0);
  report.wholeNumber(at("canary"), value.canary, 0);
  if (report.duration(at("stagger"), value.stagger) === 0)
    report.error(at("stagger"), "must be above 0", value.stagger);
  const minimum = report.duration(at("minHealthyTime"), value.minHealthyTime) ?? 10 * second;
  const deadline = report.duration(at("healthyDeadline"), value.healthyDeadline) ?? 5 * minute;
  const progress = report.duration(at("progressDeadline"), value.progressDeadline) ?? 10 * minute;
  if (deadline === 0) report.error(at("healthyDeadline"), "must be above 0", value.healthyDeadline);
  else if (minimum >= deadline) {
    report.error(
      at("minHealthyTime"),
      `must be less than healthyDeadline (${formatDuration(deadline)})`,
      formatDuration(minimum),
      "raise healthyDeadline or lower minHealthyTime",
    );
  }
  if (progress !== 0 && deadline >= progress) {
    report.error(
      at("healthyDeadline"),
      `must be less than progressDeadline (${formatDuration(progress)})`,
      formatDuration(deadline),
      "raise progressDeadline or lower healthyDeadline",
    );
  }
  if (value.autoPromote === true && (value.canary ?? 0) === 0) {
    report.error(at("autoPromote"), "needs canary above 0", true, "set canary, or remove autoPromote");
  }
  updateLints(report, update, type);
}

function updateLints(report: Report, { value, at }: Merged<Update>, type: JobType): void {
  if (value.stagger !== undefined && type !== "system") {
    report.lint("without-effect", at("stagger"), "is of system jobs only", value.stagger, "remove it");
  }
  if (value.maxParallel === 0) {
    for (const name of ["canary", "autoRevert", "autoPromote"] as const) {
      if (value[name] === undefined || value[name] === false || value[name] === 0) continue;
      report.lint(
        "without-effect",
        at(name),
        "needs a deployment, and maxParallel 0 makes none",
        value[name],
        "set maxParallel to 1 or more",
      );
    }
  }
}

/** What only the update blocks of all groups together tell. */
export function autoPromoteRules(report: Report, job: Job): void {
  const updates = Object.entries(job.groups).flatMap(([name, group]) => {
    const update = merged("update", `groups.${name}`, job.update, group.update);
    return update === undefined ? [] : [update];
  });
  const promotes = ({ value }: Merged<Update>) => value.autoPromote === true;
  if (!updates.some(promotes)) return;
  for (const update of updates) {
    if (promotes(update) || (update.value.canary ?? 0) === 0) continue;
    report.lint(
      "partial-auto-promote",
      update.at("autoPromote"),
      "must be true where another group has it, or nothing is promoted by itself",
      update.value.autoPromote,
      "set it on every group with canaries",
    );
  }
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/migrate */
export function migrateRules(report: Report, { value, at }: Merged<Migrate>, type: JobType): void {
  if (type !== "service") report.error(at(), `must not be set on a ${type} job`, undefined, "remove migrate");
  report.oneOf(at("healthCheck"), value.healthCheck, ["checks", "task_states"]);
  report.wholeNumber(at("maxParallel"), value.maxParallel, 0);
  const minimum = report.duration(at("minHealthyTime"), value.minHealthyTime) ?? 10 * second;
  const deadline = report.duration(at("healthyDeadline"), value.healthyDeadline) ?? 5 * minute;
  if (minimum <= deadline) return;
  report.error(
    at("minHealthyTime"),
    `must be at most healthyDeadline (${formatDuration(deadline)})`,
    formatDuration(minimum),
    "raise healthyDeadline or lower minHealthyTime",
  );
}

function restartDefaults(type: JobType): { readonly attempts: number; readonly interval: number } {
  const isBatch = type === "batch" || type === "sysbatch";
  return isBatch ? { attempts: 3, interval: 24 * hour } : { attempts: 2, interval: 30 * minute };
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/restart */
export function restartRules(report: Report, path: string, restart: Restart, type: JobType): void {
  report.oneOf(`${path}.mode`, restart.mode, ["fail", "delay"]);
  report.sensibleNumber(`${path}.attempts`, restart.attempts, 0);
  const defaults = restartDefaults(type);
  const interval = report.duration(`${path}.interval`, restart.interval, "5s") ?? defaults.interval;
  const delay = report.sensibleDuration(`${path}.delay`, restart.delay) ?? 15 * second;
  const attempts = restart.attempts ?? defaults.attempts;
  if (isKnownNumber(attempts) && attempts * delay > interval) {
    report.error(path, tooManyRestarts(attempts, delay, interval), undefined, lowerRestarts);
  }
  if (restart.mode === "delay" && attempts === 0) {
    report.error(`${path}.mode`, "delay needs attempts above 0", restart.mode, "use mode fail to never restart");
  }
}

/** The restart block of a task, merged over its group's: Nomad does not look at it. */
export function taskRestartRules(report: Report, path: string, own: Restart, ofGroup: Restart, type: JobType): void {
  const restart = { ...ofGroup, ...own };
  report.sensibleValue(`${path}.mode`, own.mode, ["fail", "delay"]);
  report.sensibleNumber(`${path}.attempts`, own.attempts, 0);
  const delay = report.sensibleDuration(`${path}.delay`, own.delay);
  const interval = report.sensibleDuration(`${path}.interval`, own.interval);
  const defaults = restartDefaults(type);
  const attempts = restart.attempts ?? defaults.attempts;
  const wholeDelay = delay ?? parsed(ofGroup.delay) ?? 15 * second;
  const wholeInterval = interval ?? parsed(ofGroup.interval) ?? defaults.interval;
  if (isKnownNumber(attempts) && attempts * wholeDelay > wholeInterval) {
    const rule = tooManyRestarts(attempts, wholeDelay, wholeInterval);
    report.lint("unchecked-restart", path, rule, undefined, lowerRestarts);
  }
}

const lowerRestarts = "lower attempts or delay, or raise interval";

function tooManyRestarts(attempts: number, delay: number, interval: number): string {
  return `must have attempts × delay (${formatDuration(attempts * delay)}) within interval (${formatDuration(interval)})`;
}

function parsed(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/disconnect */
export function disconnectRules(report: Report, path: string, group: Group, type: JobType): void {
  const { disconnect } = group;
  if (disconnect === undefined) return;
  const lost = report.duration(`${path}.lostAfter`, disconnect.lostAfter);
  const stop = disconnect.stopOnClientAfter;
  report.duration(`${path}.stopOnClientAfter`, stop);
  report.oneOf(`${path}.reconcile`, disconnect.reconcile, [
    "best_score",
    "keep_original",
    "keep_replacement",
    "longest_running",
  ]);
  if (stop === undefined) return;
  if (lost !== undefined && lost !== 0) {
    report.error(path, "must have lostAfter or stopOnClientAfter, not both", undefined, "remove one of them");
  }
  if (type !== "service" && type !== "batch") {
    report.error(`${path}.stopOnClientAfter`, `must not be set on a ${type} job`, stop, "remove it");
  }
}
