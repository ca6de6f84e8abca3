import { formatDuration, parseDuration } from "../duration";
import type { Group } from "../group";
import type { Job, JobType } from "../job";
import type { Update } from "../policies";
import { slowestCheck } from "./checks";
import { serviceRules, servicesOf } from "./discovery";
import { metaSecretRules } from "./lints/secrets";
import { networkRules } from "./network";
import { placementRules } from "./placement";
import {
  disconnectRules,
  type Merged,
  merged,
  migrateRules,
  minute,
  restartRules,
  second,
  updateRules,
} from "./policies";
import { isKnownNumber, type Report } from "./report";
import { rescheduleRules } from "./reschedule";
import { scalingRules } from "./scaling";
import { sidecarTaskRules, taskRules } from "./tasks";
import { volumeRules } from "./volumes";
import { vaultRules } from "./workload";

/** Rules for one group and its tasks. */
export function groupRules(report: Report, job: Job, name: string, group: Group, type: JobType): void {
  const path = `groups.${name}`;
  if (name === "" || name.includes("\0")) report.error(path, "must have a name", name, "name the group");
  countRules(report, path, group, type);
  report.duration(`${path}.shutdownDelay`, group.shutdownDelay);
  report.sensibleDuration(`${path}.maxRunDuration`, group.maxRunDuration);
  if (group.maxRunDuration !== undefined && type !== "batch" && type !== "sysbatch") {
    report.error(`${path}.maxRunDuration`, `must not be set on a ${type} job`, group.maxRunDuration, "remove it");
  }
  report.mebibytes(`${path}.ephemeralDisk.size`, group.ephemeralDisk?.size, 10);
  metaSecretRules(report, `${path}.meta`, group.meta);
  placementRules(report, `${path}.`, group, type, "group");
  if (group.restart !== undefined) restartRules(report, `${path}.restart`, group.restart, type);
  const update = policyRules(report, path, job, group, type);
  disconnectRules(report, `${path}.disconnect`, group, type);
  scalingRules(report, `${path}.scaling`, group);
  networkRules(report, group, path);
  serviceRules(report, job, group, name);
  sidecarTaskRules(report, group, path);
  if (group.vault !== undefined) vaultRules(report, `${path}.vault`, group.vault);
  const canaries = update?.value.canary ?? 0;
  for (const [volume, request] of Object.entries(group.volumes ?? {})) {
    volumeRules(report, `${path}.volumes.${volume}`, request, group, canaries, type);
  }
  tasksRules(report, path, job, group, type, update);
  if (update !== undefined) deadlineRules(report, name, group, update);
}

function countRules(report: Report, path: string, group: Group, type: JobType): void {
  report.wholeNumber(`${path}.count`, group.count, 0);
  const count = group.count ?? group.scaling?.min ?? 1;
  if (!isKnownNumber(count) || count <= 1 || (type !== "system" && type !== "sysbatch")) return;
  const fix = "remove it: it runs on every node";
  const rule = `must be at most 1 on a ${type} job`;
  if (type === "system") report.error(`${path}.count`, rule, count, fix);
  else report.lint("without-effect", `${path}.count`, rule, count, fix);
}

function policyRules(report: Report, path: string, job: Job, group: Group, type: JobType): Merged<Update> | undefined {
  const update = merged("update", path, job.update, group.update);
  if (update !== undefined) {
    updateRules(report, update, type);
    parallelRule(report, update, group);
  }
  const reschedule = merged("reschedule", path, job.reschedule, group.reschedule);
  if (reschedule !== undefined) rescheduleRules(report, reschedule, type);
  const migrate = merged("migrate", path, job.migrate, group.migrate);
  if (migrate !== undefined) migrateRules(report, migrate, type);
  return update;
}

function parallelRule(report: Report, { value, at }: Merged<Update>, { count = 1 }: Group): void {
  const { maxParallel = 1 } = value;
  if (!isKnownNumber(count) || count < 2 || maxParallel <= count) return;
  const rule = `replaces all ${count} allocations of a group at once`;
  report.lint("update-parallel", at("maxParallel"), rule, maxParallel, "lower it");
}

function tasksRules(
  report: Report,
  path: string,
  job: Job,
  group: Group,
  type: JobType,
  update: Merged<Update> | undefined,
): void {
  const tasks = Object.entries(group.tasks);
  if (tasks.length === 0 && !hasGateway(group)) {
    report.error(`${path}.tasks`, "must hold at least one task", undefined, "add a task");
  }
  if (tasks.filter(([, task]) => task.leader === true).length > 1) {
    report.error(`${path}.tasks`, "must have at most one leader", undefined, "remove leader from the others");
  }
  if (tasks.length > 0 && tasks.every(([, task]) => task.lifecycle !== undefined)) {
    report.lint("no-main-task", `${path}.tasks`, "must hold a main task", undefined, "leave lifecycle out of one task");
  }
  // Services without an update block get Nomad's default one.
  const deadline = parsed(update?.value.progressDeadline) ?? 10 * minute;
  for (const [name, task] of tasks) {
    taskRules(report, { path: `${path}.tasks.${name}`, name, task, group, job, type, progressDeadline: deadline });
  }
}

/** Nomad adds the task of a gateway itself. */
function hasGateway(group: Group): boolean {
  return group.services?.some((service) => "connect" in service && service.connect?.gateway !== undefined) === true;
}

/** Checks that a deployment waits for must pass, and stay so for a while, before its deadline. */
function deadlineRules(report: Report, name: string, group: Group, { value, at }: Merged<Update>): void {
  if ((value.healthCheck ?? "checks") !== "checks") return;
  const slowest = Math.max(0, ...servicesOf(group, name).map(({ service }) => slowestCheck(service)));
  const minimum = parsed(value.minHealthyTime) ?? 10 * second;
  const deadline = parsed(value.healthyDeadline) ?? 5 * minute;
  if (slowest === 0 || deadline === 0 || slowest + minimum < deadline) return;
  report.lint(
    "slow-check",
    at("healthyDeadline"),
    `must leave time for a check every ${formatDuration(slowest)} and minHealthyTime (${formatDuration(minimum)})`,
    formatDuration(deadline),
    "raise healthyDeadline, or lower the interval of the check",
  );
}

function parsed(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseDuration(text);
}
