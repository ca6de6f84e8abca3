import type { ExternalAccess, GlobalAccess } from "./access-types";
import type { AwsSite } from "./aws-types";
import type { Backups } from "./backup-types";
import type { GcpSite } from "./gcp-types";
import type { GpuDriver, MigPartition } from "./gpu-types";
import type { Caller, JoinMethod, LanHost, Metrics, PortRange, ServiceProtocol, Tailnet } from "./tailnet-types";
import type { RegionStorage } from "./volume-types";

/** Why something leaves the fleet. Removal is two steps: `retired` first, deletion of the line once it is applied. */
export interface Retirement {
  /** One sentence for the reviewer. */
  readonly reason: string;
  /**
   * Keep the machine's data (`data_dir`, host volumes) when the agent is removed.
   *
   * @default true
   */
  readonly keepData?: boolean;
}

/** One machine of an on-prem site. */
export interface Host {
  /** IPv4 address on the site's own network, inside one of its `networks`. */
  readonly address: string;
  /**
   * SSH host key. Shape: `ssh-ed25519 AAAA...`.
   *
   * @default - the key recorded in the public trust file (`./steppe trust host-key`)
   */
  readonly hostKey?: string;
  /** Takes the machine out of the fleet. @default - in service */
  readonly retired?: Retirement;
}

/** How Terraform reaches the machines of an on-prem site. Keys come from the SSH agent, never from configuration. */
export interface SshAccess {
  /** @default "root" */
  readonly user?: string;
  /** @default 22 */
  readonly port?: number;
}

/** A LAN of machines that exist already. */
export interface OnPremSite<PoolName extends string = string> {
  readonly platform: "onprem";
  /** IPv4 ranges of the site. Shape: `["192.168.10.0/24"]`. */
  readonly networks: readonly string[];
  readonly hosts: Readonly<Record<string, Host>>;
  /** Machines that run no tailscaled, which the tailnet reaches through subnet routers. @default {} */
  readonly lanHosts?: Readonly<Record<string, LanHost<PoolName>>>;
  /** @default - user root, port 22, keys from the SSH agent */
  readonly ssh?: SshAccess;
  /**
   * Where a machine's own volume is mounted; Nomad's `data_dir` and the tailnet identity live below it, so that a rebuilt
   * machine keeps name and address.
   *
   * @default "/var/lib"
   */
  readonly dataDirectory?: string;
  /** Where machines get nomad and tailscale from. @default - the vendors' package repositories */
  readonly install?: InstallSource;
  /** @default - in service */
  readonly retired?: Retirement;
}

export type Site<PoolName extends string = string> = OnPremSite<PoolName> | AwsSite | GcpSite;

/**
 * Where nomad and tailscale come from.
 *
 * - `repository`: the vendors' signed apt repositories, version pinned.
 * - `image`: already on the machine, at the fleet's version; checked, never downloaded.
 * - `mirror`: archives from a base URL of your own, checked against SHA-256 sums given here.
 */
export type InstallSource =
  | { readonly kind: "repository" }
  | { readonly kind: "image" }
  | {
      readonly kind: "mirror";
      /**
       * Shape: `https://mirror.example.com/steppe`; holds `nomad_<version>_linux_<arch>.zip` and `tailscale_<version>_<arch>.tgz`,
       * and for machines with GPUs what their pools' rules name.
       */
      readonly baseUrl: string;
      /** SHA-256 of each file, by file name. */
      readonly sha256: Readonly<Record<string, string>>;
    };

/** The Nomad servers of a region. On-prem: which hosts. AWS, GCP: how many, and of what size. */
export type Servers<HostName extends string = string> = { readonly hosts: readonly HostName[] } | CloudServers;

/** Servers that Steppe makes. */
export interface CloudServers {
  /** 1, 3 or 5. */
  readonly count: number;
  /**
   * Zone of each server, in order. A server cannot move, since its data is in its zone: where the site has fewer zones than
   * the region servers, name those that they have before a zone is added.
   *
   * @default - the site's zones in order, and the first again after the last
   */
  readonly zones?: readonly string[];
  /** Instance type, for example `m7i.large` or `n2-standard-2`. */
  readonly machineType: string;
  /** @default "amd64" */
  readonly architecture?: Architecture;
  /** Data volume, GiB: `data_dir` and the tailnet identity. It survives the machine. @default 40 */
  readonly dataVolumeGiB?: number;
  /** Machine image by id. @default - the site's */
  readonly image?: string;
  /** Destroying the stack destroys the data volumes too. @default - they are protected */
  readonly disposable?: Acknowledgement;
  /** Several servers in one zone fall together. @default - a warning */
  readonly oneZone?: Acknowledgement;
}

