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
  /** Warnings do not count as failures. @default false */
  readonly ignoreWarnings?: boolean;
}

/** What an unhealthy check means for a deployment. `ignore_warnings` is Consul only. */
export type OnUpdate = "require_healthy" | "ignore_warnings" | "ignore";

/** What every check has. @see https://developer.hashicorp.com/nomad/docs/job-specification/check */
export interface CheckOptions {
  /** Name in discovery. @default - made from the service's name */
  readonly name?: string;
  /** At least `1s`. */
  readonly interval: Duration;
  /** At least `1s`. */
  readonly timeout: Duration;
  /** Label of a port of the group, or a number. @default - the service's port */
  readonly port?: string;
  /**
   * Which address is used: the allocation's, the driver's or the host's. `alloc_ipv6`, the allocation's IPv6 one, since Nomad
   * 1.10.4.
   *
   * @default - the service's
   */
  readonly addressMode?: "alloc" | "alloc_ipv6" | "driver" | "host";
  /** Address to check with the service's `port` as a number. Consul only. @default - the service's */
  readonly advertise?: string;
  /** Status before the first run. @default "critical" */
  readonly initialStatus?: "passing" | "warning" | "critical";
  /** What an unhealthy state means for a deployment. @default "require_healthy" */
  readonly onUpdate?: OnUpdate;
  /** Task of the group that the check belongs to. @default - the service's */
  readonly task?: string;
  /** Restarts the task when the check stays critical. @default - the service's */
  readonly checkRestart?: CheckRestart;
  /** Note for operators. Consul only. Since Nomad 1.9. @default "" */
  readonly notes?: string;
}

/** Numbers of results that change a status. Consul only; not for script and gRPC checks. */
export interface CheckThresholds {
  /** Passes needed to become healthy. @default 0 */
  readonly successBeforePassing?: number;
  /** Failures needed to become critical. @default 0 */
  readonly failuresBeforeCritical?: number;
  /** Failures needed to warn. @default 0 */
  readonly failuresBeforeWarning?: number;
}

/** Healthy when the answer is 2xx. */
export interface HttpCheck extends CheckOptions, CheckThresholds {
  /** An HTTP request. */
  readonly type: "http";
  /** Relative. Shape: `/v1/health`. */
  readonly path: string;
  /** HTTP method. @default "GET" */
  readonly method?: string;
  /** Protocol of the request. @default "http" */
  readonly protocol?: "http" | "https";
  /** Headers of the request, each with its values. @default {} */
  readonly header?: Readonly<Record<string, readonly string[]>>;
  /** Body of the request. @default - none */
  readonly body?: string;
  /** Do not verify the certificate. In Nomad's own checks since 1.9.6. @default false */
  readonly tlsSkipVerify?: boolean;
  /** Name expected in the certificate. Consul only. Since Nomad 1.7. @default - the address */
  readonly tlsServerName?: string;
  /** Make the path reachable past the Connect proxy. Group services with Connect only. @default false */
  readonly expose?: boolean;
}

/** Healthy when the port accepts a connection. */
export interface TcpCheck extends CheckOptions, CheckThresholds {
  /** A connection. */
  readonly type: "tcp";
}

/** Healthy when the gRPC health service says so. Consul only. */
export interface GrpcCheck extends CheckOptions {
  /** A request to the gRPC health service. */
  readonly type: "grpc";
  /** Service that is asked for. @default - the server as a whole */
  readonly grpcService?: string;
  /** Use TLS. @default false */
  readonly grpcUseTls?: boolean;
  /** Do not verify the certificate. @default false */
  readonly tlsSkipVerify?: boolean;
  /** Make the service reachable past the Connect proxy. Group services with Connect only. @default false */
  readonly expose?: boolean;
}

/** Healthy when a command inside the task ends with 0. Consul only. */
export interface ScriptCheck extends CheckOptions {
  /** A command inside the task. */
  readonly type: "script";
  /** Command that must end with 0. */
  readonly command: string;
  /** Arguments, one item each; no shell splits them. @default [] */
  readonly args?: readonly string[];
}

export type Check = HttpCheck | TcpCheck | GrpcCheck | ScriptCheck;
