import type { OpenConfig } from "./connect";
import type { Duration } from "./duration";

/** An address that the gateway's proxy listens on. */
export interface GatewayBindAddress {
  /** Shape: `0.0.0.0`. */
  readonly address: string;
  /** Port that is listened on. */
  readonly port: number;
}

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/gateway#proxy-parameters */
export interface GatewayProxy {
  /** How long connecting to an upstream may take. @default "5s" */
  readonly connectTimeout?: Duration;
  /** Listen on the service's tagged addresses too. @default false */
  readonly envoyGatewayBindTaggedAddresses?: boolean;
  /** By name. @default - Nomad's */
  readonly envoyGatewayBindAddresses?: Readonly<Record<string, GatewayBindAddress>>;
  /** Listen only where told. @default false */
  readonly envoyGatewayNoDefaultBind?: boolean;
  /** How Envoy resolves names. @default - Consul's */
  readonly envoyDnsDiscoveryType?: "STRICT_DNS" | "LOGICAL_DNS";
  /** For Envoy. @default {} */
  readonly config?: OpenConfig;
}

/** Where Envoy gets its certificate from. */
export interface GatewaySds {
  /** SDS cluster of the proxy. */
  readonly clusterName: string;
  /** Name of the certificate in the cluster. */
  readonly certResource: string;
}

/** TLS of a gateway's listeners. */
export interface GatewayTls {
  /** Use TLS. @default false */
  readonly enabled?: boolean;
  /** Shape: `TLSv1_2`. @default - Consul's */
  readonly tlsMinVersion?: string;
  /** Highest version of TLS. @default - Consul's */
  readonly tlsMaxVersion?: string;
  /** Ciphers that are offered. @default - Consul's */
  readonly cipherSuites?: readonly string[];
  /** Where the certificate comes from. @default - Consul's own certificates */
  readonly sds?: GatewaySds;
}

/** Changes headers on the way. */
export interface HeaderModifiers {
  /** Headers that are added. @default {} */
  readonly add?: Readonly<Record<string, string>>;
  /** Headers that are set, whatever they were. @default {} */
  readonly set?: Readonly<Record<string, string>>;
  /** Headers that are removed. @default [] */
  readonly remove?: readonly string[];
}

/** A service behind a listener. */
export interface IngressService {
  /** `*` with an http listener means every service. */
  readonly name: string;
  /** Host names; not with tcp. @default - `<name>.ingress.*` */
  readonly hosts?: readonly string[];
  /** TLS of the listeners. @default - the listener's */
  readonly tls?: GatewayTls;
  /** Changes headers on the way in. @default - unchanged */
  readonly requestHeaders?: HeaderModifiers;
  /** Changes headers on the way out. @default - unchanged */
  readonly responseHeaders?: HeaderModifiers;
  /** Connections at the same time. @default - Consul's */
  readonly maxConnections?: number;
  /** Requests that wait for a connection. @default - Consul's */
  readonly maxPendingRequests?: number;
  /** Requests at the same time. @default - Consul's */
  readonly maxConcurrentRequests?: number;
}

/** A port that callers from outside the mesh use; unique in the gateway. */
export interface IngressListener {
  /** Port that is listened on. */
  readonly port: number;
  /** A tcp listener has exactly one service. @default "tcp" */
  readonly protocol?: "tcp" | "http" | "http2" | "grpc";
  /** Services behind the listener. */
  readonly services: readonly IngressService[];
}

/** Lets callers from outside into the mesh. */
export interface IngressGateway {
  /** TLS of the listeners. @default - none */
  readonly tls?: GatewayTls;
  /** Ports that callers use. */
  readonly listeners: readonly IngressListener[];
}

/** A service outside the mesh. */
export interface LinkedService {
  /** Name in the mesh. */
  readonly name: string;
  /** Path of a certificate authority. @default - none */
  readonly caFile?: string;
  /** Path of a client certificate. @default - none */
  readonly certFile?: string;
  /** Path of the certificate's key. @default - none */
  readonly keyFile?: string;
  /** Name sent in TLS. @default - none */
  readonly sni?: string;
}

/** Lets members of the mesh out to other services. */
export interface TerminatingGateway {
  /** Services that are reached. */
  readonly services: readonly LinkedService[];
}

/**
 * A gateway of the mesh: exactly one of three kinds.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/gateway
 */
export type Gateway = {
  /** Settings of the gateway's proxy. @default - Nomad's */
  readonly proxy?: GatewayProxy;
} & (
  | {
      /** Lets callers from outside into the mesh. */
      readonly ingress: IngressGateway;
      readonly terminating?: never;
      readonly mesh?: never;
    }
  | {
      /** Lets members of the mesh out to other services. */
      readonly terminating: TerminatingGateway;
      readonly ingress?: never;
      readonly mesh?: never;
    }
  | {
      /** Joins meshes. */
      readonly mesh: MeshGatewayKind;
      readonly ingress?: never;
      readonly terminating?: never;
    }
);

/** Joins meshes of several Consul datacenters; has no settings. */
export type MeshGatewayKind = Readonly<Record<string, never>>;
