import type { VolumeAccessMode, VolumeCapability } from "../volume-types";

/** All of these, as a directory. */
export function fileSystem(...accessModes: readonly VolumeAccessMode[]): readonly VolumeCapability[] {
  return accessModes.map((accessMode) => ({ accessMode, attachmentMode: "file-system" }));
}

/** All of these, as a device. */
export function blockDevice(...accessModes: readonly VolumeAccessMode[]): readonly VolumeCapability[] {
  return accessModes.map((accessMode) => ({ accessMode, attachmentMode: "block-device" }));
}

/** Every access mode that Nomad has for CSI volumes. */
export const EVERY_ACCESS_MODE = [
  "single-node-reader-only",
  "single-node-writer",
  "multi-node-reader-only",
  "multi-node-single-writer",
  "multi-node-multi-writer",
] as const satisfies readonly VolumeAccessMode[];
