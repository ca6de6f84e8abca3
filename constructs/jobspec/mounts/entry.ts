import type { VolumeAccessMode } from "../../../model/volume-types";
import type { Job } from "../job";
import type { Constraint } from "../placement";
import type { Report } from "../rules/report";
import type { CsiAccessMode, HostVolumeAccessMode, Volume, VolumeMount } from "../volume";
import type { Way } from "./choose";
import type { FoundVolume } from "./found";
import type { Mount } from "./mount";
import type { Place } from "./places";

/** Name of a group's volume: the volume's own, in letters that every tool takes. */
export function entryName(volume: string): string {
  return volume.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/-$/, "");
}

/** What a group asks of a volume of Nomad. */
export function entry(
  report: Report,
  { type = "service" }: Job,
  { path, mount }: Place,
  { volume, name: source, where }: FoundVolume,
  { accessMode, attachmentMode }: Way,
  readOnly: boolean,
): Volume {
  const shared = { source, ...(readOnly ? { readOnly } : {}), attachmentMode };
  if (volume.kind === "dynamic-host") {
    if (mount.mountOptions !== undefined) {
      const rule = `is for CSI volumes: ${where} is a directory, which is mounted as it is`;
      report.error(`${path}.mountOptions`, rule, undefined, "remove it");
    }
    const sticky = mount.sticky ?? (type === "service" && !readOnly && (volume.machines ?? 1) > 1);
    const mode = accessMode as Extract<VolumeAccessMode, HostVolumeAccessMode>;
    return { type: "host", ...shared, accessMode: mode, ...(sticky ? { sticky } : {}) };
  }
  const isBlock = attachmentMode === "block-device";
  if (mount.mountOptions !== undefined && isBlock) {
    const rule = "must not be set for a block device, which has no file system for Nomad";
    report.error(`${path}.mountOptions`, rule, undefined, "remove it");
  }
  return {
    type: "csi",
    ...shared,
    accessMode: accessMode as Extract<VolumeAccessMode, CsiAccessMode>,
    ...(volume.perAlloc === undefined ? {} : { perAlloc: true }),
    ...(mount.mountOptions === undefined || isBlock ? {} : { mountOptions: mount.mountOptions }),
  };
}

/** Where a task sees it. */
export function taskMount(
  volume: string,
  { destination, readOnly, propagationMode, selinuxLabel }: Mount,
): VolumeMount {
  return {
    volume,
    destination,
    ...(readOnly === undefined ? {} : { readOnly }),
    ...(propagationMode === undefined ? {} : { propagationMode }),
    ...(selinuxLabel === undefined ? {} : { selinuxLabel }),
  };
}

/** Machines of the pools that have all of a group's volumes. */
export function poolConstraint(report: Report, places: readonly Place[]): Constraint | undefined {
  const [first, ...rest] = places;
  if (first === undefined) return undefined;
  const pools = rest.reduce(
    (left, { found }) => left.filter((pool) => found.pools.includes(pool)),
    [...first.found.pools],
  );
  const [one] = pools;
  if (one === undefined) {
    const having = places.map(({ path, found }) => `${path} (${found.where}) in ${found.pools.join(", ") || "none"}`);
    const rule = `has no pool in common with the group's other volumes: ${having.join("; ")}`;
    report.error(`${first.path}.volume`, rule, first.found.name, "put them within reach of one pool");
    return undefined;
  }
  return pools.length === 1
    ? { attribute: "${node.pool}", value: one }
    : { attribute: "${node.pool}", operator: "set_contains_any", value: pools.join(",") };
}