/** Something unusual that is meant. */
export interface Acknowledgement {
  /** One sentence for the reviewer. */
  readonly reason: string;
}

/** A Nomad region: one Raft group whose servers live in one site. */
export interface Region<SiteName extends string = string> {
  /** Home site: where the servers are. */
  readonly site: SiteName;
  readonly servers: Servers;
  /** How the servers join the tailnet. @default { kind: "auth-key" } */
  readonly join?: JoinMethod;
  /**
   * The region that owns ACL policies, namespaces and node pools, and replicates them. Exactly one.
   *
   * @default false
   */
  readonly authoritative?: boolean;
  /** Nomad datacenter of the region's machines. @default - the region's name */
  readonly datacenter?: string;
  /** Scheduler settings. @default - binpack, no memory oversubscription */
  readonly scheduler?: {
    /** @default "binpack" */
    readonly algorithm?: "binpack" | "spread";
    /** Allow `memory_max` above `memory`. @default false */
    readonly memoryOversubscription?: boolean;
  };
  /** AWS and Google Cloud: callers outside the tailnet reach Nomad's API. @default - only the tailnet does */
  readonly externalAccess?: ExternalAccess;
  /** Snapshots of the region's state. @default - none are taken */
  readonly backups?: Backups;
  /** CSI plugins and volumes. @default - none */
  readonly storage?: RegionStorage;
  /** @default - in service */
  readonly retired?: Retirement;
}

export type Architecture = "amd64" | "arm64";

/** A GPU given in full, for models that the catalogue does not know. */
export interface GpuSpec {
  /** Name as Nomad shows it, for example `NVIDIA H100 80GB HBM3`. */
  readonly model: string;
  /** Memory of one GPU, MiB. */
  readonly memoryMiB: number;
  /** GPU architecture, for example `hopper`. */
  readonly gpuArchitecture: string;
  /** Vendor as the device plugin says it: the first part of a device's name. @default "nvidia" */
  readonly vendor?: string;
  /** The GPU has no memory of its own; released device plugins cannot say how much it may use. @default false */
  readonly unifiedMemory?: boolean;
}

/** What one machine of a pool has. */
export interface Hardware {
  /** @default "amd64" */
  readonly architecture?: Architecture;
  /** Sum over cores, MHz. */
  readonly cpuMHz: number;
  /** Logical cores, for jobs that ask for whole ones. @default - not known */
  readonly cores?: number;
  readonly memoryMiB: number;
  /** Disk for allocations, on the file system of `data_dir`. @default - not known, taken to suffice for 10 GiB */
  readonly diskMiB?: number;
  /** @default - no GPU */
  readonly gpu?: {
    /** A model of the catalogue (`h100-80gb`) or one given in full. */
    readonly model: string | GpuSpec;
    /** GPUs per machine. */
    readonly count: number;
    /** How each of them is cut into slices. @default - jobs get whole GPUs */
    readonly mig?: MigPartition;
  };
}

/** A directory of the machine that jobs mount by name. */
export interface HostVolume {
  /** Absolute path on the machine; created by the bundle if absent. */
  readonly path: string;
  /** @default false */
  readonly readOnly?: boolean;
  /** Owner. Shape: `user:group` or `uid:gid`. @default "root:root" */
  readonly owner?: string;
  /** Octal mode. @default "0755" */
  readonly mode?: string;
}

/**
 * A network of the machines that ports of jobs may name as `hostNetwork`, next to `default` and `tailscale`, which every
 * machine has and which both are the tailnet.
 */
export type HostNetwork =
  | {
      /** Which of the machine's addresses belong to it. Shape: `192.168.10.0/24`. */
      readonly cidr: string;
      readonly interface?: never;
    }
  | {
      /** Its addresses are those of this network interface. Shape: `eth1`. */
      readonly interface: string;
      readonly cidr?: never;
    };

