import type { Duration } from "./duration";

/**
 * Restarts a task whose check stays critical.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/check_restart
 */
export interface CheckRestart {
  /** Failures in a row; 0 never restarts. @default 0 */
  readonly limit?: number;
  /** Wait after a start before failures count. @default "1s" */
  readonly grace?: Duration;
  /** @default false */
  readonly ignoreWarnings?: boolean;
}

/** What every check has. @see https://developer.hashicorp.com/nomad/docs/job-specification/check */
export interface CheckOptions {
  /** @default - made from the service's name */
  readonly name?: string;
  /** At least `1s`. */
  readonly interval: Duration;
  /** At least `1s`. */
  readonly timeout: Duration;
  /** Label of a port of the group. @default - the service's port */
  readonly port?: string;
  /** @default - the service's */
  readonly addressMode?: "alloc" | "driver" | "host";
  /** Status before the first run. @default "critical" */
  readonly initialStatus?: "passing" | "warning" | "critical";
  /** What an unhealthy check means for a deployment. `ignore_warnings` is Consul only. @default "require_healthy" */
  readonly onUpdate?: "require_healthy" | "ignore_warnings" | "ignore";
  /** Task that the check belongs to. @default - none */
  readonly task?: string;
  /** @default - the service's */
  readonly checkRestart?: CheckRestart;
  /** Passes needed to become healthy. Consul only. @default 0 */
  readonly successBeforePassing?: number;
  /** Failures needed to become critical. Consul only. @default 0 */
  readonly failuresBeforeCritical?: number;
  /** Failures needed to warn. Consul only. @default 0 */
  readonly failuresBeforeWarning?: number;
  /** @default "" */
  readonly notes?: string;
}

/** Healthy when the answer is 2xx. */
export interface HttpCheck extends CheckOptions {
  readonly type: "http";
  /** Relative. Shape: `/v1/health`. */
  readonly path: string;
  /** @default "GET" */
  readonly method?: string;
  /** @default "http" */
  readonly protocol?: "http" | "https";
  /** @default {} */
  readonly header?: Readonly<Record<string, readonly string[]>>;
  /** @default - none */
  readonly body?: string;
  /** Do not verify the certificate. Consul only. @default false */
  readonly tlsSkipVerify?: boolean;
  /** Consul only. @default - the address */
  readonly tlsServerName?: string;
}

/** Healthy when the port accepts a connection. */
export interface TcpCheck extends CheckOptions {
  readonly type: "tcp";
}

/** Healthy when the gRPC health service says so. Consul only. */
export interface GrpcCheck extends CheckOptions {
  readonly type: "grpc";
  /** @default - the server as a whole */
  readonly grpcService?: string;
  /** @default false */
  readonly grpcUseTls?: boolean;
  /** @default false */
  readonly tlsSkipVerify?: boolean;
}

/** Healthy when a command inside the task ends with 0. Consul only. */
export interface ScriptCheck extends CheckOptions {
  readonly type: "script";
  readonly command: string;
  /** @default [] */
  readonly args?: readonly string[];
}

export type Check = HttpCheck | TcpCheck | GrpcCheck | ScriptCheck;

/** What services of either provider have. @see https://developer.hashicorp.com/nomad/docs/job-specification/service */
export interface ServiceOptions {
  /** Name in discovery: RFC 1123, at most 63 characters. @default - `<job>-<group>` */
  readonly name?: string;
  /** Label of a port of the group, or a number. @default - none */
  readonly port?: string;
  /** @default "auto" */
  readonly addressMode?: "auto" | "host" | "driver" | "alloc";
  /** Address to advertise, with `addressMode` auto only. @default - the port's */
  readonly address?: string;
  /** @default [] */
  readonly tags?: readonly string[];
  /** @default - `tags` */
  readonly canaryTags?: readonly string[];
  /** Task of the group that the service belongs to. @default - none */
  readonly task?: string;
  /** @default "require_healthy" */
  readonly onUpdate?: "require_healthy" | "ignore_warnings" | "ignore";
  /** Applies to every check that has none. @default - no restart */
  readonly checkRestart?: CheckRestart;
}

/** A service in Nomad's own discovery, visible in its region only. */
export interface NomadService extends ServiceOptions {
  /** @default "nomad" - unlike Nomad itself, whose default is Consul */
  readonly provider?: "nomad";
  /** @default [] */
  readonly checks?: readonly (HttpCheck | TcpCheck)[];
}

/** A service in Consul. */
export interface ConsulService extends ServiceOptions {
  readonly provider: "consul";
  /** @default [] */
  readonly checks?: readonly Check[];
  /** @default {} */
  readonly meta?: Readonly<Record<string, string>>;
  /** @default - `meta` */
  readonly canaryMeta?: Readonly<Record<string, string>>;
  /** @default {} */
  readonly taggedAddresses?: Readonly<Record<string, string>>;
  /** @default false */
  readonly enableTagOverride?: boolean;
}

export type Service = NomadService | ConsulService;
