import type { Volume } from "../../../model/volume-types";
import type { AttachmentMode, CsiAccessMode, HostVolumeAccessMode, MountOptions, VolumeMount } from "../volume";

/** A volume that a construct makes beside the job. */
export interface MountableVolume {
  /** Id or name, as jobs name it. */
  readonly volumeName: string;
  readonly volume: Volume;
  /** Where it is made. Shape: `lab-jobs-east/Cache`. */
  readonly where: string;
}

/** A volume in a task: what the group asks for, and where the task sees it. */
export interface Mount extends Pick<VolumeMount, "destination" | "readOnly" | "propagationMode" | "selinuxLabel"> {
  /** Name of a volume of the region's storage, or of a host volume of the job's pool; or a volume made beside the job. */
  readonly volume: string | MountableVolume;
  /** Group of the job. */
  readonly group: string;
  /** Task of the group. */
  readonly task: string;
  /**
   * One that the volume has. A volume that is claimed in a reader-only mode has no writers, in any job, until its readers are gone.
   *
   * @default - the narrowest that the job's writers fit into; without any, one that leaves room for writers of other jobs
   */
  readonly accessMode?: CsiAccessMode | HostVolumeAccessMode;
  /** @default "file-system" */
  readonly attachmentMode?: AttachmentMode;
  /** CSI volumes as a file system. @default - the volume's */
  readonly mountOptions?: MountOptions;
  /**
   * Allocations come back to the machine of their directory. Dynamic host volumes only.
   *
   * @default - true for a service that writes a volume which several machines have
   */
  readonly sticky?: boolean;
}
