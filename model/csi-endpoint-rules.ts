import type { Problem } from "../constructs/core/problems";
import type { CsiEndpoint } from "./csi-driver";
import { parsePorts } from "./ports";
import type { LanHost, LanService } from "./tailnet-types";
import type { Fleet } from "./types";
import type { CsiPlugin } from "./volume-types";
import { controllerPoolOf, poolsOf } from "./volumes";

/** Port of NFS 4, which is all that it needs. */
const NFS_PORT = 2049;

/** Problems with how a driver's programs reach the storage that it names. */
export function csiEndpointProblems(path: string, fleet: Fleet, plugin: CsiPlugin): Problem[] {
  return (plugin.driver.endpoints ?? []).flatMap((endpoint) => {
    if (lanHostNamed(fleet, endpoint.host) !== undefined)
      return [
        {
          path: `${path}.endpoints`,
          rule: "must be addresses or names that machines can look up: the name of a LAN host is the fleet's own",
          got: endpoint.host,
          fix: `write ${lanHostNamed(fleet, endpoint.host)?.host.address}`,
        },
      ];
    return reachProblems(path, fleet, callersOf(plugin, endpoint), endpoint);
  });
}

/** Problems with how the machines of a plugin's pools, and its controllers where they mount too, reach an NFS server. */
export function nfsServerProblems(
  path: string,
  fleet: Fleet,
  plugin: CsiPlugin,
  server: string,
  made: boolean,
): Problem[] {
  return reachProblems(path, fleet, made ? poolsOf(plugin) : plugin.pools, { host: server, port: NFS_PORT });
}

function callersOf(plugin: CsiPlugin, { from }: CsiEndpoint): readonly string[] {
  const controllers = controllerPoolOf(plugin);
  return from === "node" ? plugin.pools : controllers === undefined ? [] : [controllers];
}

/**
 * Pools of other sites come through the tailnet, which lets in whom a service of the LAN host names. Machines of its own site are
 * on its LAN: the tailnet is not between them.
 */
function reachProblems(
  path: string,
  fleet: Fleet,
  pools: readonly string[],
  { host, port }: Pick<CsiEndpoint, "host" | "port">,
): Problem[] {
  const found = lanHostNamed(fleet, host) ?? lanHostAt(fleet, host);
  if (found === undefined) return [];
  const services = Object.values(found.host.services).filter((service) => offers(service, port));
  return pools.flatMap((pool) => {
    const site = fleet.pools[pool]?.site;
    if (site === undefined || site === found.site || services.some(({ callers }) => callers.includes(pool))) return [];
    return [
      {
        path,
        rule: `is at LAN host ${found.name} of site ${found.site}, which is not open on port ${port} for pool ${pool} of site ${site}`,
        got: host,
        fix: `add "${pool}" to the callers of a service with port ${port} in sites.${found.site}.lanHosts.${found.name}.services${port === NFS_PORT ? " (nfs(…))" : port === 3260 ? " (iscsi(…))" : ""}`,
      },
    ];
  });
}

function offers({ port, protocol = "tcp" }: LanService, wanted: number): boolean {
  const ranges = parsePorts(String(port)) ?? [];
  return protocol !== "udp" && ranges.some(([first, last]) => first <= wanted && wanted <= last);
}

interface Found {
  readonly site: string;
  readonly name: string;
  readonly host: LanHost;
}

function lanHosts(fleet: Fleet): readonly Found[] {
  return Object.entries(fleet.sites).flatMap(([site, found]) =>
    Object.entries(found.platform === "onprem" ? (found.lanHosts ?? {}) : {}).map(([name, host]) => ({
      site,
      name,
      host,
    })),
  );
}

function lanHostNamed(fleet: Fleet, name: string): Found | undefined {
  return lanHosts(fleet).find((found) => found.name === name);
}

function lanHostAt(fleet: Fleet, address: string): Found | undefined {
  return lanHosts(fleet).find(({ host }) => host.address === address);
}
