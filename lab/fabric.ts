import { readdir } from "node:fs/promises";
import { FABRIC, namespaceFile, hostNamespace, OPERATOR_NAMESPACE, NAMESPACE_PREFIX } from "./paths";
import { nthAddress, prefixOf } from "./ranges";
import { run } from "./run";
import { controlCidr, linkName, type LabHost, type LabSpec } from "./spec";

/** Name of the bridge on which control server and operator live. */
const CONTROL_BRIDGE = "control";

/** Name of a site's bridge in the fabric. */
export function bridgeName(site: string): string {
  return linkName("br", site);
}

/** Name of the fabric's end of a machine's cable. */
export function portName(machine: string): string {
  return linkName("p", machine);
}

/** Address of the control server and gateway of the operator. */
export function controlAddress(spec: LabSpec): string {
  return nthAddress(controlCidr(spec), 1);
}

/** Address of the operator on the fabric. */
export function operatorAddress(spec: LabSpec): string {
  return nthAddress(controlCidr(spec), 2);
}

/** Lines for `ip -batch` that make one bridge with the gateway's address on it. */
export function bridgeCommands(name: string, cidr: string): string[] {
  return [
    `link add ${name} type bridge forward_delay 0 stp_state 0`,
    `addr add ${nthAddress(cidr, 1)}/${prefixOf(cidr)} dev ${name}`,
    `link set ${name} up`,
  ];
}

/** Lines for `ip -batch` in the fabric: one cable from a bridge into a machine's namespace. */
export function cableCommands(port: string, bridge: string, namespace: string): string[] {
  return [
    `link add ${port} type veth peer name eth0 netns ${namespace}`,
    `link set ${port} master ${bridge}`,
    `link set ${port} up`,
  ];
}

/** Lines for `ip -batch` in the fabric: one cable from a bridge to a machine that QEMU runs in the fabric itself. */
export function tapCommands(port: string, bridge: string): string[] {
  return [`tuntap add dev ${port} mode tap`, `link set ${port} master ${bridge}`, `link set ${port} up`];
}

/** Lines for `ip -batch` in a machine's namespace: its address and its way out. */
export function machineCommands(address: string, cidr: string): string[] {
  return [
    "link set lo up",
    `addr add ${address}/${prefixOf(cidr)} dev eth0`,
    "link set eth0 up",
    `route add default via ${nthAddress(cidr, 1)}`,
  ];
}

/** Names of the lab's network namespaces that exist. */
export async function labNamespaces(): Promise<string[]> {
  const names = await readdir("/run/netns").catch(() => [] as string[]);
  return names.filter((name) => name.startsWith(NAMESPACE_PREFIX));
}

async function batch(namespace: string, lines: readonly string[], signal?: AbortSignal): Promise<void> {
  if (lines.length === 0) return;
  await run("ip", ["-n", namespace, "-batch", "-"], { input: `${lines.join("\n")}\n`, signal });
}

async function linksIn(namespace: string, signal?: AbortSignal): Promise<Set<string>> {
  const { stdout } = await run("ip", ["-n", namespace, "-j", "link"], { signal });
  return new Set((JSON.parse(stdout || "[]") as { ifname: string }[]).map((link) => link.ifname));
}

/**
 * Makes what is missing of the fabric: its namespace, and a bridge per site and one for control server and operator.
 * It routes between them; nothing of it touches the machine's own network.
 */
export async function ensureFabric(spec: LabSpec, signal?: AbortSignal): Promise<void> {
  if (!(await labNamespaces()).includes(FABRIC)) await run("ip", ["netns", "add", FABRIC], { signal });
  const there = await linksIn(FABRIC, signal);
  const bridges = [
    { name: CONTROL_BRIDGE, cidr: controlCidr(spec) },
    ...spec.sites.map((site) => ({ name: bridgeName(site.name), cidr: site.cidr })),
  ].filter(({ name }) => !there.has(name));
  await batch(FABRIC, ["link set lo up", ...bridges.flatMap(({ name, cidr }) => bridgeCommands(name, cidr))], signal);
  const forward = "echo 1 > /proc/sys/net/ipv4/ip_forward";
  await run("nsenter", [`--net=${namespaceFile(FABRIC)}`, "sh", "-c", forward], { signal });
}

/** Makes what is missing of the cables of the given hosts, and of the operator's. */
export async function ensureCables(spec: LabSpec, hosts: readonly LabHost[], signal?: AbortSignal): Promise<void> {
  await ensureTaps(
    hosts.filter(({ machine }) => machine !== undefined),
    signal,
  );
  const sites = new Map(spec.sites.map((site) => [site.name, site]));
  const machines = [
    {
      namespace: OPERATOR_NAMESPACE,
      port: "operator",
      bridge: CONTROL_BRIDGE,
      address: operatorAddress(spec),
      cidr: controlCidr(spec),
    },
    ...hosts.flatMap((host) => {
      if (host.machine !== undefined) return [];
      const site = sites.get(host.site);
      const bridge = bridgeName(host.site);
      return site
        ? [
            {
              namespace: hostNamespace(host.name),
              port: portName(host.name),
              bridge,
              address: host.address,
              cidr: site.cidr,
            },
          ]
        : [];
    }),
  ];
  const namespaces = new Set(await labNamespaces());
  const ports = await linksIn(FABRIC, signal);
  const missing = machines.filter(({ port, namespace }) => !ports.has(port) || !namespaces.has(namespace));
  for (const { namespace } of missing)
    if (!namespaces.has(namespace)) await run("ip", ["netns", "add", namespace], { signal });
  const stale = missing.filter(({ port }) => ports.has(port)).map(({ port }) => `link del ${port}`);
  const cables = missing.flatMap(({ port, bridge, namespace }) => cableCommands(port, bridge, namespace));
  await batch(FABRIC, [...stale, ...cables], signal);
  await Promise.all(
    missing.map(async ({ namespace, address, cidr }) => await batch(namespace, machineCommands(address, cidr), signal)),
  );
}

async function ensureTaps(hosts: readonly LabHost[], signal?: AbortSignal): Promise<void> {
  if (hosts.length === 0) return;
  const ports = await linksIn(FABRIC, signal);
  const missing = hosts.filter(({ name }) => !ports.has(portName(name)));
  const taps = missing.flatMap(({ name, site }) => tapCommands(portName(name), bridgeName(site)));
  await batch(FABRIC, taps, signal);
}

/** Takes away a host's cable and namespace. */
export async function removeCable(host: string): Promise<void> {
  await run("ip", ["-n", FABRIC, "link", "del", portName(host)], { allowFailure: true });
  await run("ip", ["netns", "del", hostNamespace(host)], { allowFailure: true });
}
