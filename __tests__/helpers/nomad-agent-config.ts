/** A kind of GPU that the fake device plugin reports. */
export interface FakeGpu {
  /** Model, as the real plugin names it: `NVIDIA H100 80GB HBM3`. */
  readonly name: string;
  readonly count: number;
  /** Values with units become numbers: `{ memory: "81559 MiB" }`. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** One Nomad client. What is left out is as Nomad has it, or as it stands here. */
export interface ClientOptions {
  /** Node name, one of its kind among the clients. */
  readonly name: string;
  readonly nodePool?: string;
  /** @default "dc1" */
  readonly datacenter?: string;
  readonly nodeClass?: string;
  readonly meta?: Readonly<Record<string, string>>;
  readonly hostVolumes?: Readonly<Record<string, { readonly path: string; readonly readOnly?: boolean }>>;
  readonly hostNetworks?: Readonly<Record<string, { readonly cidr: string; readonly reservedPorts?: string }>>;
  /** What the client says it has, in MHz. @default the machine's */
  readonly cpuTotalMHz?: number;
  /** @default the machine's */
  readonly memoryTotalMiB?: number;
  /**
   * Drivers that may be used; the start waits until each is healthy. For tasks that run, `exec` copies much of the
   * machine into each one's folder unless `clientBlock` has a small `chroot_env`.
   *
   * @default ["raw_exec"]
   */
  readonly drivers?: readonly string[];
  readonly gpus?: readonly FakeGpu[];
  /** Vendor of the fake GPUs. @default "nvidia" */
  readonly gpuVendor?: string;
  /** Folder with CNI plugins, for groups with a network in bridge mode. */
  readonly cniDirectory?: string;
  /** More for the `client` block, by Nomad's names; wins over the rest. */
  readonly clientBlock?: Readonly<Record<string, unknown>>;
  /** More for the whole agent, by Nomad's names; wins over the rest. */
  readonly agent?: Readonly<Record<string, unknown>>;
}

/** Where an agent lives. */
export interface AgentPlace {
  readonly directory: string;
  readonly ports: { readonly http: number; readonly rpc: number; readonly serf: number };
}

/** Agent configuration, to be written as JSON. */
export type AgentConfig = Readonly<Record<string, unknown>>;

const LOOPBACK = "127.0.0.1";

/** Fingerprints that ask the network and wait for no answer. */
const DENIED_FINGERPRINTS = "env_aws,env_gce,env_azure,env_digitalocean,consul,vault";

/** Ports of one client's tasks: clients that share a machine must not give out the same ones. */
const PORTS_PER_CLIENT = 500;
const FIRST_TASK_PORT = 20_000;

function agentConfig(name: string, place: AgentPlace): AgentConfig {
  return {
    name,
    data_dir: `${place.directory}/data`,
    bind_addr: LOOPBACK,
    // Nomad takes no default from a loopback address.
    advertise: { http: LOOPBACK, rpc: LOOPBACK, serf: LOOPBACK },
    ports: place.ports,
    disable_update_check: true,
    log_level: "WARN",
  };
}

/** Configuration of the one server. */
export function serverConfig(place: AgentPlace, more: AgentConfig = {}): AgentConfig {
  return { ...agentConfig("server", place), server: { enabled: true, bootstrap_expect: 1 }, ...more };
}

/** What a client's configuration depends on next to its options. */
export interface ClientSurroundings {
  readonly place: AgentPlace;
  /** `address:port` of the server's RPC. */
  readonly server: string;
  /** Place among the clients, from zero. */
  readonly index: number;
  /** Group in every cgroup hierarchy, so that what is left there is ours. */
  readonly cgroup: string;
  /** Folder with the fake device plugin. */
  readonly pluginDirectory: string;
}

/** Configuration of one client. */
export function clientConfig(options: ClientOptions, surroundings: ClientSurroundings): AgentConfig {
  const { place, server, index, cgroup, pluginDirectory } = surroundings;
  const drivers = options.drivers ?? ["raw_exec"];
  const firstPort = FIRST_TASK_PORT + index * PORTS_PER_CLIENT;
  return {
    ...agentConfig(options.name, place),
    datacenter: options.datacenter ?? "dc1",
    ...(options.gpus && { plugin_dir: pluginDirectory }),
    plugin: {
      ...(drivers.includes("raw_exec") && { raw_exec: { config: { enabled: true } } }),
      ...(options.gpus && { "fake-gpu": { config: { vendor: options.gpuVendor ?? "nvidia", group: options.gpus } } }),
    },
    client: {
      enabled: true,
      servers: [server],
      network_interface: "lo",
      cgroup_parent: cgroup,
      min_dynamic_port: firstPort,
      max_dynamic_port: firstPort + PORTS_PER_CLIENT - 1,
      options: { "driver.allowlist": drivers.join(","), "fingerprint.denylist": DENIED_FINGERPRINTS },
      ...(options.nodePool !== undefined && { node_pool: options.nodePool }),
      ...(options.nodeClass !== undefined && { node_class: options.nodeClass }),
      ...(options.meta && { meta: options.meta }),
      ...(options.cpuTotalMHz !== undefined && { cpu_total_compute: options.cpuTotalMHz }),
      ...(options.memoryTotalMiB !== undefined && { memory_total_mb: options.memoryTotalMiB }),
      ...(options.cniDirectory !== undefined && { cni_path: options.cniDirectory }),
      host_volume: mapValues(options.hostVolumes, ({ path, readOnly }) => ({ path, read_only: readOnly ?? false })),
      host_network: mapValues(options.hostNetworks, ({ cidr, reservedPorts }) => ({
        cidr,
        ...(reservedPorts !== undefined && { reserved_ports: reservedPorts }),
      })),
      ...options.clientBlock,
    },
    ...options.agent,
  };
}

function mapValues<T, U>(record: Readonly<Record<string, T>> = {}, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
