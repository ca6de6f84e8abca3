/** @see https://developer.hashicorp.com/nomad/docs/job-specification/volume#access_mode */
export type HostVolumeAccessMode =
  "single-node-reader-only" | "single-node-writer" | "single-node-single-writer" | "single-node-multi-writer";

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/volume#access_mode */
export type CsiAccessMode =
  | "single-node-reader-only"
  | "single-node-writer"
  | "multi-node-reader-only"
  | "multi-node-single-writer"
  | "multi-node-multi-writer";

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/volume#attachment_mode */
export type AttachmentMode = "file-system" | "block-device";

/** What volumes of either type have. @see https://developer.hashicorp.com/nomad/docs/job-specification/volume */
export interface VolumeOptions {
  /** Host volume name, or CSI volume id. */
  readonly source: string;
  /** Mount it read-only. @default false */
  readonly readOnly?: boolean;
}

/** What host volumes have. */
export interface HostVolumeOptions extends VolumeOptions {
  /** A directory of the machine. */
  readonly type: "host";
  /** Since Nomad 1.10. @default - any */
  readonly accessMode?: HostVolumeAccessMode;
  /** Since Nomad 1.10. @default - file-system */
  readonly attachmentMode?: AttachmentMode;
}

/** A directory of the machine, by the name that the pool gives it. */
export type HostVolume = HostVolumeOptions &
  (
    | {
        /** Each allocation has its own: `source` becomes `<source>[<index>]`. @default false */
        readonly perAlloc?: boolean;
        readonly sticky?: never;
      }
    | {
        /** Stay on the node of the volume (dynamic host volumes). Since Nomad 1.10. @default false */
        readonly sticky?: boolean;
        readonly perAlloc?: never;
      }
  );

/** How a CSI volume is mounted; of access by file system only. */
export interface MountOptions {
  /** File system. Shape: `ext4`. @default - the volume's */
  readonly fsType?: string;
  /** Shape: `["noatime"]`. @default [] */
  readonly mountFlags?: readonly string[];
}

/** A volume of a CSI plugin. */
export interface CsiVolume extends VolumeOptions {
  /** A volume of a CSI plugin. */
  readonly type: "csi";
  /** How many nodes may use it, and how. */
  readonly accessMode: CsiAccessMode;
  /** As a file system, or as a block device. */
  readonly attachmentMode: AttachmentMode;
  /** Each allocation has its own: `source` becomes `<source>[<index>]`. @default false */
  readonly perAlloc?: boolean;
  /** With file-system only. @default - the volume's */
  readonly mountOptions?: MountOptions;
}

export type Volume = HostVolume | CsiVolume;

/**
 * Where a task sees a volume of its group.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/volume_mount
 */
export interface VolumeMount {
  /** Name of a volume of the group. */
  readonly volume: string;
  /** Absolute path in the task. */
  readonly destination: string;
  /** Mount it read-only. @default false */
  readonly readOnly?: boolean;
  /** Whether mounts made inside are seen outside, and the other way round. @default "private" */
  readonly propagationMode?: "private" | "host-to-task" | "bidirectional";
  /** Shared (`z`) or private (`Z`) SELinux label. Since Nomad 1.8. @default - none */
  readonly selinuxLabel?: "z" | "Z";
}
