import type { Problem } from "../constructs/core/problems";
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
  /** Storage on the network that its programs call; a LAN host of the fleet must be open for them. @default [] */
  readonly endpoints?: readonly CsiEndpoint[];
  /**
   * Items of the Nomad variable that its controllers read, `nomad/jobs/csi-<plugin id>-controller`. Whoever operates the fleet
   * writes it; until then the controllers wait.
   *
   * @default - it needs no secret
   */
  readonly secrets?: readonly string[];
  /** What is wrong with the options that it was made from; paths below the driver. @default [] */
  readonly problems?: readonly Problem[];
}

/** Something on the network that a driver calls. */
export interface CsiEndpoint {
  /** Address or host name. Shape: `10.20.2.5`. */
  readonly host: string;
  readonly port: number;
  /** Which of its programs call it: those that mount, or those that manage. */
  readonly from: "node" | "controller";
}

/** One setting of a volume. */
export interface CsiParameter {
  /** @default false */
  readonly required?: boolean;
  /** What it may be. @default - any text */
  readonly oneOf?: readonly string[];
}

/** A cloud's storage that a driver manages. */
export type CsiCloud =
  | {
      readonly storage: "aws-ebs";
      /** ARNs of keys that volumes may be encrypted with. @default [] - the account's own key of EBS, which needs no right */
      readonly kmsKeyArns?: readonly string[];
    }
  | {
      readonly storage: "aws-efs";
      /** File systems that it may use. Shape: `["fs-0123456789abcdef0"]`. */
      readonly fileSystemIds: readonly string[];
    }
  | { readonly storage: "gcp-pd" };

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
  /** `${CSI_ENDPOINT}` is the plugin's socket, `${NOMAD_META_fleet}` the fleet's name. */
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
  /** What its machines have besides. @default - nothing */
  readonly machine?: CsiMachineNeeds;
}

/** What a program of a driver needs of the machine that it runs on. */
export interface CsiMachineNeeds {
  /** Packages of the distribution: installed from its repositories, or checked where the image brings everything. @default [] */
  readonly packages?: readonly {
    /** Shape: `open-iscsi`. */
    readonly name: string;
    /** Command by which it is seen whether the package is there. Shape: `iscsiadm`. */
    readonly command: string;
  }[];
  /** Shape: `["iscsi_tcp"]`. @default [] */
  readonly kernelModules?: readonly string[];
  /** Units of systemd that run. Shape: `["iscsid.service"]`. @default [] */
  readonly units?: readonly string[];
  /** Directories that are made at every boot, for `hostPaths`. @default [] */
  readonly directories?: readonly string[];
}

/** A directory of the machine in a container. */
export interface CsiHostPath {
  readonly host: string;
  readonly container: string;
  /** Mounts made inside are seen outside. @default false */
  readonly shared?: boolean;
  /** @default false */
  readonly readOnly?: boolean;
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
