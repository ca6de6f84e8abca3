import type { Duration } from "./duration";
import type { Gateway } from "./gateway";
import type { CpuShare, ResourcesOptions } from "./resources";
import type { Logs } from "./task";
import type { VolumeMount } from "./volume";
import type { Identity } from "./workload";

/** Settings of Envoy or Consul that Nomad passes on unread. */
export type OpenConfig = Readonly<Record<string, unknown>>;

/** A path that is reachable past the proxy, without mutual TLS: for checks and metrics. */
export interface ExposePath {
  readonly path: string;
  /** @default "http" */
  readonly protocol?: "http" | "http2";
  /** Port of the task. */
  readonly localPathPort: number;
  /** Label of the port that the proxy listens on. */
  readonly listenerPort: string;
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/expose */
export interface Expose {
  /** @default [] */
  readonly paths?: readonly ExposePath[];
}

/** @see https://developer.hashicorp.com/consul/docs/connect/gateways/mesh-gateway */
export interface MeshGateway {
  readonly mode: "none" | "local" | "remote";
}

/** What upstreams of either binding have. */
export interface UpstreamOptions {
  readonly destinationName: string;
  /** Consul Enterprise. @default - the service's */
  readonly destinationNamespace?: string;
  /** Name of a Consul peer cluster. @default - none */
  readonly destinationPeer?: string;
  /** Consul Enterprise. @default - the service's */
  readonly destinationPartition?: string;
  /** @default "service" */
  readonly destinationType?: "service" | "prepared_query";
  /** @default - Consul's own */
  readonly datacenter?: string;
  /** @default - the proxy's */
  readonly meshGateway?: MeshGateway;
  /** For Envoy. @default {} */
  readonly config?: OpenConfig;
}

/** A port of loopback on which the task reaches the destination. */
export interface PortUpstream extends UpstreamOptions {
  readonly localBindPort: number;
  /** @default "127.0.0.1" */
  readonly localBindAddress?: string;
  readonly localBindSocketPath?: never;
  readonly localBindSocketMode?: never;
}

/** A Unix socket on which the task reaches the destination. */
export interface SocketUpstream extends UpstreamOptions {
  readonly localBindSocketPath: string;
  /** Octal. @default - Consul's */
  readonly localBindSocketMode?: string;
  readonly localBindPort?: never;
  readonly localBindAddress?: never;
}

/** Another service of the mesh that the task calls. @see https://developer.hashicorp.com/nomad/docs/job-specification/upstreams */
export type Upstream = PortUpstream | SocketUpstream;

/**
 * Sends all traffic of the allocation through the proxy. Needs the consul-cni plugin. Since Nomad 1.8.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/transparent_proxy
 */
export interface TransparentProxy {
  /** User of the proxy, whose traffic passes. @default "101" */
  readonly uid?: string;
  /** @default 15001 */
  readonly outboundPort?: number;
  /** Labels of static ports, or numbers. @default [] */
  readonly excludeInboundPorts?: readonly string[];
  /** @default [] */
  readonly excludeOutboundPorts?: readonly number[];
  /** @default [] */
  readonly excludeOutboundCidrs?: readonly string[];
  /** @default [] */
  readonly excludeUids?: readonly string[];
  /** Leave name resolution to the host. @default false */
  readonly noDns?: boolean;
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/proxy */
export interface Proxy {
  /** Where the task listens. @default "127.0.0.1" */
  readonly localServiceAddress?: string;
  /** @default - the service's port */
  readonly localServicePort?: number;
  /** @default - nothing */
  readonly expose?: Expose;
  /** @default [] */
  readonly upstreams?: readonly Upstream[];
  /** @default - only upstreams */
  readonly transparentProxy?: TransparentProxy;
  /** For Envoy. @default {} */
  readonly config?: OpenConfig;
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/sidecar_service */
export interface SidecarService {
  /** @default - the service's */
  readonly tags?: readonly string[];
  /** Label of the proxy's port. @default - a port of its own */
  readonly port?: string;
  /** @default false */
  readonly disableDefaultTcpCheck?: boolean;
  /** @default {} */
  readonly meta?: Readonly<Record<string, string>>;
  /** @default - Nomad's */
  readonly proxy?: Proxy;
}

/**
 * Changes the task that Nomad adds for the proxy.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/sidecar_task
 */
export interface SidecarTask {
  /** @default - `connect-proxy-<service>` */
  readonly name?: string;
  /** @default "docker" */
  readonly driver?: string;
  /** @default - the driver's */
  readonly user?: string;
  /** As the driver spells it. @default - Envoy */
  readonly config?: OpenConfig;
  /** @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** Laid over Nomad's own, which have MHz: whole cores cannot be asked for. @default - 250 MHz, 128 MiB */
  readonly resources?: ResourcesOptions & CpuShare;
  /** @default {} */
  readonly meta?: Readonly<Record<string, string>>;
  /** @default - 2 files of 2 MiB */
  readonly logs?: Logs;
  /** @default "5s" */
  readonly killTimeout?: Duration;
  /** @default "0s" */
  readonly shutdownDelay?: Duration;
  /** @default "SIGTERM" */
  readonly killSignal?: string;
  /** @default [] */
  readonly volumeMounts?: readonly VolumeMount[];
  /** Since Nomad 1.11.1. @default [] */
  readonly identities?: readonly Identity[];
}

/**
 * Membership of Consul's service mesh: the task speaks it itself, a sidecar does, or the task is a gateway.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/connect
 */
export type Connect =
  | {
      readonly native: true;
      readonly sidecarService?: never;
      readonly sidecarTask?: never;
      readonly gateway?: never;
    }
  | {
      readonly sidecarService: SidecarService;
      /** @default - Envoy in docker */
      readonly sidecarTask?: SidecarTask;
      readonly native?: false;
      readonly gateway?: never;
    }
  | {
      readonly gateway: Gateway;
      /** @default - Envoy in docker */
      readonly sidecarTask?: SidecarTask;
      readonly native?: false;
      readonly sidecarService?: never;
    };
