import { gpuMeta } from "../../../model/gpu";
import { TAILNET_HOST_NETWORKS } from "../../../model/host-networks";
import { deviceOf, type GpuDevice } from "../../../model/hardware";
import { activeHosts, datacenterOf } from "../../../model/names";
import { parsePorts } from "../../../model/ports";
import type { Fleet, Pool } from "../../../model/types";
import { DEFAULT_NOMAD_VERSION } from "../../../model/versions";
import { absent, present, unknown, written, type Side } from "./compare";

/** How many addresses of a machine belong to a host network: a static port is free once on each. */
export interface Addresses {
  readonly atLeast: number;
  readonly atMost: number;
}

/** What placement asks about a pool, worked out once per fleet. */
export interface PoolFacts {
  readonly name: string;
  readonly pool: Pool;
  readonly datacenter: string;
  /** Names of the machines; undefined where the platform makes them. */
  readonly hosts: readonly string[] | undefined;
  /** How many machines; undefined where the fleet does not say. */
  readonly machines: number | undefined;
  readonly drivers: readonly string[];
  /** Its GPUs or slices of them, as jobs get them. */
  readonly gpu: GpuDevice | undefined;
  /** What is left for jobs. */
  readonly cpuMHz: number;
  readonly memoryMiB: number;
  readonly diskMiB: number | undefined;
  readonly hostNetworks: ReadonlyMap<string, Addresses>;
  readonly reservedPorts: readonly (readonly [first: number, last: number])[];
  /** What a reference in a constraint comes to on the pool's machines, where it is the same on each of them. */
  readonly sides: Map<string, Side>;
}

const factsOfFleets = new WeakMap<Fleet, ReadonlyMap<string, PoolFacts>>();

/** Facts of every pool of a fleet, by name. */
export function poolFacts(fleet: Fleet): ReadonlyMap<string, PoolFacts> {
  const found = factsOfFleets.get(fleet);
  if (found !== undefined) return found;
  const facts = new Map(Object.entries(fleet.pools).map(([name, pool]) => [name, factsOf(fleet, name, pool)]));
  factsOfFleets.set(fleet, facts);
  return facts;
}

function factsOf(fleet: Fleet, name: string, pool: Pool): PoolFacts {
  const { hardware, reserved } = pool;
  const site = fleet.sites[pool.site];
  const hosts = pool.hosts && activeHosts(site, pool.hosts);
  const datacenter = datacenterOf(fleet, pool.region);
  return {
    name,
    pool,
    datacenter,
    hosts,
    machines: hosts?.length ?? pool.count,
    drivers: [...(pool.drivers ?? ["docker", "exec"]), ...(pool.driverPlugins ?? [])],
    gpu: deviceOf(hardware),
    cpuMHz: hardware.cpuMHz - (reserved?.cpuMHz ?? 0),
    memoryMiB: hardware.memoryMiB - (reserved?.memoryMiB ?? 0),
    diskMiB: hardware.diskMiB === undefined ? undefined : hardware.diskMiB - (reserved?.diskMiB ?? 0),
    hostNetworks: hostNetworks(pool),
    reservedPorts: parsePorts(reserved?.ports ?? "") ?? [],
    sides: sides(fleet, name, pool, datacenter),
  };
}

function hostNetworks(pool: Pool): ReadonlyMap<string, Addresses> {
  const networks = new Map<string, Addresses>();
  for (const [name, network] of Object.entries(pool.hostNetworks ?? {})) {
    const isOne = network.cidr !== undefined && /\/(32|128)$/.test(network.cidr);
    networks.set(name, { atLeast: 1, atMost: isOne ? 1 : Infinity });
  }
  // An IPv4 address, and an IPv6 address where the tailnet has those.
  for (const name of TAILNET_HOST_NETWORKS) networks.set(name, { atLeast: 1, atMost: 2 });
  return networks;
}

/** Attributes that are the same on all machines and follow from the fleet; what else Nomad finds is looked up by prefix. */
function sides(fleet: Fleet, name: string, pool: Pool, datacenter: string): Map<string, Side> {
  const architecture = pool.hardware.architecture ?? "amd64";
  const known: Record<string, string> = {
    "${node.pool}": name,
    "${node.class}": pool.nodeClass ?? "",
    "${node.datacenter}": datacenter,
    "${attr.cpu.arch}": architecture,
    "${attr.kernel.name}": "linux",
    "${attr.kernel.arch}": architecture === "arm64" ? "aarch64" : "x86_64",
    "${attr.nomad.version}": fleet.versions?.nomad ?? DEFAULT_NOMAD_VERSION,
    "${attr.nomad.service_discovery}": "true",
    "${attr.plugins.secrets.nomad.version}": "1.0.0",
    "${attr.plugins.secrets.vault.version}": "1.0.0",
    "${meta.steppe.fleet}": fleet.name,
    "${meta.steppe.site}": pool.site,
    "${meta.steppe.pool}": name,
  };
  for (const [key, value] of Object.entries({ ...gpuMeta(pool), ...pool.nodeMeta })) known[`\${meta.${key}}`] = value;
  const found = new Map(Object.entries(known).map(([target, text]) => [target, written(text)]));
  for (const driver of [...(pool.drivers ?? ["docker", "exec"]), ...(pool.driverPlugins ?? [])]) {
    found.set(`\${attr.driver.${driver}}`, { text: "1" });
  }
  const platform = fleet.sites[pool.site]?.platform;
  if (platform === "aws" && pool.machineType !== undefined) {
    found.set("${attr.platform.aws.instance-type}", { text: pool.machineType });
  }
  if (fleet.versions?.edition === "enterprise") found.set("${attr.nomad.version}", present);
  // Secrets became plugins in Nomad 1.11; what older machines have is not known.
  return found;
}

/** References with a value on every machine that the fleet does not say. */
const ALWAYS_SET =
  /^\$\{(node\.unique\.id|attr\.(unique\.(hostname|network\.ip-address|advertise\.address|storage\.(bytestotal|volume))|kernel\.version|os\.(name|version|signals)|cpu\.(numcores|totalcompute|usablecompute|reservablecores)|memory\.totalbytes))\}$/;

/** Meta that Nomad itself adds. */
const OWN_META = /^\$\{meta\.connect\./;

/**
 * What one side of a constraint comes to on the machines of a pool.
 *
 * @param host - the machine; without one, its name is unknown.
 */
export function resolve(target: string, facts: PoolFacts, host?: string): Side {
  if (!target.startsWith("${")) return written(target);
  const found = facts.sides.get(target);
  if (found !== undefined) return found;
  if (target === "${node.unique.name}") return host === undefined ? present : { text: host };
  const side = lookUp(target, facts);
  if (facts.sides.size < 10_000) facts.sides.set(target, side);
  return side;
}

function lookUp(target: string, facts: PoolFacts): Side {
  if (target.includes("TfToken[")) return unknown;
  if (ALWAYS_SET.test(target)) return present;
  if (target.startsWith("${meta.")) return OWN_META.test(target) ? present : absent;
  if (/^\$\{attr\.driver\.[^.}]+\}$/.test(target)) return absent;
  if (/^\$\{attr\.platform\.|^\$\{attr\.unique\.platform\./.test(target)) {
    // Cloud fingerprints are switched off on-prem (agent-config.ts).
    return facts.hosts !== undefined ? absent : unknown;
  }
  return target.startsWith("${attr.") ? unknown : absent;
}
