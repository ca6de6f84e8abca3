import type { Problem } from "../../constructs/core/problems";

/** One allocation's hold on a volume. */
export interface Claim {
  readonly allocation: string;
  /** @default - the volume's */
  readonly namespace: string;
  /** @default - Nomad has forgotten the allocation */
  readonly job?: string;
  readonly group?: string;
  /** Of the allocation in its group, from 0. */
  readonly index?: number;
  /** @default - not known */
  readonly nodeId?: string;
  readonly node?: string;
  /** @default - not known: Nomad does not say it of host volumes, nor the fleet of this job */
  readonly access?: "read" | "write";
  /** The allocation's client status. Shape: `running`. */
  readonly status?: string;
  /** When the allocation was made, ISO 8601. */
  readonly since?: string;
  /** When its allocation ended, ISO 8601. @default - it has not */
  readonly ended?: string;
  /** Why it will not be let go by itself. @default - it is held by what runs, or about to be freed */
  readonly stuck?: string;
}

/** A volume as a region's Nomad has it. */
export interface NomadVolume {
  readonly type: "csi" | "host";
  /** What jobs call it: the id of a CSI volume, the name of a host volume. */
  readonly id: string;
  /** Nomad's own id of a host volume. Shape: a UUID. @default - the same */
  readonly uuid?: string;
  readonly namespace: string;
  readonly plugin: string;
  readonly capacityBytes?: number;
  /** Shape: `single-node-writer file-system`. */
  readonly capabilities: readonly string[];
  /** Of a host volume. */
  readonly nodeId?: string;
  /** Of a host volume. Shape: `ready`, `unavailable`. */
  readonly state?: string;
  readonly claims: readonly Claim[];
}

/** Health of a CSI plugin. */
export interface PluginHealth {
  readonly id: string;
  readonly provider?: string;
  readonly needsController: boolean;
  readonly controllers: { readonly healthy: number; readonly expected: number };
  readonly nodes: { readonly healthy: number; readonly expected: number };
}

/** A node, as far as volumes go. */
export interface NomadNode {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly pool: string;
  /** Names of its static host volumes. */
  readonly hostVolumes: readonly string[];
}

/** What a region's Nomad has. */
export interface NomadStorage {
  readonly plugins: readonly PluginHealth[];
  readonly volumes: readonly NomadVolume[];
  readonly nodes: readonly NomadNode[];
}

/** A group of a synthesized job that is meant to mount a volume. */
export interface DeclaredMount {
  readonly job: string;
  readonly namespace: string;
  readonly group: string;
  readonly type: "csi" | "host";
  readonly volume: string;
  readonly access: "read" | "write";
}

/** What jobs of a region mount, as they were synthesized. */
export interface DeclaredMounts {
  readonly mounts: readonly DeclaredMount[];
  /** Jobs that are handed over as HCL: nothing is known of them. */
  readonly unread: readonly string[];
}

/** One volume: as the fleet has it, as Nomad has it, or both. */
export interface VolumeView {
  readonly id: string;
  readonly namespace: string;
  /** As the fleet says; `csi` or `host` for one that the fleet does not have. */
  readonly kind: "created" | "registered" | "nfs" | "dynamic-host" | "static-host" | "csi" | "host";
  /** Whether Nomad has it. */
  readonly inNomad: boolean;
  readonly uuid?: string;
  readonly plugin?: string;
  readonly capacityBytes?: number;
  readonly capabilities: readonly string[];
  /** Nodes that a host volume is on. */
  readonly nodes?: readonly string[];
  readonly state?: string;
  readonly mountedBy: readonly Claim[];
  readonly meantFor: readonly Omit<DeclaredMount, "type" | "volume">[];
}

/** Volumes of one region, and what is wrong with them. */
export interface RegionVolumes {
  readonly region: string;
  /** Why it could not be asked. */
  readonly failure?: string;
  readonly plugins: readonly PluginHealth[];
  readonly volumes: readonly VolumeView[];
  readonly findings: readonly Problem[];
  /** Jobs of which it is not known what they mount. */
  readonly unreadJobs: readonly string[];
}
