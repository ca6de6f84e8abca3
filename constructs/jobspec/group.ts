import type { Duration } from "./duration";
import type { Network } from "./network";
import type { Affinity, Constraint, Spread } from "./placement";
import type { Disconnect, Migrate, Reschedule, Restart, Update } from "./policies";
import type { Service } from "./service";
import type { Task } from "./task";

/** What volumes of either type have. @see https://developer.hashicorp.com/nomad/docs/job-specification/volume */
export interface VolumeOptions {
  /** Host volume name, or CSI volume id. */
  readonly source: string;
  /** @default false */
  readonly readOnly?: boolean;
  /** Each allocation has its own: `source` becomes `<source>[<index>]`. @default false */
  readonly perAlloc?: boolean;
}

/** A directory of the machine, by the name that the pool gives it. */
export interface HostVolume extends VolumeOptions {
  readonly type: "host";
  /** Stay on the node of the volume (dynamic host volumes, Nomad 1.10). Not with `perAlloc`. @default false */
  readonly sticky?: boolean;
  /** Nomad 1.10. @default - any */
  readonly accessMode?:
    "single-node-reader-only" | "single-node-writer" | "single-node-single-writer" | "single-node-multi-writer";
  /** Nomad 1.10. @default - file-system */
  readonly attachmentMode?: "file-system" | "block-device";
}

/** A volume of a CSI plugin. */
export interface CsiVolume extends VolumeOptions {
  readonly type: "csi";
  readonly accessMode:
    | "single-node-reader-only"
    | "single-node-writer"
    | "multi-node-reader-only"
    | "multi-node-single-writer"
    | "multi-node-multi-writer";
  readonly attachmentMode: "file-system" | "block-device";
  /** With file-system only. @default - the volume's */
  readonly mountOptions?: {
    /** @default - the volume's */
    readonly fsType?: string;
    /** @default [] */
    readonly mountFlags?: readonly string[];
  };
}

export type Volume = HostVolume | CsiVolume;

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/ephemeral_disk */
export interface EphemeralDisk {
  /** MiB, at least 10. @default 300 */
  readonly sizeMiB?: number;
  /** Prefer the node that has the data. @default false */
  readonly sticky?: boolean;
  /** Copy the data to the new node. @default false */
  readonly migrate?: boolean;
}

/**
 * Tasks that are placed together on one node.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/group
 */
export interface Group {
  /** By name, unique in the group; at least one. */
  readonly tasks: Readonly<Record<string, Task>>;
  /** Allocations of the group; 0 or 1 for system jobs. @default 1 */
  readonly count?: number;
  /** @default - the host's network, no ports */
  readonly network?: Network;
  /** @default [] */
  readonly services?: readonly Service[];
  /** Volumes that tasks may mount, by name. @default {} */
  readonly volumes?: Readonly<Record<string, Volume>>;
  /** @default - 300 MiB, not sticky */
  readonly ephemeralDisk?: EphemeralDisk;
  /** Wait between deregistering services and stopping tasks, so that callers can let go. @default "0s" */
  readonly shutdownDelay?: Duration;
  /** Batch and sysbatch only (Nomad 2.0). @default - no bound */
  readonly maxRunDuration?: Duration;
  /** @default {} */
  readonly meta?: Readonly<Record<string, string>>;
  /** @default [] */
  readonly constraints?: readonly Constraint[];
  /** @default [] */
  readonly affinities?: readonly Affinity[];
  /** @default [] */
  readonly spreads?: readonly Spread[];
  /** @default - by job type */
  readonly restart?: Restart;
  /** @default - the job's */
  readonly reschedule?: Reschedule;
  /** @default - the job's */
  readonly update?: Update;
  /** @default - the job's */
  readonly migrate?: Migrate;
  /** @default - a lost node's work moves at once */
  readonly disconnect?: Disconnect;
}
