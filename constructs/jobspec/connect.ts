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
  /** Path of the request. */
  readonly path: string;
  /** Protocol of the request. @default "http" */
  readonly protocol?: "http" | "http2";
  /** Port of the task. */
  readonly localPathPort: number;
  /** Label of the port that the proxy listens on. */
  readonly listenerPort: string;
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/expose */
export interface Expose {
  /** Paths that are reachable without the mesh. @default [] */
  readonly paths?: readonly ExposePath[];
}

/** @see https://developer.hashicorp.com/consul/docs/connect/gateways/mesh-gateway */
export interface MeshGateway {
  /** Which gateway: none, of this datacenter, or of the destination's. */
  readonly mode: "none" | "local" | "remote";
}

/** What upstreams of either binding have. */
export interface UpstreamOptions {
  /** Service that is called. */
  readonly destinationName: string;
  /** Consul Enterprise. @default - the service's */
  readonly destinationNamespace?: string;
  /** Name of a Consul peer cluster. @default - none */
  readonly destinationPeer?: string;
  /** Consul Enterprise. @default - the service's */
  readonly destinationPartition?: string;
  /** A service, or a prepared query of Consul. @default "service" */
  readonly destinationType?: "service" | "prepared_query";
  /** Consul datacenter of the destination. @default - Consul's own */
  readonly datacenter?: string;
  /** Gateway between datacenters. @default - the proxy's */
  readonly meshGateway?: MeshGateway;
  /** For Envoy. @default {} */
  readonly config?: OpenConfig;
}

/** A port of loopback on which the task reaches the destination. */
export interface PortUpstream extends UpstreamOptions {
  /** Port of loopback on which the task reaches the destination. */
  readonly localBindPort: number;
  /** Address on which the task reaches the destination. @default "127.0.0.1" */
  readonly localBindAddress?: string;
  readonly localBindSocketPath?: never;
  readonly localBindSocketMode?: never;
}

/** A Unix socket on which the task reaches the destination. */
export interface SocketUpstream extends UpstreamOptions {
  /** Unix socket on which the task reaches the destination. */
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
  /** Port on which the proxy takes outgoing traffic. @default 15001 */
  readonly outboundPort?: number;
  /** Labels of static ports, or numbers. @default [] */
  readonly excludeInboundPorts?: readonly string[];
  /** Ports whose outgoing traffic passes the proxy by. @default [] */
  readonly excludeOutboundPorts?: readonly number[];
  /** Address ranges whose outgoing traffic passes the proxy by. @default [] */
  readonly excludeOutboundCidrs?: readonly string[];
  /** Users whose outgoing traffic passes the proxy by. @default [] */
  readonly excludeUids?: readonly string[];
  /** Leave name resolution to the host. @default false */
  readonly noDns?: boolean;
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/proxy */
export interface Proxy {
  /** Where the task listens. @default "127.0.0.1" */
  readonly localServiceAddress?: string;
  /** Port of the task. @default - the service's port */
  readonly localServicePort?: number;
  /** Paths that are reachable without the mesh. @default - nothing */
  readonly expose?: Expose;
  /** Services that the task calls. @default [] */
  readonly upstreams?: readonly Upstream[];
  /** Send all traffic through the proxy. Since Nomad 1.8. @default - only upstreams */
  readonly transparentProxy?: TransparentProxy;
  /** For Envoy. @default {} */
  readonly config?: OpenConfig;
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/sidecar_service */
export interface SidecarService {
  /** Tags that discovery shows. @default - the service's */
  readonly tags?: readonly string[];
  /** Label of the proxy's port. @default - a port of its own */
  readonly port?: string;
  /** Do not check the proxy's port. @default false */
  readonly disableDefaultTcpCheck?: boolean;
  /** Metadata of the proxy's service. @default {} */
  readonly meta?: Readonly<Record<string, string>>;
  /** The sidecar's proxy. @default - Nomad's */
  readonly proxy?: Proxy;
}

/**
 * Changes the task that Nomad adds for the proxy.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/sidecar_task
 */
export interface SidecarTask {
  /** Name of the task. @default - `connect-proxy-<service>` */
  readonly name?: string;
  /** Driver of the task. @default "docker" */
  readonly driver?: string;
  /** User that the task runs as. @default - the driver's */
  readonly user?: string;
  /** As the driver spells it. @default - Envoy */
  readonly config?: OpenConfig;
  /** Environment of the task. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** Laid over Nomad's own, which have MHz: whole cores cannot be asked for. @default - 250 MHz, 128 MiB */
  readonly resources?: ResourcesOptions & CpuShare;
  /** Metadata of the task. @default {} */
  readonly meta?: Readonly<Record<string, string>>;
  /** What becomes of the output. @default - 2 files of 2 MiB */
  readonly logs?: Logs;
  /** From stop signal to kill. @default "5s" */
  readonly killTimeout?: Duration;
  /** Wait between deregistering services and the stop signal. @default "0s" */
  readonly shutdownDelay?: Duration;
  /** Signal that asks the task to stop. @default "SIGTERM" */
  readonly killSignal?: string;
  /** Volumes of the group that the task sees. @default [] */
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
      /** The task speaks the mesh's protocol itself. */
      readonly native: true;
      readonly sidecarService?: never;
      readonly sidecarTask?: never;
      readonly gateway?: never;
    }
  | {
      /** A proxy beside the task. */
      readonly sidecarService: SidecarService;
      /** Changes the proxy's task. @default - Envoy in docker */
      readonly sidecarTask?: SidecarTask;
      readonly native?: false;
      readonly gateway?: never;
    }
  | {
      /** The task is a gateway. */
      readonly gateway: Gateway;
      /** Changes the proxy's task. @default - Envoy in docker */
      readonly sidecarTask?: SidecarTask;
      readonly native?: false;
      readonly sidecarService?: never;
    };
