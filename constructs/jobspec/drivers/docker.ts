import type { Duration } from "../duration";
import type { Size } from "../size";
import type { ExtraConfig } from "./extra";

/** Credentials of a registry. Read them from a variable with a template: `${NAME}` works here. */
export interface RegistryAuth {
  /** @default - none */
  readonly username?: string;
  /** Never in plain text. @default - none */
  readonly password?: string;
  /** @default - none */
  readonly email?: string;
  /** @default - the registry of the image */
  readonly serverAddress?: string;
}

/** Settings of a bind mount. */
export interface BindOptions {
  /** Shape: `rshared`. @default "rprivate" */
  readonly propagation?: string;
}

/** Settings of a tmpfs mount. */
export interface TmpfsOptions {
  /** @default - no bound */
  readonly size?: Size;
  /** File mode, decimal (Docker's own number). @default - 1777 octal */
  readonly mode?: number;
}

/** Plugin of Docker that makes a volume. */
export interface VolumeDriverConfig {
  /** @default - local */
  readonly name?: string;
  /** @default {} */
  readonly options?: Readonly<Record<string, string>>;
}

/** Settings of a Docker volume. */
export interface DockerVolumeOptions {
  /** Do not copy what the image has at the target. @default false */
  readonly noCopy?: boolean;
  /** @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default - local */
  readonly driverConfig?: VolumeDriverConfig;
}

/** @see https://developer.hashicorp.com/nomad/docs/deploy/task-driver/docker#mount */
export interface DockerMount {
  /** @default "volume" */
  readonly type?: "bind" | "volume" | "tmpfs";
  /** Relative to the allocation for bind, a name for volume. @default - none (tmpfs) */
  readonly source?: string;
  readonly target: string;
  /** @default false */
  readonly readonly?: boolean;
  /** With type bind. @default - Docker's */
  readonly bindOptions?: BindOptions;
  /** With type tmpfs. @default - Docker's */
  readonly tmpfsOptions?: TmpfsOptions;
  /** With type volume. @default - Docker's */
  readonly volumeOptions?: DockerVolumeOptions;
}

/** @see https://developer.hashicorp.com/nomad/docs/deploy/task-driver/docker#devices */
export interface DockerDevice {
  readonly hostPath: string;
  /** @default - `hostPath` */
  readonly containerPath?: string;
  /** @default "rwm" */
  readonly cgroupPermissions?: string;
}

/** Docker's log driver. `driver` is the older name of `type`. */
export interface DockerLogging {
  /** @default "json-file" */
  readonly type?: string;
  /** Older name of `type`. @default - none */
  readonly driver?: string;
  /** @default {} */
  readonly config?: Readonly<Record<string, string>>;
}

/** The image's own HEALTHCHECK. */
export interface DockerHealthchecks {
  /** Do not run it. @default false */
  readonly disable?: boolean;
}

/**
 * A container of Docker.
 *
 * @see https://developer.hashicorp.com/nomad/docs/deploy/task-driver/docker
 */
export interface DockerConfig extends ExtraConfig {
  /** With a version tag or digest. Shape: `registry.example.com/team/app:1.4.2`. */
  readonly image: string;
  /** @default - the image's */
  readonly command?: string;
  /** @default [] */
  readonly args?: readonly string[];
  /** @default - the image's */
  readonly entrypoint?: readonly string[];
  /** Archive of an image among the artifacts, loaded instead of pulled. @default - none */
  readonly load?: string;
  /** Pull although the node has the image. @default false */
  readonly forcePull?: boolean;
  /** @default "5m" */
  readonly imagePullTimeout?: Duration;
  /** @default - the client's */
  readonly auth?: RegistryAuth;
  /** Go on without credentials when they cannot be had. @default false */
  readonly authSoftFail?: boolean;
  /** Labels of the group's ports that the container publishes (host networking of Docker). @default [] */
  readonly ports?: readonly string[];
  /** Container port by label, of the old `network` in `resources`. Use `to` of the port instead. @default {} */
  readonly portMap?: Readonly<Record<string, number>>;
  /** Docker network; leave unset with a bridge network of the group. @default - Docker's bridge */
  readonly networkMode?: string;
  /** @default [] */
  readonly networkAliases?: readonly string[];
  /** In a network of the user. @default - Docker's choice */
  readonly ipv4Address?: string;
  /** In a network of the user. @default - Docker's choice */
  readonly ipv6Address?: string;
  /** Register the IPv6 address in services. @default false */
  readonly advertiseIpv6Address?: boolean;
  /** @default - Docker's choice */
  readonly macAddress?: string;
  /** @default - the container's id */
  readonly hostname?: string;
  /** Shape: `["db:10.0.0.7"]`. @default [] */
  readonly extraHosts?: readonly string[];
  /** @default - the host's */
  readonly dnsServers?: readonly string[];
  /** @default - the host's */
  readonly dnsSearchDomains?: readonly string[];
  /** @default - the host's */
  readonly dnsOptions?: readonly string[];
  /** Shape: `["local/app.conf:/etc/app.conf"]`. @default [] */
  readonly volumes?: readonly string[];
  /** Plugin of Docker that makes the volumes named in `volumes`. @default - local */
  readonly volumeDriver?: string;
  /** @default [] */
  readonly mounts?: readonly DockerMount[];
  /** Host devices. GPUs come through `resources.devices`, never from here. @default [] */
  readonly devices?: readonly DockerDevice[];
  /** @default {} */
  readonly storageOpt?: Readonly<Record<string, string>>;
  /** @default - the image's */
  readonly workDir?: string;
  /** Size of /dev/shm. PyTorch's data loaders want more than the default. @default "64MiB" */
  readonly shmSize?: Size;
  /** @default "private" */
  readonly ipcMode?: string;
  /** @default "private" */
  readonly pidMode?: string;
  /** @default - the daemon's */
  readonly utsMode?: string;
  /** @default - the daemon's */
  readonly usernsMode?: string;
  /** @default - the daemon's */
  readonly cgroupns?: "host" | "private";
  /** Docker runtime; the GPU plugin needs none. @default - Docker's own */
  readonly runtime?: string;
  /** Windows only: `hyperv` or `process`. @default - Docker's */
  readonly isolation?: string;
  /** Additional groups. @default [] */
  readonly groupAdd?: readonly string[];
  /** @default {} */
  readonly ulimit?: Readonly<Record<string, string>>;
  /** @default {} */
  readonly sysctl?: Readonly<Record<string, string>>;
  /** @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default - the client's */
  readonly logging?: DockerLogging;
  /** @default - the image's */
  readonly healthchecks?: DockerHealthchecks;
  /** Never use more CPU than reserved. @default false */
  readonly cpuHardLimit?: boolean;
  /** Microseconds. @default 100000 */
  readonly cpuCfsPeriod?: number;
  /** Shape: `0-3`. Nomad's `cores` are better. @default - all */
  readonly cpusetCpus?: string;
  /** Ceiling above the reservation, which is then soft; `memoryMax` is better. @default - none */
  readonly memoryHardLimit?: Size;
  /** @default - no bound */
  readonly pidsLimit?: number;
  /** -1000 to 1000. @default 0 */
  readonly oomScoreAdj?: number;
  /** All rights of the host. The client must allow it. @default false */
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
  /** Keep standard input open. @default false */
  readonly interactive?: boolean;
  /** @default false */
  readonly tty?: boolean;
  /** Attempts to remove a container of the same name. @default - the client's */
  readonly containerExistsAttempts?: number;
}
