import type { VolumeAccessMode } from "../../../model/volume-types";

/** What the groups of a job together ask of one volume. */
export interface Use {
  /** Allocations that write, canaries not counted. */
  readonly writers: number;
  readonly readers: number;
  /** Canaries of them all. */
  readonly canaries: number;
}

/**
 * Whether Nomad lets all allocations of a job have a CSI volume in a mode. The volume keeps the mode of its first claim until the last
 * one is gone: one for a single node is one claim, and a reader's shuts out writers.
 *
 * @see https://github.com/hashicorp/nomad/blob/v1.11.3/nomad/structs/csi.go `HasFreeWriteClaims`
 */
export function csiModeAllows(mode: VolumeAccessMode, { writers, readers, canaries }: Use): boolean {
  const all = writers + readers + canaries;
  switch (mode) {
    case "single-node-reader-only":
      return writers === 0 && all <= 1;
    case "single-node-writer":
      return all <= 1;
    case "multi-node-reader-only":
      return writers === 0;
    case "multi-node-single-writer":
      return writers === 0 || writers + canaries <= 1;
    case "multi-node-multi-writer":
      return true;
    case "single-node-single-writer":
    case "single-node-multi-writer":
      // Of host volumes.
      return false;
  }
}

/**
 * Whether Nomad's scheduler lets all allocations of a job have a dynamic host volume in a mode.
 *
 * @param machines - how many have the volume, each its own.
 * @see https://github.com/hashicorp/nomad/blob/v1.11.3/scheduler/feasible/feasible.go `hostVolumeIsAvailable`
 */
export function hostModeAllows(mode: VolumeAccessMode, { writers, readers, canaries }: Use, machines: number): boolean {
  switch (mode) {
    case "single-node-reader-only":
      return writers === 0;
    case "single-node-writer":
      return readers === 0;
    case "single-node-single-writer":
      return writers === 0 || (readers === 0 && writers + canaries <= machines);
    case "single-node-multi-writer":
      return true;
    case "multi-node-reader-only":
    case "multi-node-single-writer":
    case "multi-node-multi-writer":
      return false;
  }
}

/** Modes in the order of preference where somebody writes: the narrowest first, since it guards the data. */
const WRITING: readonly VolumeAccessMode[] = [
  "single-node-single-writer",
  "single-node-writer",
  "single-node-multi-writer",
  "multi-node-single-writer",
  "multi-node-multi-writer",
];

/** The same where all only read: first what leaves room for writers of other jobs. */
const READING: readonly VolumeAccessMode[] = [
  "multi-node-multi-writer",
  "multi-node-single-writer",
  "multi-node-reader-only",
  "single-node-multi-writer",
  "single-node-reader-only",
  "single-node-single-writer",
  "single-node-writer",
];

/** The mode to ask for: the first by preference of those that allow the use. */
export function chooseMode(
  modes: readonly VolumeAccessMode[],
  { writers }: Use,
  allows: (mode: VolumeAccessMode) => boolean,
): VolumeAccessMode | undefined {
  return (writers > 0 ? WRITING : READING).find((mode) => modes.includes(mode) && allows(mode));
}

/** Whether anybody can write in a mode. */
export function writes(mode: VolumeAccessMode): boolean {
  return !mode.endsWith("-reader-only");
}
