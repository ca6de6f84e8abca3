import type { OpenConfig } from "./connect";
import type { Duration } from "./duration";

/** An address that the gateway's proxy listens on. */
export interface GatewayBindAddress {
  /** Shape: `0.0.0.0`. */
  readonly address: string;
  readonly port: number;
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/gateway#proxy-parameters */
export interface GatewayProxy {
  /** @default "5s" */
  readonly connectTimeout?: Duration;
  /** @default false */
  readonly envoyGatewayBindTaggedAddresses?: boolean;
  /** By name. @default - Nomad's */
  readonly envoyGatewayBindAddresses?: Readonly<Record<string, GatewayBindAddress>>;
  /** @default false */
  readonly envoyGatewayNoDefaultBind?: boolean;
  /** @default - Consul's */
  readonly envoyDnsDiscoveryType?: "STRICT_DNS" | "LOGICAL_DNS";
  /** For Envoy. @default {} */
  readonly config?: OpenConfig;
}

/** Where Envoy gets its certificate from. */
export interface GatewaySds {
  readonly clusterName: string;
  readonly certResource: string;
}

/** TLS of a gateway's listeners. */
export interface GatewayTls {
  /** @default false */
  readonly enabled?: boolean;
  /** Shape: `TLSv1_2`. @default - Consul's */
  readonly tlsMinVersion?: string;
  /** @default - Consul's */
  readonly tlsMaxVersion?: string;
  /** @default - Consul's */
  readonly cipherSuites?: readonly string[];
  /** @default - Consul's own certificates */
  readonly sds?: GatewaySds;
}

/** Changes headers on the way. */
export interface HeaderModifiers {
  /** @default {} */
  readonly add?: Readonly<Record<string, string>>;
  /** @default {} */
  readonly set?: Readonly<Record<string, string>>;
  /** @default [] */
  readonly remove?: readonly string[];
}

/** A service behind a listener. */
export interface IngressService {
  /** `*` with an http listener means every service. */
  readonly name: string;
  /** Host names; not with tcp. @default - `<name>.ingress.*` */
  readonly hosts?: readonly string[];
  /** @default - the listener's */
  readonly tls?: GatewayTls;
  /** @default - unchanged */
  readonly requestHeaders?: HeaderModifiers;
  /** @default - unchanged */
  readonly responseHeaders?: HeaderModifiers;
  /** @default - Consul's */
  readonly maxConnections?: number;
  /** @default - Consul's */
  readonly maxPendingRequests?: number;
  /** @default - Consul's */
  readonly maxConcurrentRequests?: number;
}

/** A port that callers from outside the mesh use; unique in the gateway. */
export interface IngressListener {
  readonly port: number;
  /** A tcp listener has exactly one service. @default "tcp" */
  readonly protocol?: "tcp" | "http" | "http2" | "grpc";
  readonly services: readonly IngressService[];
}

/** Lets callers from outside into the mesh. */
export interface IngressGateway {
  /** @default - none */
  readonly tls?: GatewayTls;
  readonly listeners: readonly IngressListener[];
}

/** A service outside the mesh. */
export interface LinkedService {
  readonly name: string;
  /** Path of a certificate authority. @default - none */
  readonly caFile?: string;
  /** @default - none */
  readonly certFile?: string;
  /** @default - none */
  readonly keyFile?: string;
  /** Name sent in TLS. @default - none */
  readonly sni?: string;
}

/** Lets members of the mesh out to other services. */
export interface TerminatingGateway {
  readonly services: readonly LinkedService[];
}

/**
 * A gateway of the mesh: exactly one of three kinds.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/gateway
 */
export type Gateway = {
  /** @default - Nomad's */
  readonly proxy?: GatewayProxy;
} & (
  | { readonly ingress: IngressGateway; readonly terminating?: never; readonly mesh?: never }
  | { readonly terminating: TerminatingGateway; readonly ingress?: never; readonly mesh?: never }
  | { readonly mesh: MeshGatewayKind; readonly ingress?: never; readonly terminating?: never }
);

/** Joins meshes of several Consul datacenters; has no settings. */
export type MeshGatewayKind = Readonly<Record<string, never>>;
