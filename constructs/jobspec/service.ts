import type { Check, CheckRestart, HttpCheck, OnUpdate, TcpCheck } from "./check";
import type { Connect } from "./connect";
import type { Identity } from "./workload";

/** What services of either provider have. @see https://developer.hashicorp.com/nomad/docs/job-specification/service */
export interface ServiceOptions {
  /** Name in discovery: RFC 1123, at most 63 characters. @default - `<job>-<group>` */
  readonly name?: string;
  /** Label of a port of the group, or a number. @default - none */
  readonly port?: string;
  /**
   * Which address is used: the allocation's, the driver's or the host's. `alloc_ipv6`, the allocation's IPv6 one, since Nomad
   * 1.10.4.
   *
   * @default "auto"
   */
  readonly addressMode?: "auto" | "host" | "driver" | "alloc" | "alloc_ipv6";
  /** Address to advertise, with `addressMode` auto only. @default - the port's */
  readonly address?: string;
  /** Tags that discovery shows. @default [] */
  readonly tags?: readonly string[];
  /** Tags while the allocation is a canary. @default - `tags` */
  readonly canaryTags?: readonly string[];
  /** Task of the group that the service belongs to. @default - none */
  readonly task?: string;
  /** What an unhealthy state means for a deployment. @default "require_healthy" */
  readonly onUpdate?: OnUpdate;
  /** Applies to every check that has none. @default - no restart */
  readonly checkRestart?: CheckRestart;
}

/** A service in Nomad's own discovery, visible in its region only. */
export interface NomadService extends ServiceOptions {
  /** Where the service is registered. @default "nomad" - unlike Nomad itself, whose default is Consul */
  readonly provider?: "nomad";
  /** Tell healthy instances from others. @default [] */
  readonly checks?: readonly (HttpCheck | TcpCheck)[];
}

/** How many answers of DNS a service gets. */
export interface ServiceWeights {
  /** Weight while healthy. @default 1 */
  readonly passing?: number;
  /** Weight while a check warns. @default 1 */
  readonly warning?: number;
}

/** A service in Consul. */
export interface ConsulService extends ServiceOptions {
  /** Where the service is registered. */
  readonly provider: "consul";
  /** Tell healthy instances from others. @default [] */
  readonly checks?: readonly Check[];
  /** Metadata that discovery shows. @default {} */
  readonly meta?: Readonly<Record<string, string>>;
  /** Metadata while the allocation is a canary. @default - `meta` */
  readonly canaryMeta?: Readonly<Record<string, string>>;
  /** Address per kind of caller. Shape: `{ wan: "203.0.113.7:8080" }`. @default {} */
  readonly taggedAddresses?: Readonly<Record<string, string>>;
  /** Let agents outside Nomad change the tags. @default false */
  readonly enableTagOverride?: boolean;
  /** How many answers of DNS the service gets. @default - 1 each */
  readonly weights?: ServiceWeights;
  /** Consul cluster of the agent's configuration. Nomad Enterprise. Since Nomad 1.7. @default "default" */
  readonly cluster?: string;
  /** Kind of service that Consul shows. Since Nomad 1.10.3. @default - a typical service */
  readonly kind?: "api-gateway" | "ingress-gateway" | "mesh-gateway" | "terminating-gateway";
  /** Workload identity to register with. Since Nomad 1.7. @default - the agent's */
  readonly identity?: Identity;
  /** Service mesh. @default - none */
  readonly connect?: Connect;
}

export type Service = NomadService | ConsulService;
