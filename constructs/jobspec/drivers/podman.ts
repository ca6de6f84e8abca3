import type { Duration } from "../duration";
import type { ExtraConfig } from "./extra";

/** Credentials of a registry. Read them from a variable with a template: `${NAME}` works here. */
export interface PodmanAuth {
  /** Name to log in with. @default - none */
  readonly username?: string;
  /** Never in plain text. @default - none */
  readonly password?: string;
  /** Verify the registry's certificate. @default true */
  readonly tlsVerify?: boolean;
}

/** Podman's log driver. */
export interface PodmanLogging {
  /** Log driver. @default "nomad" */
  readonly driver?: "nomad" | "journald";
  /** Settings of the driver. @default {} */
  readonly options?: Readonly<Record<string, string>>;
}

/**
 * A container of Podman, by the plugin of that name.
 *
 * @see https://github.com/hashicorp/nomad-driver-podman#task-configuration
 */
export interface PodmanConfig extends ExtraConfig {
  /** With transport, version tag or digest. Shape: `docker.io/library/redis:7.4.1`, `oci-archive:local/app.tar`. */
  readonly image: string;
  /** Program that runs. Shape: a path, or a name found in the task's PATH. @default - the image's */
  readonly command?: string;
  /** Arguments, one item each; no shell splits them. @default [] */
  readonly args?: readonly string[];
  /** Program and first arguments that the image's are replaced with. @default - the image's */
  readonly entrypoint?: readonly string[];
  /** Credentials of the image's registry. @default - the client's */
  readonly auth?: PodmanAuth;
  /** Go on without credentials when they cannot be had. @default false */
  readonly authSoftFail?: boolean;
  /** Pull although the node has the image. @default false */
  readonly forcePull?: boolean;
  /** How long pulling the image may take. @default "5m" */
  readonly imagePullTimeout?: Duration;
  /** Podman socket of the client's configuration. @default "default" */
  readonly socket?: string;
  /** Architecture of the image that is pulled. @default - the node's */
  readonly arch?: string;
  /** System of the image that is pulled. @default - the node's */
  readonly os?: string;
  /** Variant of the architecture that is pulled. @default - the node's */
  readonly variant?: string;
  /** Labels of the group's ports that the container publishes. @default [] */
  readonly ports?: readonly string[];
  /** Container port by label, of the old `network` in `resources`. Use `to` of the port instead. @default {} */
  readonly portMap?: Readonly<Record<string, number>>;
  /** Shape: `host`, `bridge`, `none`, `slirp4netns`, `container:<id>`, `task:<name>`. @default - the group's, else bridge */
  readonly networkMode?: string;
  /** Address of the container. @default - Podman's choice */
  readonly ipv4Address?: string;
  /** Address of the container. @default - Podman's choice */
  readonly ipv6Address?: string;
  /** Addresses in networks of the user. @default [] */
  readonly staticIps?: readonly string[];
  /** Hardware address. @default - Podman's choice */
  readonly staticMac?: string;
  /** Host name in the container. @default - the container's id */
  readonly hostname?: string;
  /** Shape: `["db:10.0.0.7"]`. @default [] */
  readonly extraHosts?: readonly string[];
  /** Shape: `["local/app.conf:/etc/app.conf:ro"]`. @default [] */
  readonly volumes?: readonly string[];
  /** Shape: `["/run:size=64M"]`. @default [] */
  readonly tmpfs?: readonly string[];
  /** Host devices. GPUs come through `resources.devices`, never from here. Shape: `["/dev/net/tun"]`. @default [] */
  readonly devices?: readonly string[];
  /** Directory that the program starts in. @default - the image's */
  readonly workingDir?: string;
  /** As Podman writes it: `256m`. @default "64m" */
  readonly shmSize?: string;
  /** IPC namespace: its own, or the host's. @default "private" */
  readonly ipcMode?: string;
  /** Shape: `keep-id`. @default - the daemon's */
  readonly userns?: string;
  /** Limits, soft and hard. Shape: `{ nofile: "2048:4096" }`. @default {} */
  readonly ulimit?: Readonly<Record<string, string>>;
  /** Kernel parameters. Shape: `{ "net.core.somaxconn": "16384" }`. @default {} */
  readonly sysctl?: Readonly<Record<string, string>>;
  /** Labels. @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** Log driver. @default - the client's */
  readonly logging?: PodmanLogging;
  /** Never use more CPU than reserved. @default false */
  readonly cpuHardLimit?: boolean;
  /** Microseconds. @default 100000 */
  readonly cpuCfsPeriod?: number;
  /** Soft limit, as Podman writes it: `100m`. @default - none */
  readonly memoryReservation?: string;
  /** Memory and swap together, as Podman writes it: `180m`. @default - no bound */
  readonly memorySwap?: string;
  /** 0 to 100. @default - the host's */
  readonly memorySwappiness?: number;
  /** Most processes. @default - no bound */
  readonly pidsLimit?: number;
  /** -1000 to 1000. @default 0 */
  readonly oomScoreAdj?: number;
  /** All rights of the host. @default false */
  readonly privileged?: boolean;
  /** Capabilities that the task gets in addition; the client must allow them. @default [] */
  readonly capAdd?: readonly string[];
  /** Capabilities that the task loses. `["ALL"]` is a good beginning. @default [] */
  readonly capDrop?: readonly string[];
  /** Security options. Shape: `["seccomp=unconfined"]`. @default [] */
  readonly securityOpt?: readonly string[];
  /** SELinux labels. Shape: `["type:container_t"]`. @default [] */
  readonly selinuxOpts?: readonly string[];
  /** AppArmor profile. @default - Podman's */
  readonly apparmorProfile?: string;
  /** Mount the image read-only. @default false */
  readonly readonlyRootfs?: boolean;
  /** Run an init that reaps children. @default false */
  readonly init?: boolean;
  /** Path of the init. @default - Podman's */
  readonly initPath?: string;
  /** Give the container a terminal. @default false */
  readonly tty?: boolean;
}
