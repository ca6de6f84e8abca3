import type { EphemeralDisk } from "../group";
import type { JobType } from "../job";
import type { Resources } from "../resources";
import { parseMebibytes, parseMegahertz } from "../size";
import type { Logs } from "../task";
import { placementRules } from "./placement";
import { isKnownNumber, type Report } from "./report";

/** What a task reserves. */
export function resourceRules(report: Report, path: string, resources: Resources | undefined, type: JobType): void {
  if (resources === undefined) return;
  cpuRules(report, path, resources);
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
    report.sensibleNumber(`${at}.count`, device.count, 1);
    report.required(`${at}.name`, device.name, 'write type, vendor/type or vendor/type/model, as in "nvidia/gpu"');
    placementRules(report, `${at}.`, device, type, "device");
  });
}

function cpuRules(report: Report, path: string, resources: Resources): void {
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
  if (cores === 0 && cpu === undefined) return;
  report.sensibleNumber(`${path}.cores`, cores, 1);
}

/** Logs must leave room on the group's disk, also where none are kept. */
export function logRules(report: Report, path: string, logs: Logs | undefined, disk: EphemeralDisk | undefined): void {
  report.wholeNumber(`${path}.maxFiles`, logs?.maxFiles, 1);
  report.mebibytes(`${path}.maxFileSize`, logs?.maxFileSize, 1);
  const files = logs?.maxFiles ?? 10;
  if (!isKnownNumber(files)) return;
  const size = files * (parseMebibytes(logs?.maxFileSize ?? "10MiB") ?? 0);
  const room = parseMebibytes(disk?.size ?? "300MiB");
  if (room === undefined || size < room) return;
  report.error(
    path,
    `must fit the group's ephemeral disk of ${room} MiB`,
    `${size} MiB`,
    "raise ephemeralDisk.size, or keep fewer logs",
  );
}
