import type { Duration } from "../duration";
import type { Size } from "../size";
import type { ExtraConfig } from "./extra";

/** Credentials of a registry. Read them from a variable with a template: `${NAME}` works here. */
export interface RegistryAuth {
  /** Name to log in with. @default - none */
  readonly username?: string;
  /** Never in plain text. @default - none */
  readonly password?: string;
  /** Mail address that some registries want. @default - none */
  readonly email?: string;
  /** Registry that the credentials are for. @default - the registry of the image */
  readonly serverAddress?: string;
}

/** Settings of a bind mount. */
export interface BindOptions {
  /** Shape: `rshared`. @default "rprivate" */
  readonly propagation?: string;
}

/** Settings of a tmpfs mount. */
export interface TmpfsOptions {
  /** Most that it may hold. @default - no bound */
  readonly size?: Size;
  /** File mode, decimal (Docker's own number). @default - 1777 octal */
  readonly mode?: number;
}

/** Plugin of Docker that makes a volume. */
export interface VolumeDriverConfig {
  /** Name of the plugin. @default - local */
  readonly name?: string;
  /** Settings of the driver. @default {} */
  readonly options?: Readonly<Record<string, string>>;
}

/** Settings of a Docker volume. */
export interface DockerVolumeOptions {
  /** Do not copy what the image has at the target. @default false */
  readonly noCopy?: boolean;
  /** Labels. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** Plugin that makes the volume. @default - local */
  readonly driverConfig?: VolumeDriverConfig;
}

/** @see https://developer.hashicorp.com/nomad/docs/deploy/task-driver/docker#mount */
export interface DockerMount {
  /** What is mounted. @default "volume" */
  readonly type?: "bind" | "volume" | "tmpfs";
  /** Relative to the allocation for bind, a name for volume. @default - none (tmpfs) */
  readonly source?: string;
  /** Path in the container. */
  readonly target: string;
  /** Mount it read-only. @default false */
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
  /** Path on the host. Shape: `/dev/net/tun`. */
  readonly hostPath: string;
  /** Path in the container. @default - `hostPath` */
  readonly containerPath?: string;
  /** Rights: read, write, mknod. @default "rwm" */
  readonly cgroupPermissions?: string;
}

