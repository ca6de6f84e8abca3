import type { LanService, PortRange } from "./tailnet-types";
import type { Service } from "./types";

/** A service at the ports of a well-known program, for the pools and callers given. */
export type WellKnown<PoolName extends string, CallerName extends string> = Pick<Service, "port" | "protocol"> & {
  readonly pools: readonly PoolName[];
  readonly callers: readonly CallerName[];
};

/** Where a Ray cluster runs. */
export interface RayOptions<HeadPool extends string, WorkerPool extends string, Client extends string> {
  /** Pool of the head. */
  readonly head: HeadPool;
  /** Pools of the workers. */
  readonly workers: readonly WorkerPool[];
  /** Who opens the dashboard and submits work. */
  readonly clients: readonly Client[];
  /**
   * Ports of worker processes: `--min-worker-port` to `--max-worker-port`. Two workers on one machine need ranges of their own.
   *
   * @default "10002-19999" - as Ray's documentation has them
   */
  readonly workerPorts?: PortRange;
}

/**
 * What the parts of a Ray cluster call of each other. The job gives the same ports to `ray start`, and lets Nomad choose
 * those of the node manager and the object manager (`ray-node`).
 *
 * @returns services to spread into `services` of the fleet.
 * @see https://docs.ray.io/en/latest/ray-core/configure.html#ports-configurations
 */
export function rayServices<
  const HeadPool extends string,
  const WorkerPool extends string,
  const Client extends string,
>({ head, workers, clients, workerPorts = "10002-19999" }: RayOptions<HeadPool, WorkerPool, Client>) {
  type Pools = HeadPool | WorkerPool;
  const pools: readonly Pools[] = [...new Set<Pools>([head, ...workers])];
  return {
    /** The head's store (`--port`). */
    "ray-gcs": { port: 6379, pools: [head], callers: pools },
    "ray-dashboard": { port: 8265, pools: [head], callers: clients },
    /** `ray://`, for programs that run elsewhere (`--ray-client-server-port`). */
    "ray-client": { port: 10_001, pools: [head], callers: clients },
    /** Node and object managers. */
    "ray-node": { port: "dynamic", pools, callers: pools },
    "ray-workers": { port: workerPorts, pools, callers: pools },
  } as const satisfies Record<string, WellKnown<Pools, Pools | Client>>;
}

/** Ports that Linux gives to programs that ask for any. @see https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html */
export const EPHEMERAL_PORTS = "32768-60999";

/**
 * What the workers of a `DistributedTraining` call of each other: where they meet, and the ports that NCCL and Gloo take as Linux
 * gives them, since neither can be told which.
 *
 * @param options - `name`: of the training job.
 * @returns services to spread into `services` of the fleet.
 */
export function trainingServices<const Name extends string, const PoolName extends string>({
  name,
  pool,
}: {
  readonly name: Name;
  readonly pool: PoolName;
}) {
  const within = { pools: [pool], callers: [pool] };
  const services: Record<string, WellKnown<PoolName, PoolName>> = {
    [name]: { port: "dynamic", ...within },
    [`${name}-ranks`]: { port: EPHEMERAL_PORTS, ...within },
  };
  return services as Record<Name | `${Name}-ranks`, WellKnown<PoolName, PoolName>>;
}

/** Prometheus' exporter of a machine's own metrics. @see https://github.com/prometheus/node_exporter */
export function nodeExporter<const PoolName extends string, const Client extends string>(options: {
  readonly pools: readonly PoolName[];
  readonly callers: readonly Client[];
}): WellKnown<PoolName, Client> {
  return { port: 9100, ...options };
}

/** What a proxy takes from outside. @see https://www.iana.org/assignments/service-names-port-numbers */
export function ingressServices<const PoolName extends string, const Client extends string>(options: {
  readonly pools: readonly PoolName[];
  readonly callers: readonly Client[];
}) {
  return {
    "ingress-http": { port: 80, ...options },
    "ingress-https": { port: 443, ...options },
  } as const satisfies Record<string, WellKnown<PoolName, Client>>;
}

/** NFS 4 of a LAN host: one port. @see https://www.rfc-editor.org/rfc/rfc7530#section-3.1 */
export function nfs<const Client extends string>(
  ...callers: readonly Client[]
): Pick<LanService, "port" | "protocol"> & { readonly callers: readonly Client[] } {
  return { port: 2049, callers };
}

/** iSCSI of a LAN host. @see https://www.rfc-editor.org/rfc/rfc7143 */
export function iscsi<const Client extends string>(
  ...callers: readonly Client[]
): Pick<LanService, "port" | "protocol"> & { readonly callers: readonly Client[] } {
  return { port: 3260, callers };
}
