import type { Problem } from "../core/problems";
import type { Group } from "./group";
import type { Volume } from "./volume";
import type { Job, JobType } from "./job";
import { placementRules } from "./rules/placement";
import {
  batchRules,
  disconnectRules,
  migrateRules,
  rescheduleRules,
  restartRules,
  updateRules,
} from "./rules/policies";
import { isKnown, isKnownNumber, Report } from "./rules/report";
import { networkRules, serviceRules } from "./rules/discovery";
import { taskRules } from "./rules/tasks";

/**
 * Finds everything wrong with a job that can be told without a cluster: what the server would refuse, what it would
 * silently misread, and what is known to go wrong later. Whether the fleet can run it is {@link jobFitsFleet}'s question.
 *
 * @returns all problems at once, paths relative to the job.
 */
export function validateJob(job: Job): readonly Problem[] {
  const report = new Report();
  const type = job.type ?? "service";
  if (job.id === "" || (isKnown(job.id) && /[\s\0]/.test(job.id))) {
    report.error("id", "must not be empty or hold spaces", job.id, "rename the job");
  }
  report.matches(
    "namespace",
    job.namespace,
    /^[a-zA-Z0-9-]{1,128}$/,
    "must be letters, digits and dashes, at most 128 characters",
  );
  report.matches(
    "nodePool",
    job.nodePool,
    /^[a-zA-Z0-9-_]{1,128}$/,
    "must be letters, digits, - and _, at most 128 characters",
  );
  if (job.nodePool === "all") report.error("nodePool", "must not be all", "all", "name one pool");
  report.wholeNumber("priority", job.priority, 1, 32_766);
  if (job.datacenters?.length === 0 || job.datacenters?.includes("") === true) {
    report.error("datacenters", "must not be empty", job.datacenters, "leave it out for all datacenters");
  }
  placementRules(report, "", job, type, "job");
  updateRules(report, "update", job.update, type);
  rescheduleRules(report, "reschedule", job.reschedule, type);
  migrateRules(report, "migrate", job.migrate, type);
  batchRules(report, job, type);
  const groups = Object.entries(job.groups);
  if (groups.length === 0) report.error("groups", "must hold at least one group", undefined, "add a group");
  for (const [name, group] of groups) groupRules(report, `groups.${name}`, name, group, type);
  return report.problems;
}

function groupRules(report: Report, path: string, name: string, group: Group, type: JobType): void {
  if (name === "") report.error(path, "must have a name");
  report.wholeNumber(`${path}.count`, group.count, 0, 50_000);
  if ((type === "system" || type === "sysbatch") && group.count !== undefined && group.count > 1) {
    report.error(
      `${path}.count`,
      `must be at most 1 on a ${type} job`,
      group.count,
      "remove it: it runs on every node",
    );
  }
  report.duration(`${path}.shutdownDelay`, group.shutdownDelay);
  report.duration(`${path}.maxRunDuration`, group.maxRunDuration);
  if (group.maxRunDuration !== undefined && type !== "batch" && type !== "sysbatch") {
    report.error(`${path}.maxRunDuration`, `must not be set on a ${type} job`, group.maxRunDuration, "remove it");
  }
  report.mebibytes(`${path}.ephemeralDisk.size`, group.ephemeralDisk?.size, 10);
  placementRules(report, `${path}.`, group, type, "group");
  restartRules(report, `${path}.restart`, group.restart, type);
  rescheduleRules(report, `${path}.reschedule`, group.reschedule, type);
  updateRules(report, `${path}.update`, group.update, type);
  migrateRules(report, `${path}.migrate`, group.migrate, type);
  disconnectRules(report, `${path}.disconnect`, group, type);
  networkRules(report, path, group);
  serviceRules(report, path, group);
  for (const [volume, request] of Object.entries(group.volumes ?? {})) {
    volumeRules(report, `${path}.volumes.${volume}`, request, group, type);
  }
  const tasks = Object.entries(group.tasks);
  if (tasks.length === 0) report.error(`${path}.tasks`, "must hold at least one task", undefined, "add a task");
  if (tasks.filter(([, task]) => task.leader === true).length > 1) {
    report.error(`${path}.tasks`, "must have at most one leader", undefined, "remove leader from the others");
  }
  if (tasks.length > 0 && tasks.every(([, task]) => task.lifecycle !== undefined)) {
    report.error(`${path}.tasks`, "must hold a main task", undefined, "leave lifecycle out of one task");
  }
  for (const [task, options] of tasks) taskRules(report, `${path}.tasks.${task}`, task, options, group, type);
}

function volumeRules(report: Report, path: string, volume: Volume, group: Group, type: JobType): void {
  if (volume.source === "" || /\s/.test(volume.source)) {
    report.error(`${path}.source`, "must not be empty or hold spaces", volume.source);
  }
  const isSystem = type === "system" || type === "sysbatch";
  if (volume.perAlloc === true && (isSystem || (group.update?.canary ?? 0) > 0)) {
    report.error(
      `${path}.perAlloc`,
      "must not be used with system jobs or canaries",
      true,
      "remove perAlloc, or the canaries",
    );
  }
  const { accessMode } = volume;
  if (accessMode?.endsWith("-reader-only") === true && volume.readOnly !== true) {
    report.error(`${path}.readOnly`, `must be true with ${accessMode}`, volume.readOnly, "add readOnly: true");
  }
  const count = group.count ?? 1;
  const single = accessMode === "single-node-writer" || accessMode === "single-node-reader-only";
  if (volume.type === "csi" && single && isKnownNumber(count) && count > 1 && volume.perAlloc !== true) {
    report.error(
      `${path}.accessMode`,
      `cannot be shared by ${count} allocations`,
      accessMode,
      "use a multi-node mode, perAlloc: true, or count: 1",
    );
  }
  if (volume.type === "host" && volume.sticky === true && (volume.perAlloc as boolean | undefined) === true) {
    report.error(`${path}.sticky`, "must not be used with perAlloc", true, "remove one of them");
  }
}