/** Docker's log driver. `driver` is the older name of `type`. */
export interface DockerLogging {
  /** Log driver. Shape: `journald`. @default "json-file" */
  readonly type?: string;
  /** Older name of `type`. @default - none */
  readonly driver?: string;
  /** Settings of the log driver. @default {} */
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
  /** Program that runs. Shape: a path, or a name found in the task's PATH. @default - the image's */
  readonly command?: string;
  /** Arguments, one item each; no shell splits them. @default [] */
  readonly args?: readonly string[];
  /** Program and first arguments that the image's are replaced with. @default - the image's */
  readonly entrypoint?: readonly string[];
  /** Archive of an image among the artifacts, loaded instead of pulled. @default - none */
  readonly load?: string;
  /** Pull although the node has the image. @default false */
  readonly forcePull?: boolean;
  /** How long pulling the image may take. @default "5m" */
  readonly imagePullTimeout?: Duration;
  /** Credentials of the image's registry. @default - the client's */
  readonly auth?: RegistryAuth;
  /** Go on without credentials when they cannot be had. @default false */
  readonly authSoftFail?: boolean;
  /** Labels of the group's ports that the container publishes (host networking of Docker). @default [] */
  readonly ports?: readonly string[];
  /** Container port by label, of the old `network` in `resources`. Use `to` of the port instead. @default {} */
  readonly portMap?: Readonly<Record<string, number>>;
  /** Docker network; leave unset with a bridge network of the group. @default - Docker's bridge */
  readonly networkMode?: string;
  /** Names in the container's network. @default [] */
  readonly networkAliases?: readonly string[];
  /** In a network of the user. @default - Docker's choice */
  readonly ipv4Address?: string;
  /** In a network of the user. @default - Docker's choice */
  readonly ipv6Address?: string;
  /** Register the IPv6 address in services. @default false */
  readonly advertiseIpv6Address?: boolean;
  /** Hardware address. @default - Docker's choice */
  readonly macAddress?: string;
  /** Host name in the container. @default - the container's id */
  readonly hostname?: string;
  /** Shape: `["db:10.0.0.7"]`. @default [] */
  readonly extraHosts?: readonly string[];
  /** Name servers. @default - the host's */
  readonly dnsServers?: readonly string[];
  /** Search domains. @default - the host's */
  readonly dnsSearchDomains?: readonly string[];
  /** Options of resolv.conf. @default - the host's */
  readonly dnsOptions?: readonly string[];
  /** Shape: `["local/app.conf:/etc/app.conf"]`. @default [] */
  readonly volumes?: readonly string[];
  /** Plugin of Docker that makes the volumes named in `volumes`. @default - local */
  readonly volumeDriver?: string;
  /** Mounts, with all their settings. @default [] */
  readonly mounts?: readonly DockerMount[];
  /** Host devices. GPUs come through `resources.devices`, never from here. @default [] */
  readonly devices?: readonly DockerDevice[];
  /** Options of the storage driver. @default {} */
  readonly storageOpt?: Readonly<Record<string, string>>;
  /** Directory that the program starts in. @default - the image's */
  readonly workDir?: string;
  /** Size of /dev/shm. PyTorch's data loaders want more than the default. @default "64MiB" */
  readonly shmSize?: Size;
  /** IPC namespace: its own, or the host's. @default "private" */
  readonly ipcMode?: string;
  /** Process namespace: its own, or the host's. @default "private" */
  readonly pidMode?: string;
  /** Namespace of the host name: `host` or its own. @default - the daemon's */
  readonly utsMode?: string;
  /** User namespace: `host` or the daemon's. @default - the daemon's */
  readonly usernsMode?: string;
  /** cgroup namespace: its own, or the host's. @default - the daemon's */
  readonly cgroupns?: "host" | "private";
  /** Docker runtime; the GPU plugin needs none. @default - Docker's own */
  readonly runtime?: string;
  /** Windows only: `hyperv` or `process`. @default - Docker's */
  readonly isolation?: string;
  /** Additional groups. @default [] */
  readonly groupAdd?: readonly string[];
  /** Limits, soft and hard. Shape: `{ nofile: "2048:4096" }`. @default {} */
  readonly ulimit?: Readonly<Record<string, string>>;
  /** Kernel parameters. Shape: `{ "net.core.somaxconn": "16384" }`. @default {} */
  readonly sysctl?: Readonly<Record<string, string>>;
  /** Labels. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** Log driver. @default - the client's */
  readonly logging?: DockerLogging;
  /** What becomes of the image's HEALTHCHECK. @default - the image's */
  readonly healthchecks?: DockerHealthchecks;
  /** Never use more CPU than reserved. @default false */
  readonly cpuHardLimit?: boolean;
  /** Microseconds. @default 100000 */
  readonly cpuCfsPeriod?: number;
  /** Shape: `0-3`. Nomad's `cores` are better. @default - all */
  readonly cpusetCpus?: string;
  /** Ceiling above the reservation, which is then soft; `memoryMax` is better. @default - none */
  readonly memoryHardLimit?: Size;
  /** Most processes. @default - no bound */
  readonly pidsLimit?: number;
  /** -1000 to 1000. @default 0 */
  readonly oomScoreAdj?: number;
  /** All rights of the host. The client must allow it. @default false */
  readonly privileged?: boolean;
  /** Capabilities that the task gets in addition; the client must allow them. @default [] */
  readonly capAdd?: readonly string[];
  /** Capabilities that the task loses. `["ALL"]` is a good beginning. @default [] */
  readonly capDrop?: readonly string[];
  /** Security options. Shape: `["seccomp=unconfined"]`. @default [] */
  readonly securityOpt?: readonly string[];
  /** Mount the image read-only. @default false */
  readonly readonlyRootfs?: boolean;
  /** Run an init that reaps children. @default false */
  readonly init?: boolean;
  /** Keep standard input open. @default false */
  readonly interactive?: boolean;
  /** Give the container a terminal. @default false */
  readonly tty?: boolean;
  /** Attempts to remove a container of the same name. @default - the client's */
  readonly containerExistsAttempts?: number;
}
