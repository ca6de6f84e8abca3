import type { Duration } from "./duration";

/** Settings of a driver that have no property here yet, in the driver's own spelling. They win over properties. */
export interface ExtraConfig {
  /** @default {} */
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** @see https://developer.hashicorp.com/nomad/docs/deploy/task-driver/docker#mount */
export interface DockerMount {
  /** @default "volume" */
  readonly type?: "bind" | "volume" | "tmpfs";
  /** @default - none (tmpfs) */
  readonly source?: string;
  readonly target: string;
  /** @default false */
  readonly readonly?: boolean;
}

/** @see https://developer.hashicorp.com/nomad/docs/deploy/task-driver/docker#devices */
export interface DockerDevice {
  readonly hostPath: string;
  /** @default - `hostPath` */
  readonly containerPath?: string;
  /** @default "rwm" */
  readonly cgroupPermissions?: string;
}

/** @see https://developer.hashicorp.com/nomad/docs/deploy/task-driver/docker */
export interface DockerConfig extends ExtraConfig {
  /** With a version tag or digest. Shape: `registry.example.com/team/app:1.4.2`. */
  readonly image: string;
  /** @default - the image's */
  readonly command?: string;
  /** @default [] */
  readonly args?: readonly string[];
  /** @default - the image's */
  readonly entrypoint?: readonly string[];
  /** Labels of the group's ports that the container publishes (host networking of Docker). @default [] */
  readonly ports?: readonly string[];
  /** Docker network; leave unset with a bridge network of the group. @default - Docker's bridge */
  readonly networkMode?: string;
  /** @default [] */
  readonly networkAliases?: readonly string[];
  /** @default - the container's id */
  readonly hostname?: string;
  /** Shape: `["db:10.0.0.7"]`. @default [] */
  readonly extraHosts?: readonly string[];
  /** Shape: `["local/app.conf:/etc/app.conf"]`. @default [] */
  readonly volumes?: readonly string[];
  /** @default [] */
  readonly mounts?: readonly DockerMount[];
  /** Host devices. GPUs come through `resources.devices`, never from here. @default [] */
  readonly devices?: readonly DockerDevice[];
  /** @default - the image's */
  readonly workDir?: string;
  /** Size of /dev/shm, bytes. @default 67108864 - 64 MiB */
  readonly shmSizeBytes?: number;
  /** @default "private" */
  readonly ipcMode?: string;
  /** @default "private" */
  readonly pidMode?: string;
  /** @default - Docker's own */
  readonly runtime?: string;
  /** @default {} */
  readonly ulimit?: Readonly<Record<string, string>>;
  /** @default {} */
  readonly sysctl?: Readonly<Record<string, string>>;
  /** @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default - the client's */
  readonly logging?: {
    readonly type: string;
    /** @default {} */
    readonly config?: Readonly<Record<string, string>>;
  };
  /** @default false */
  readonly privileged?: boolean;
  /** @default [] */
  readonly capAdd?: readonly string[];
  /** @default [] */
  readonly capDrop?: readonly string[];
  /** @default [] */
  readonly securityOpt?: readonly string[];
  /** @default false */
  readonly readonlyRootfs?: boolean;
  /** Run an init that reaps children. @default false */
  readonly init?: boolean;
  /** @default false */
  readonly forcePull?: boolean;
  /** @default "5m" */
  readonly imagePullTimeout?: Duration;
}

/** @see https://developer.hashicorp.com/nomad/docs/deploy/task-driver/exec */
export interface ExecConfig extends ExtraConfig {
  readonly command: string;
  /** @default [] */
  readonly args?: readonly string[];
  /** @default - the client's */
  readonly pidMode?: "private" | "host";
  /** @default - the client's */
  readonly ipcMode?: "private" | "host";
  /** @default [] */
  readonly capAdd?: readonly string[];
  /** @default [] */
  readonly capDrop?: readonly string[];
  /** @default - the task's directory */
  readonly workDir?: string;
}

/** No isolation at all. @see https://developer.hashicorp.com/nomad/docs/deploy/task-driver/raw_exec */
export interface RawExecConfig extends ExtraConfig {
  readonly command: string;
  /** @default [] */
  readonly args?: readonly string[];
  /** @default - the task's directory */
  readonly workDir?: string;
}

/** @see https://developer.hashicorp.com/nomad/docs/deploy/task-driver/java */
export interface JavaConfig extends ExtraConfig {
  /** Either this or `class`. @default - none */
  readonly jarPath?: string;
  /** @default - the jar's */
  readonly class?: string;
  /** @default - none */
  readonly classPath?: string;
  /** @default [] */
  readonly args?: readonly string[];
  /** @default [] */
  readonly jvmOptions?: readonly string[];
}

/** @see https://developer.hashicorp.com/nomad/docs/deploy/task-driver/qemu */
export interface QemuConfig extends ExtraConfig {
  readonly imagePath: string;
  /** @default "tcg" */
  readonly accelerator?: string;
  /** @default "ide" */
  readonly driveInterface?: string;
  /** @default false */
  readonly gracefulShutdown?: boolean;
  /** @default false */
  readonly guestAgent?: boolean;
  /** @default [] */
  readonly args?: readonly string[];
  /** Guest port by port label. @default {} */
  readonly portMap?: Readonly<Record<string, number>>;
}

declare const pluginBrand: unique symbol;

/** Name of a driver that Steppe has no types for. Made by {@link pluginDriver}. */
export type PluginDriver = string & { readonly [pluginBrand]: true };

/** Names a driver that has no types here (`podman`, `containerd-driver`): its `config` is open and checked by the client only. */
export function pluginDriver(name: string): PluginDriver {
  return name as PluginDriver;
}

/** Driver and its configuration, told apart by `driver`. */
export type DriverConfig =
  | { readonly driver: "docker"; readonly config: DockerConfig }
  | { readonly driver: "exec"; readonly config: ExecConfig }
  | { readonly driver: "raw_exec"; readonly config: RawExecConfig }
  | { readonly driver: "java"; readonly config: JavaConfig }
  | { readonly driver: "qemu"; readonly config: QemuConfig }
  | { readonly driver: PluginDriver; readonly config: Readonly<Record<string, unknown>> };
