import type { VolumeCapability } from "./volume-types";

/**
 * A CSI driver as Nomad runs it: its programs, what its volumes can do, and what its machines need. Those that Steppe knows
 * come from `CsiDriver`; another is given in full, with `CsiDriver.custom`.
 *
 * @see https://developer.hashicorp.com/nomad/docs/architecture/storage/csi
 */
export interface CsiDriver {
  /** What the driver calls itself, for people and messages. Shape: `nfs.csi.k8s.io`. */
  readonly name: string;
  readonly programs: CsiPrograms;
  /** In which ways its volumes can be used. */
  readonly capabilities: readonly VolumeCapability[];
  /** It makes volumes; else they must exist and are registered. */
  readonly creates: boolean;
  /** It mounts directories of NFS servers: context `server` and `share`. @default false */
  readonly mountsNfs?: boolean;
  /** Settings of a volume that it makes, by name; what is not listed is refused. @default - any, known to the driver alone */
  readonly parameters?: Readonly<Record<string, CsiParameter>>;
  /** Keys of its topology. Shape: `["topology.ebs.csi.aws.com/zone"]`. @default - none */
  readonly topologyKeys?: readonly string[];
  /** What its programs may do in a cloud, as the machines that they run on. @default - nothing */
  readonly cloud?: CsiCloud;
  /** Programs that the machines must have, by the name of Debian's package. Shape: `["nfs-common"]`. @default [] */
  readonly hostPackages?: readonly string[];
}

/** One setting of a volume. */
export interface CsiParameter {
  /** @default false */
  readonly required?: boolean;
  /** What it may be. @default - any text */
  readonly oneOf?: readonly string[];
}

/** A cloud's storage that a driver manages. */
export type CsiCloud = "aws-ebs" | "aws-efs" | "gcp-pd";

/** Who manages volumes, and who mounts them: two programs, the same one twice, or one that does both. */
export type CsiPrograms =
  | {
      /** Mounts volumes, on every machine of the plugin's pools. */
      readonly node: CsiProgram;
      /** Manages volumes. @default - nobody: they exist, and any node may mount them */
      readonly controller?: CsiProgram;
      readonly monolith?: never;
    }
  | {
      /** Does both, on every machine of the plugin's pools. */
      readonly monolith: CsiProgram;
      readonly node?: never;
      readonly controller?: never;
    };

/** A program of a driver: a container, or for drivers without an image a program of the machine. */
export type CsiProgram = CsiProgramBase &
  (
    | {
        /** Container image with its version. Shape: `registry.k8s.io/sig-storage/nfsplugin:v4.13.4`. */
        readonly image: string;
        /** All rights of the machine, which mounting needs. @default false */
        readonly privileged?: boolean;
        /** Uses the machine's network. @default false */
        readonly hostNetwork?: boolean;
        /** Uses the machine's IPC namespace. @default false */
        readonly hostIpc?: boolean;
        /** Directories of the machine in the container. @default [] */
        readonly hostPaths?: readonly CsiHostPath[];
        readonly command?: never;
      }
    | {
        /** Absolute path of a program of the machine. It runs as root, by raw_exec. */
        readonly command: string;
        readonly image?: never;
      }
  );

interface CsiProgramBase {
  /** `${CSI_ENDPOINT}` is the plugin's socket. */
  readonly args: readonly string[];
  /** No secrets. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** Files made from Nomad's templates; secrets come from Nomad variables. @default [] */
  readonly templates?: readonly CsiTemplate[];
  /** Directory in the container that the socket is in. @default "/csi" */
  readonly mountDir?: string;
  /** @default 200 */
  readonly cpuMHz?: number;
  /** @default 256 */
  readonly memoryMiB?: number;
  /** How long it may take to answer its first probe, seconds. @default 60 */
  readonly healthTimeoutSeconds?: number;
}

/** A directory of the machine in a container. */
export interface CsiHostPath {
  readonly host: string;
  readonly container: string;
  /** Mounts made inside are seen outside. @default false */
  readonly shared?: boolean;
}

/** A file for a driver. */
export interface CsiTemplate {
  /** Below `local/`, or `secrets/` for what holds a secret. */
  readonly destination: string;
  /** Text with Nomad's template language. */
  readonly data: string;
}

/** Part that one program of a driver has. */
export type CsiRole = "controller" | "node" | "monolith";