/** What a machine keeps for itself: Nomad gives it to no job. */
export interface ReservedResources {
  /** @default 0 */
  readonly cpuMHz?: number;
  /** @default 0 */
  readonly memoryMiB?: number;
  /** @default 0 */
  readonly diskMiB?: number;
  /** Ports that no job gets. Shape: `22,9100-9110`. @default - none */
  readonly ports?: string;
}

/** Task drivers by name. `podman` and `exec2` are plugins: Steppe installs neither, so the machine's image must have them. */
export type Driver = "docker" | "podman" | "exec" | "exec2" | "raw_exec" | "java" | "qemu";

/** For sites that lose contact: longer heartbeats are tolerated before work is moved. */
export interface EdgeProfile {
  /** How long a node may be out of contact before its work counts as lost, seconds. @default 3600 */
  readonly toleratedDisconnectSeconds?: number;
}

/** A set of like client machines in one site: one Nomad node pool. */
export interface Pool<SiteName extends string = string, RegionName extends string = string> {
  readonly region: RegionName;
  readonly site: SiteName;
  /** On-prem: the pool's machines. */
  readonly hosts?: readonly string[];
  /** AWS, GCP: how many machines. */
  readonly count?: number;
  /** GCP: zones that have its machine type; few have every GPU. @default - the site's */
  readonly zones?: readonly string[];
  /** AWS, GCP: instance type. */
  readonly machineType?: string;
  readonly hardware: Hardware;
  /** Who brings the driver of its GPUs. @default { kind: "image" } where there are some */
  readonly gpuDriver?: GpuDriver;
  /** One sentence, shown by Nomad. @default "" */
  readonly description?: string;
  /** Node meta. @default {} */
  readonly nodeMeta?: Readonly<Record<string, string>>;
  /** Nomad node class. @default - none */
  readonly nodeClass?: string;
  /** @default {} */
  readonly hostVolumes?: Readonly<Record<string, HostVolume>>;
  /**
   * Names of dynamic host volumes that are made here by other means; whether one is free is known to Nomad only.
   *
   * @default []
   */
  readonly dynamicHostVolumes?: readonly string[];
  /** Networks that jobs may put ports on, next to the tailnet. @default {} */
  readonly hostNetworks?: Readonly<Record<string, HostNetwork>>;
  /** What the machines keep for themselves. @default - nothing */
  readonly reserved?: ReservedResources;
  /** Task drivers that jobs here may use. @default ["docker", "exec"] */
  readonly drivers?: readonly Driver[];
  /**
   * What tasks of `exec` and `java` have of the machine: its paths, and where tasks find them. Nomad links or copies every
   * file of them for each allocation, so that few files start sooner.
   *
   * @default - Nomad's: /bin, /etc, /lib, /lib32, /lib64, /run/resolvconf, /sbin, /usr
   * @see https://developer.hashicorp.com/nomad/docs/configuration/client#chroot_env-parameters
   */
  readonly chrootEnv?: Readonly<Record<string, string>>;
  /**
   * Names of further task drivers that the machine's image brings, such as `containerd-driver`. Steppe neither installs nor
   * configures them.
   *
   * @default []
   */
  readonly driverPlugins?: readonly string[];
  /** Ids of the CSI plugins whose node part runs here. @default - not known, so that a volume may or may not be in reach */
  readonly csiPlugins?: readonly string[];
  /** Machines that the cloud may take back. @default false */
  readonly spot?: boolean;
  /** AWS, GCP: other instance types that will do as well, for capacity; each has the hardware that the pool names. @default [] */
  readonly alternativeTypes?: readonly string[];
  /** AWS: of a spot pool, how many machines are never spot. @default 0 */
  readonly onDemandBase?: number;
  /** AWS, GCP: machine image by id. @default - the site's */
  readonly image?: string;
  /** AWS, GCP: size of the machine's own disk, GiB. @default 100 */
  readonly rootVolumeGiB?: number;
  /** Tasks may ask the cloud's metadata service, and so act as the machine. @default - they may not */
  readonly taskMetadataAccess?: Acknowledgement;
  /** A machine that is gone leaves the tailnet by itself. @default - as `spot` */
  readonly ephemeral?: boolean;
  /** How its machines join the tailnet. @default { kind: "auth-key" } */
  readonly join?: JoinMethod;
  /**
   * Jobs here may keep their ephemeral disk when they move (`migrate`): the machines then reach each other's agents (4646).
   *
   * @default false
   */
  readonly migratesDisks?: boolean;
  /** @default - a site with steady contact */
  readonly edge?: EdgeProfile;
  /** Scheduling algorithm of this pool alone (Nomad Enterprise). @default - the region's */
  readonly schedulerAlgorithm?: "binpack" | "spread";
  /**
   * Drain deadline on shutdown, seconds. A cloud ends its machines when their time is over, whatever it says.
   *
   * @default 120; spot 90, of the two minutes that AWS gives. Google Cloud: 75 of 90, spot 20 of 30
   */
  readonly drainSeconds?: number;
  /** @default - in service */
  readonly retired?: Retirement;
}

