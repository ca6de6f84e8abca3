import type { Group } from "../group";
import type { JobType } from "../job";
import { canMount } from "../mounts/drivers";
import type { Task } from "../task";
import type { Volume } from "../volume";
import { isKnown, isKnownNumber, oneOf, type Report } from "./report";

const hostModes = ["single-node-reader-only", "single-node-writer", "single-node-single-writer"];
const csiModes = [
  "single-node-reader-only",
  "single-node-writer",
  "multi-node-reader-only",
  "multi-node-single-writer",
];

/** A volume that a group asks for. */
export function volumeRules(
  report: Report,
  path: string,
  volume: Volume,
  group: Group,
  canaries: number,
  type: JobType,
): void {
  report.sensibleValue(`${path}.type`, volume.type, ["host", "csi"]);
  report.required(`${path}.source`, volume.source, "name the volume");
  if (volume.perAlloc === true) {
    if (type === "system" || type === "sysbatch") {
      report.error(`${path}.perAlloc`, `must not be used on a ${type} job`, true, "remove it");
    }
    if (canaries > 0)
      report.error(`${path}.perAlloc`, "must not be used with canaries", true, "remove perAlloc or canary");
    if ((volume as { readonly sticky?: boolean }).sticky === true) {
      report.error(`${path}.sticky`, "must not be used with perAlloc", true, "remove one of them");
    }
  }
  if (volume.accessMode?.endsWith("-reader-only") === true && volume.readOnly !== true) {
    report.error(`${path}.readOnly`, `must be true with ${volume.accessMode}`, volume.readOnly, "add readOnly: true");
  }
  if (volume.type === "host") hostRules(report, path, volume);
  else if ((volume.type as string) === "csi") csiRules(report, path, volume, group);
}

function hostRules(report: Report, path: string, volume: Extract<Volume, { readonly type: "host" }>): void {
  if ((volume as { readonly mountOptions?: object }).mountOptions !== undefined) {
    report.error(`${path}.mountOptions`, "is of CSI volumes", undefined, "remove it");
  }
  report.oneOf(`${path}.accessMode`, volume.accessMode, [...hostModes, "single-node-multi-writer"]);
  report.sensibleValue(`${path}.attachmentMode`, volume.attachmentMode, ["file-system", "block-device"]);
}

function csiRules(report: Report, path: string, volume: Extract<Volume, { readonly type: "csi" }>, group: Group): void {
  report.required(`${path}.accessMode`, volume.accessMode, "name the mode that the volume has");
  report.required(`${path}.attachmentMode`, volume.attachmentMode, "name the mode that the volume has");
  if ((volume.accessMode as string) !== "") {
    report.sensibleValue(`${path}.accessMode`, volume.accessMode, [...csiModes, "multi-node-multi-writer"]);
  }
  if ((volume.attachmentMode as string) !== "") {
    report.sensibleValue(`${path}.attachmentMode`, volume.attachmentMode, ["file-system", "block-device"]);
  }
  if (volume.attachmentMode === "block-device" && volume.mountOptions !== undefined) {
    report.error(`${path}.mountOptions`, "must not be set for a block device", undefined, "remove it");
  }
  const count = group.count ?? group.scaling?.min ?? 1;
  const isSingle =
    volume.accessMode === "single-node-writer" ||
    volume.accessMode === "single-node-reader-only" ||
    (volume.accessMode === "multi-node-single-writer" && volume.readOnly !== true);
  if (!isSingle || !isKnownNumber(count) || count < 2 || volume.perAlloc === true) return;
  report.error(
    `${path}.accessMode`,
    `cannot be shared by ${count} allocations`,
    volume.accessMode,
    "use a mode for several, perAlloc: true, or count: 1",
  );
}

/** Where a task mounts its group's volumes. */
export function mountRules(report: Report, path: string, task: Task, group: Group): void {
  const volumes = group.volumes ?? {};
  if (task.volumeMounts !== undefined && task.volumeMounts.length > 0 && !canMount(task.driver)) {
    const rule = "cannot be mounted by this driver, which gives the task no file system of its own";
    const fix = "use docker, podman, exec or java";
    report.lint("driver-without-mounts", `${path}.volumeMounts`, rule, task.driver, fix);
  }
  task.volumeMounts?.forEach((mount, index) => {
    const at = `${path}.volumeMounts.${index}`;
    const volume = Object.hasOwn(volumes, mount.volume) ? volumes[mount.volume] : undefined;
    if (mount.volume === "") {
      report.needed(`${at}.volume`, mount.volume, oneOf(Object.keys(volumes)));
    } else if (volume === undefined && isKnown(mount.volume)) {
      const fix = oneOf(Object.keys(volumes), `add volumes: { ${mount.volume}: … } to the group`);
      report.error(`${at}.volume`, "must be a volume of the group", mount.volume, fix);
    }
    if (volume?.readOnly === true && mount.readOnly === false) {
      const rule = "cannot make a read-only volume writable";
      report.lint("without-effect", `${at}.readOnly`, rule, false, "remove it, or make the volume writable");
    }
    report.required(`${at}.destination`, mount.destination, "write a path in the task");
    report.oneOf(`${at}.propagationMode`, mount.propagationMode, ["private", "host-to-task", "bidirectional"]);
    report.oneOf(`${at}.selinuxLabel`, mount.selinuxLabel, ["z", "Z"]);
  });
}
