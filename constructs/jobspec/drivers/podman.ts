import type { Duration } from "../duration";
import type { ExtraConfig } from "./extra";

/** Credentials of a registry. Read them from a variable with a template: `${NAME}` works here. */
export interface PodmanAuth {
  /** @default - none */
  readonly username?: string;
  /** Never in plain text. @default - none */
  readonly password?: string;
  /** @default true */
  readonly tlsVerify?: boolean;
}

/** Podman's log driver. */
export interface PodmanLogging {
  /** @default "nomad" */
  readonly driver?: "nomad" | "journald";
  /** @default {} */
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
  /** @default - the image's */
  readonly command?: string;
  /** @default [] */
  readonly args?: readonly string[];
  /** @default - the image's */
  readonly entrypoint?: readonly string[];
  /** @default - the client's */
  readonly auth?: PodmanAuth;
  /** Go on without credentials when they cannot be had. @default false */
  readonly authSoftFail?: boolean;
  /** @default false */
  readonly forcePull?: boolean;
  /** @default "5m" */
  readonly imagePullTimeout?: Duration;
  /** Podman socket of the client's configuration. @default "default" */
  readonly socket?: string;
  /** @default - the node's */
  readonly arch?: string;
  /** @default - the node's */
  readonly os?: string;
  /** @default - the node's */
  readonly variant?: string;
  /** Labels of the group's ports that the container publishes. @default [] */
  readonly ports?: readonly string[];
  /** Container port by label, of the old `network` in `resources`. Use `to` of the port instead. @default {} */
  readonly portMap?: Readonly<Record<string, number>>;
  /** Shape: `host`, `bridge`, `none`, `slirp4netns`, `container:<id>`, `task:<name>`. @default - the group's, else bridge */
  readonly networkMode?: string;
  /** @default - Podman's choice */
  readonly ipv4Address?: string;
  /** @default - Podman's choice */
  readonly ipv6Address?: string;
  /** @default [] */
  readonly staticIps?: readonly string[];
  /** @default - Podman's choice */
  readonly staticMac?: string;
  /** @default - the container's id */
  readonly hostname?: string;
  /** Shape: `["db:10.0.0.7"]`. @default [] */
  readonly extraHosts?: readonly string[];
  /** Shape: `["local/app.conf:/etc/app.conf:ro"]`. @default [] */
  readonly volumes?: readonly string[];
  /** Shape: `["/run:size=64M"]`. @default [] */
  readonly tmpfs?: readonly string[];
  /** Host devices. GPUs come through `resources.devices`, never from here. Shape: `["/dev/net/tun"]`. @default [] */
  readonly devices?: readonly string[];
  /** @default - the image's */
  readonly workingDir?: string;
  /** As Podman writes it: `256m`. @default "64m" */
  readonly shmSize?: string;
  /** @default "private" */
  readonly ipcMode?: string;
  /** Shape: `keep-id`. @default - the daemon's */
  readonly userns?: string;
  /** @default {} */
  readonly ulimit?: Readonly<Record<string, string>>;
  /** @default {} */
  readonly sysctl?: Readonly<Record<string, string>>;
  /** @default {} */
  readonly labels?: Readonly<Record<string, string>>;
  /** @default - the client's */
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
  /** @default - no bound */
  readonly pidsLimit?: number;
  /** -1000 to 1000. @default 0 */
  readonly oomScoreAdj?: number;
  /** All rights of the host. @default false */
  readonly privileged?: boolean;
  /** @default [] */
  readonly capAdd?: readonly string[];
  /** @default [] */
  readonly capDrop?: readonly string[];
  /** @default [] */
  readonly securityOpt?: readonly string[];
  /** @default [] */
  readonly selinuxOpts?: readonly string[];
  /** @default - Podman's */
  readonly apparmorProfile?: string;
  /** @default false */
  readonly readonlyRootfs?: boolean;
  /** Run an init that reaps children. @default false */
  readonly init?: boolean;
  /** @default - Podman's */
  readonly initPath?: string;
  /** @default false */
  readonly tty?: boolean;
}
