import type { CsiProgram } from "../../model/csi-driver";
import { devicePluginOf, gpuMeta, hasNvidiaRuntime } from "../../model/gpu";
import { activeServerNames, authoritativeRegion, datacenterOf, magicDnsName, siteOf } from "../../model/names";
import type { Driver, Fleet, Pool, Site } from "../../model/types";
import { csiProgramsIn } from "../../model/volumes";
import { dataPaths, paths } from "./paths";

type Json = Readonly<Record<string, unknown>>;

/** Interface of the tailnet; the only one that Nomad may use. */
export const TAILNET_INTERFACE = "tailscale0";

/** Name of the host network that puts a port on the tailnet. */
export const TAILNET_HOST_NETWORK = "tailscale";

/** Longest silence of a client, in a region with edge pools, before its work is moved. */
const EDGE_HEARTBEAT_GRACE = "1m";

/**
 * Agent configuration of a region's servers, for every server alike. Address, name and secrets are added on the machine.
 *
 * @see https://developer.hashicorp.com/nomad/docs/configuration
 */
export function serverConfig(fleet: Fleet, regionName: string, dataDirectory: string): Json {
  const servers = activeServerNames(fleet, regionName);
  const hasEdge = Object.values(fleet.pools).some((pool) => pool.region === regionName && pool.edge !== undefined);
  return {
    ...common(fleet, regionName, dataDirectory),
    leave_on_interrupt: false,
    leave_on_terminate: false,
    server: {
      enabled: true,
      bootstrap_expect: servers.length,
      authoritative_region: authoritativeRegion(fleet),
      server_join: {
        retry_join: servers.map((host) => `${magicDnsName(fleet, host)}:4648`),
        retry_interval: "3s",
        retry_max: 0,
      },
      ...(hasEdge ? { heartbeat_grace: EDGE_HEARTBEAT_GRACE } : {}),
    },
    autopilot: { cleanup_dead_servers: true, last_contact_threshold: "1s", server_stabilization_time: "5s" },
  };
}

/** Agent configuration of a pool's clients. */
export function clientConfig(fleet: Fleet, poolName: string, dataDirectory: string): Json {
  const pool = fleet.pools[poolName];
  if (pool === undefined) throw new RangeError(`no pool ${poolName} in fleet ${fleet.name}`);
  const { platform } = siteOf(fleet, pool.site);
  const devicePlugin = devicePluginOf(pool);
  return {
    ...common(fleet, pool.region, dataDirectory),
    ...(devicePlugin === undefined ? {} : { plugin_dir: dataPaths(dataDirectory).plugins }),
    leave_on_interrupt: true,
    leave_on_terminate: true,
    client: {
      enabled: true,
      node_pool: poolName,
      ...(pool.nodeClass === undefined ? {} : { node_class: pool.nodeClass }),
      meta: nodeMeta(fleet, poolName, pool),
      network_interface: TAILNET_INTERFACE,
      host_network: { ...pool.hostNetworks, [TAILNET_HOST_NETWORK]: { interface: TAILNET_INTERFACE } },
      ...reserved(pool),
      ...(pool.chrootEnv === undefined ? {} : { chroot_env: pool.chrootEnv }),
      server_join: {
        retry_join: activeServerNames(fleet, pool.region).map((host) => `${magicDnsName(fleet, host)}:4647`),
        retry_interval: "3s",
        retry_max: 0,
      },
      host_volume: Object.fromEntries(
        Object.entries(pool.hostVolumes ?? {}).map(([name, volume]) => [
          name,
          { path: volume.path, read_only: volume.readOnly ?? false },
        ]),
      ),
      drain_on_shutdown: { deadline: `${drainSeconds(pool, platform)}s`, force: false, ignore_system_jobs: false },
      options: platform !== "onprem" ? {} : { "fingerprint.denylist": "env_aws,env_gce,env_azure,env_digitalocean" },
    },
    plugin: Object.fromEntries(
      Object.entries({
        ...driverPlugins(pool, csiProgramsIn(fleet, poolName)),
        // Nomad knows an external plugin by the name of its program.
        ...(devicePlugin === undefined ? {} : { [devicePlugin]: {} }),
      }).map(([name, config]) => [name, { config }]),
    ),
  };
}

/**
 * Drain deadline where the fleet says nothing, seconds: of machines that stay, and of spot machines. A cloud ends a machine a
 * while after its notice, and some of that passes before the notice is seen and while tasks end after the deadline.
 *
 * - AWS gives spot machines two minutes; for others a lifecycle hook waits.
 * - Google Cloud gives spot machines 30 s, others 90 s.
 *
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
 * @see https://cloud.google.com/compute/docs/shutdownscript
 */
const DRAIN_SECONDS = {
  onprem: { steady: 120, spot: 90 },
  aws: { steady: 120, spot: 90 },
  gcp: { steady: 75, spot: 20 },
} as const;

/** Drain deadline of a pool's machines, seconds. */
export function drainSeconds(pool: Pool, platform: Site["platform"]): number {
  return pool.drainSeconds ?? DRAIN_SECONDS[platform][pool.spot === true ? "spot" : "steady"];
}

function common(fleet: Fleet, regionName: string, dataDirectory: string): Json {
  return {
    region: regionName,
    datacenter: datacenterOf(fleet, regionName),
    data_dir: dataPaths(dataDirectory).nomad,
    disable_update_check: true,
    acl: { enabled: true },
    tls: {
      http: true,
      rpc: true,
      ca_file: `${paths.tls}/ca.pem`,
      cert_file: `${paths.tls}/cert.pem`,
      key_file: `${paths.tls}/key.pem`,
      verify_server_hostname: true,
      verify_https_client: true,
    },
    telemetry: {
      prometheus_metrics: true,
      publish_allocation_metrics: true,
      publish_node_metrics: true,
      disable_hostname: true,
    },
  };
}

function nodeMeta(fleet: Fleet, poolName: string, pool: Pool): Readonly<Record<string, string>> {
  const own = { "steppe.fleet": fleet.name, "steppe.site": pool.site, "steppe.pool": poolName };
  return { ...own, ...gpuMeta(pool), ...pool.nodeMeta };
}

/** What jobs do not get. Left out, Nomad reserves nothing. */
function reserved({ reserved }: Pool): Json {
  if (reserved === undefined) return {};
  const { cpuMHz = 0, memoryMiB = 0, diskMiB = 0, ports = "" } = reserved;
  return { reserved: { cpu: cpuMHz, memory: memoryMiB, disk: diskMiB, reserved_ports: ports } };
}

const DEFAULT_DRIVERS: readonly Driver[] = ["docker", "exec"];

/** Task drivers that jobs of a pool may use. */
export function driversOf(pool: Pool): readonly Driver[] {
  return pool.drivers ?? DEFAULT_DRIVERS;
}

function driverPlugins(pool: Pool, csi: readonly CsiProgram[]): Readonly<Record<string, Json>> {
  const drivers = driversOf(pool);
  return {
    raw_exec: { enabled: drivers.includes("raw_exec") },
    ...(drivers.includes("docker")
      ? {
          docker: {
            // Mounting for others takes all rights; jobs are held to the rule `privileged`.
            allow_privileged: csi.some((program) => program.image !== undefined && program.privileged === true),
            volumes: { enabled: true },
            image_pull_timeout: "30m",
            allow_runtimes: hasNvidiaRuntime(pool) ? ["runc", "nvidia"] : ["runc"],
            gc: { image_delay: "24h" },
          },
        }
      : {}),
  };
}
