import type { EphemeralDisk } from "../group";
import type { JobType } from "../job";
import type { Resources } from "../resources";
import { parseMebibytes, parseMegahertz } from "../size";
import type { Logs } from "../task";
import { placementRules } from "./placement";
import { isKnownNumber, type Report } from "./report";

/**
 * What a task reserves.
 *
 * @param isSidecar - whether Nomad puts it on top of what the task of a proxy reserves by itself.
 */
export function resourceRules(
  report: Report,
  path: string,
  resources: Resources | undefined,
  type: JobType,
  isSidecar = false,
): void {
  if (resources === undefined) return;
  cpuRules(report, path, resources, isSidecar);
  report.mebibytes(`${path}.memory`, resources.memory, 10);
  const { memory = "300MiB", memoryMax, secrets } = resources;
  const reserved = parseMebibytes(memory) ?? 0;
  if (memoryMax !== undefined && memoryMax !== "unlimited") {
    report.mebibytes(`${path}.memoryMax`, memoryMax, 0);
    const most = parseMebibytes(memoryMax) ?? 0;
    if (most !== 0 && most < reserved) {
      report.error(`${path}.memoryMax`, `must be at least memory (${memory})`, memoryMax, "raise it");
    }
  }
  report.mebibytes(`${path}.secrets`, secrets, 0);
  if (secrets !== undefined && (parseMebibytes(secrets) ?? 0) > reserved) {
    report.error(`${path}.secrets`, `must be at most memory (${memory})`, secrets, "raise memory, or lower it");
  }
  resources.devices?.forEach((device, index) => {
    const at = `${path}.devices.${index}`;
    if (device.count === 0) report.lint("out-of-range", `${at}.count`, "must be at least 1", 0, "remove the device");
    else report.wholeNumber(`${at}.count`, device.count, 1);
    report.required(`${at}.name`, device.name, 'write type, vendor/type or vendor/type/model, as in "nvidia/gpu"');
    placementRules(report, `${at}.`, device, type, "device");
  });
}

function cpuRules(report: Report, path: string, resources: Resources, isSidecar: boolean): void {
  const { cpu, cores } = resources as { readonly cpu?: string; readonly cores?: number };
  if (cpu !== undefined) {
    const megahertz = parseMegahertz(cpu);
    if (megahertz === undefined || !Number.isInteger(megahertz) || (megahertz < 1 && (cores ?? 0) === 0)) {
      report.error(`${path}.cpu`, "must be a frequency of at least 1MHz in whole MHz, such as 500MHz", cpu);
    } else if (cores !== undefined && cores > 0 && megahertz > 0) {
      report.error(path, "must have cpu or cores, not both", undefined, "remove one of them");
    }
  }
  if (cores === undefined || !isKnownNumber(cores)) return;
  if (cores === 0 && cpu === undefined && !isSidecar) {
    report.error(`${path}.cores`, "must be at least 1 where cpu is not set", 0, "remove it, or raise it");
    return;
  }
  report.sensibleNumber(`${path}.cores`, cores, 1);
}

/** Logs must leave room on the group's disk, also where none are kept. */
export function logRules(report: Report, path: string, logs: Logs | undefined, disk: EphemeralDisk | undefined): void {
  report.wholeNumber(`${path}.maxFiles`, logs?.maxFiles, 1);
  report.mebibytes(`${path}.maxFileSize`, logs?.maxFileSize, 1);
  roomRule(report, path, logs?.maxFiles ?? 10, parseMebibytes(logs?.maxFileSize ?? "10MiB") ?? 0, disk);
}

/** Logs of a proxy: where it sets none, or 0, Nomad keeps its own 2 files of 2 MiB for it. */
export function sidecarLogRules(report: Report, path: string, logs: Logs, disk: EphemeralDisk | undefined): void {
  const { maxFiles = 10, maxFileSize = "10MiB" } = logs;
  report.sensibleNumber(`${path}.maxFiles`, logs.maxFiles, 1);
  report.mebibytes(`${path}.maxFileSize`, logs.maxFileSize, 0);
  const size = parseMebibytes(maxFileSize) ?? 0;
  roomRule(report, path, maxFiles > 0 || !isKnownNumber(maxFiles) ? maxFiles : 2, size > 0 ? size : 2, disk);
}

function roomRule(
  report: Report,
  path: string,
  files: number,
  fileSize: number,
  disk: EphemeralDisk | undefined,
): void {
  if (!isKnownNumber(files)) return;
  const size = files * fileSize;
  const room = parseMebibytes(disk?.size ?? "300MiB");
  if (room === undefined || size < room) return;
  report.error(
    path,
    `must fit the group's ephemeral disk of ${room} MiB`,
    `${size} MiB`,
    "raise ephemeralDisk.size, or keep fewer logs",
  );
}
