import type { Fleet } from "../../../model/types";
import type { VolumeAccessMode, VolumeAttachmentMode } from "../../../model/volume-types";
import type { Group } from "../group";
import type { Job } from "../job";
import type { Volume } from "../volume";
import { type Demand, demandOf } from "./demand";

/** What a group asks of a volume, by a block of its own or by mounts. */
export interface Ask {
  /** Shape: `groups.db.volumes.data`, `mounts.0`. */
  readonly path: string;
  /** Property below `path` that names the volume. */
  readonly nameAt: "source" | "volume";
  readonly readOnly: boolean;
  readonly perAlloc: boolean;
  readonly sticky: boolean;
  readonly demand: Demand;
  /** As it is written, or as Nomad takes it where nothing is. */
  readonly accessMode?: VolumeAccessMode;
  readonly attachmentMode: VolumeAttachmentMode;
}

/** What a volume block asks. */
export function askOf(path: string, volume: Volume, job: Job, groupName: string, group: Group, fleet: Fleet): Ask {
  const { readOnly = false } = volume;
  return {
    path,
    nameAt: "source",
    readOnly,
    perAlloc: volume.perAlloc === true,
    sticky: (volume as { readonly sticky?: boolean }).sticky === true,
    demand: demandOf(job, groupName, group, fleet),
    accessMode: volume.accessMode ?? (readOnly ? "single-node-reader-only" : "single-node-writer"),
    attachmentMode: volume.attachmentMode ?? "file-system",
  };
}
