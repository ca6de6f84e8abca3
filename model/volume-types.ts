import type { CsiDriver } from "./csi-driver";
import type { Acknowledgement } from "./types";

/**
 * How many nodes may use a volume at a time, and how.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/volume#access_mode
 */
export type VolumeAccessMode =
  | "single-node-reader-only"
  | "single-node-writer"
  | "single-node-single-writer"
  | "single-node-multi-writer"
  | "multi-node-reader-only"
  | "multi-node-single-writer"
  | "multi-node-multi-writer";

/** As a directory, or as a device. */
export type VolumeAttachmentMode = "file-system" | "block-device";

/** One way in which a volume can be used. */
export interface VolumeCapability {
  readonly accessMode: VolumeAccessMode;
  /** @default "file-system" */
  readonly attachmentMode?: VolumeAttachmentMode;
}

/** What a region's jobs keep their data on: CSI plugins, and volumes. Volumes of a pool's own machines are `hostVolumes`. */
export interface RegionStorage<PoolName extends string = string> {
  /** CSI plugins by id, as volumes name them. @default {} */
  readonly plugins?: Readonly<Record<string, CsiPlugin<PoolName>>>;
  /** Volumes by id, as jobs name them. @default {} */
  readonly volumes?: Readonly<Record<string, Volume<PoolName>>>;
}

/** A CSI driver that runs in a region. */
export interface CsiPlugin<PoolName extends string = string> {
  readonly driver: CsiDriver;
  /** Pools whose machines mount its volumes; all of the plugin's region. */
  readonly pools: readonly PoolName[];
  /** Pool that the controllers run in. @default - the first of `pools` */
  readonly controllerPool?: PoolName;
  /** How many controllers; one does the work. @default 2; 1 in a pool of one machine */
  readonly controllers?: number;
  /** Takes the plugin out, once no volume names it. @default - in service */
  readonly retired?: Acknowledgement;
}

/** A volume that Steppe makes, registers or looks after. */
export type Volume<PoolName extends string = string> =
  CreatedVolume | RegisteredVolume | NfsVolume | DynamicHostVolume<PoolName>;

/** What every volume has. */
interface VolumeBase {
  /** Name for people. @default - the volume's id */
  readonly name?: string;
  /** Namespace of the jobs that mount it. @default "default" */
  readonly namespace?: string;
  /**
   * Volumes of the same kind, one for each allocation of a group that mounts it: `<id>[0]`, `<id>[1]`, ….
   *
   * @default - one volume, under its own id
   */
  readonly perAlloc?: number;
  /**
   * Takes the volume out; the line can be deleted once this is applied. What was registered is deregistered. What was made stays
   * in Nomad with its data, out of Terraform's hands, unless it is `disposable`, which destroys both.
   *
   * @default - in service
   */
  readonly retired?: Acknowledgement;
}

/** What volumes have whose destruction loses data. */
interface MadeVolume {
  /** Volume and data may be destroyed. Otherwise a plan that would destroy them fails. @default - kept */
  readonly disposable?: Acknowledgement;
}

/** How a file system is mounted. */
export interface VolumeMountOptions {
  /** Shape: `ext4`. @default - the driver's */
  readonly fsType?: string;
  /** Shape: `["noatime"]`. @default [] */
  readonly mountFlags?: readonly string[];
}

/** What volumes of a CSI plugin have. */
interface PluginVolume extends VolumeBase {
  /** Id of a plugin of the region. */
  readonly plugin: string;
  /** In which ways jobs may use it; at least one, and the driver must be able to. */
  readonly capabilities: readonly VolumeCapability[];
  /** With `file-system` only. @default - the driver's */
  readonly mountOptions?: VolumeMountOptions;
  /** Where it must be reachable from, as the driver says it. Shape: `[{ "topology.ebs.csi.aws.com/zone": "eu-central-1a" }]`. @default - anywhere */
  readonly requiredTopologies?: readonly Readonly<Record<string, string>>[];
}

/** A volume that the plugin makes. */
export interface CreatedVolume extends PluginVolume, MadeVolume {
  readonly kind: "created";
  /**
   * What the storage calls it. A driver takes a volume that is there under this name for the same one.
   *
   * @default - `<fleet>-csi-<region>-<id>`; with `perAlloc` the index comes behind the name
   */
  readonly name?: string;
  /** Smallest size, GiB. */
  readonly capacityMinGiB: number;
  /** Largest size, GiB. @default - as the driver likes */
  readonly capacityMaxGiB?: number;
  /** The driver's own settings. Shape: `{ type: "gp3" }`. @default {} */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Where it may rather be. @default - anywhere */
  readonly preferredTopologies?: readonly Readonly<Record<string, string>>[];
  /** Begins with the contents of a snapshot, by the storage's own id. @default - empty */
  readonly snapshotId?: string;
  /** Begins with the contents of another volume of the plugin, by its id in Nomad. @default - empty */
  readonly cloneId?: string;
}

/** A disk, share or data set that exists, which Nomad is told of. */
export interface RegisteredVolume extends PluginVolume {
  readonly kind: "registered";
  /** What the storage calls it. Shape: `vol-0123456789abcdef0`. With `perAlloc` each has the index behind it: `…[0]`. */
  readonly externalId: string;
  /** What the driver must know to mount it. Shape: `{ node_attach_driver: "iscsi", portal: "10.20.2.5:3260" }`. @default {} */
  readonly context?: Readonly<Record<string, string>>;
  /** The driver's own settings. @default {} */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** A directory of an NFS server, through a plugin that mounts NFS. */
export interface NfsVolume extends VolumeBase {
  readonly kind: "nfs";
  /** Id of a plugin of the region whose driver mounts NFS. */
  readonly plugin: string;
  /** Name of a LAN host of the fleet, whose address is used, or an address or host name. */
  readonly server: string;
  /** Exported directory. Shape: `/mnt/pool0/share/hf-cache`. */
  readonly share: string;
  /** Directory below `share`. @default - the share itself */
  readonly subdirectory?: string;
  /** One. @default - readers and writers on many nodes */
  readonly capabilities?: readonly VolumeCapability[];
  /** @default ["nfsvers=4.1", "hard", "noatime"] */
  readonly mountFlags?: readonly string[];
}

/** Directories that Nomad makes on machines of a pool, each for the job that comes there. Since Nomad 1.10. */
export interface DynamicHostVolume<PoolName extends string = string> extends VolumeBase, MadeVolume {
  readonly kind: "dynamic-host";
  readonly pool: PoolName;
  /** Machines that get one, each its own. @default 1 */
  readonly machines?: number;
  readonly perAlloc?: never;
  /** @default - one machine, several writers */
  readonly capabilities?: readonly VolumeCapability[];
  /** Owner of the directory, by number. @default 0 */
  readonly uid?: number;
  /** Group of the directory, by number. @default 0 */
  readonly gid?: number;
  /** Octal mode. @default "0700" */
  readonly mode?: string;
}