/** A named endpoint of a workload. Declared here because it opens the tailnet. */
export interface Service<PoolName extends string = string> {
  /**
   * Static port, or a range of them (`"18000-18999"`) for a program that takes several; `"dynamic"` opens Nomad's dynamic
   * range (20000-32000) from the callers to the pools.
   */
  readonly port: number | PortRange | "dynamic";
  /** @default "tcp" */
  readonly protocol?: ServiceProtocol;
  /** Pools whose machines may run it. */
  readonly pools: readonly PoolName[];
  readonly callers: readonly Caller<PoolName>[];
}

/** A Nomad namespace, replicated to every region. */
export interface Namespace {
  /** @default "" */
  readonly description?: string;
  /** @default - all drivers */
  readonly enabledTaskDrivers?: readonly Driver[];
}

/** A CSI volume that jobs may name. */
export interface CsiVolumeFacts {
  /** Id of the plugin that serves it. */
  readonly plugin: string;
}

/** Where the state of each stack lives. Every kind locks. */
export type Backend =
  | {
      readonly kind: "local";
      /** Directory, relative to the project. @default "state" */
      readonly directory?: string;
    }
  | {
      readonly kind: "s3";
      readonly bucket: string;
      readonly region: string;
      /** @default - the fleet's name */ readonly prefix?: string;
    }
  | { readonly kind: "gcs"; readonly bucket: string; /** @default - the fleet's name */ readonly prefix?: string };

/** Versions of what runs on the machines. */
export interface FleetVersions {
  /** Shape: `2.0.5`. @default - the newest that Steppe knows */
  readonly nomad?: string;
  /** @default - the newest that Steppe knows */
  readonly tailscale?: string;
  /** Which Nomad the machines run; Enterprise features are refused otherwise. @default "community" */
  readonly edition?: "community" | "enterprise";
}

/** A finding of the review that is meant. */
export interface AcceptedFinding extends Acknowledgement {
  /** Its id, or a whole domain. Shape: `data/volume-destroyed`, `data`. */
  readonly finding: string;
  /** Of this resource alone. Shape: `aws_ebs_volume.data`, `pools.h100`. @default - wherever it is found */
  readonly resource?: string;
}

/** Everything one team runs, as it is written in `fleets/<name>.ts`. */
export interface Fleet<
  SiteName extends string = string,
  RegionName extends string = string,
  PoolName extends string = string,
> {
  readonly name: string;
  readonly tailnet: Tailnet;
  readonly backend: Backend;
  /** @default - the newest known */
  readonly versions?: FleetVersions;
  readonly sites: Readonly<Record<SiteName, Site<PoolName>>>;
  readonly regions: Readonly<Record<RegionName, Region<SiteName>>>;
  readonly pools: Readonly<Record<PoolName, Pool<SiteName, RegionName>>>;
  /** @default {} */
  readonly services?: Readonly<Record<string, Service<PoolName>>>;
  /** Who collects metrics. @default - nobody */
  readonly metrics?: Metrics<PoolName>;
  /** Namespaces next to `default`. @default {} */
  readonly namespaces?: Readonly<Record<string, Namespace>>;
  /** CSI volumes by id, in every region. A job that mounts another is left to Nomad. @default {} */
  readonly csiVolumes?: Readonly<Record<string, CsiVolumeFacts>>;
  /** One name for the regions on AWS with external access. @default - each has its own */
  readonly globalAccess?: GlobalAccess<RegionName>;
  /** Findings of `./steppe review` that are meant. Lines stay until what they allow is applied. @default - none */
  readonly review?: { readonly accepted: readonly AcceptedFinding[] };
}
