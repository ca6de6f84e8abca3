import type { Fleet, Pool, Region, Site } from "./types";

/** Longest name that is legal as a DNS label and a Tailscale machine name. */
export const MAX_LABEL_LENGTH = 63;

/** Every stack's name begins with its fleet's. */
export const stackNames = {
  tailnet: (fleet: string) => `${fleet}-tailnet`,
  site: (fleet: string, site: string) => `${fleet}-site-${site}`,
  control: (fleet: string) => `${fleet}-control`,
  storage: (fleet: string, region: string) => `${fleet}-storage-${region}`,
  jobs: (fleet: string, region: string) => `${fleet}-jobs-${region}`,
} as const;

/** All stack names of a fleet, in order of application. */
export function allStackNames(fleet: Fleet): readonly string[] {
  const regions = Object.keys(fleet.regions);
  return [
    stackNames.tailnet(fleet.name),
    ...Object.keys(fleet.sites).map((site) => stackNames.site(fleet.name, site)),
    stackNames.control(fleet.name),
    ...regions.map((region) => stackNames.storage(fleet.name, region)),
    ...regions.map((region) => stackNames.jobs(fleet.name, region)),
  ];
}

/** A Tailscale tag. */
export type Tag = `tag:${string}`;

/** Tags: one per role, per role and region, and per pool. They are the only subjects of the tailnet policy. */
export const tags = {
  server: "tag:nomad-server",
  client: "tag:nomad-client",
  operator: "tag:nomad-operator",
  regionServer: (region: string): Tag => `tag:nomad-server-${region}`,
  regionClient: (region: string): Tag => `tag:nomad-client-${region}`,
  pool: (pool: string): Tag => `tag:nomad-pool-${pool}`,
} as const;

/** Names of a region's servers, in order; stable, since a server is a pet. */
export function serverNames(fleet: Fleet, regionName: string): readonly string[] {
  const { servers } = regionOf(fleet, regionName);
  if ("hosts" in servers) return servers.hosts;
  return Array.from({ length: servers.count }, (_, index) => `${fleet.name}-${regionName}-${index + 1}`);
}

/** Names of a region's servers that are not retired. */
export function activeServerNames(fleet: Fleet, regionName: string): readonly string[] {
  return activeHosts(siteOf(fleet, regionOf(fleet, regionName).site), serverNames(fleet, regionName));
}

/** Those of a site's machines that are not retired. */
export function activeHosts(site: Site | undefined, hosts: readonly string[]): readonly string[] {
  return site?.platform === "onprem" ? hosts.filter((host) => site.hosts[host]?.retired === undefined) : hosts;
}

/** Zones of a site in a cloud; none elsewhere. */
export function siteZones(site: Site | undefined): readonly string[] {
  if (site?.platform === "aws") return Object.keys(site.zones);
  return site?.platform === "gcp" ? site.zones : [];
}

/** Zones that machines of a pool may be in; none where its platform has no zones. */
export function poolZones(fleet: Fleet, pool: Pool): readonly string[] {
  return pool.zones ?? siteZones(fleet.sites[pool.site]);
}

/** MagicDNS name of a machine. */
export function magicDnsName(fleet: Fleet, host: string): string {
  return `${host}.${fleet.tailnet.domain}`;
}

/** The region by name; the fleet is validated, so an unknown name is our bug. */
export function regionOf(fleet: Fleet, name: string): Region {
  const region = fleet.regions[name];
  if (region === undefined) throw new RangeError(`no region ${name} in fleet ${fleet.name}`);
  return region;
}

/** The site by name; the fleet is validated, so an unknown name is our bug. */
export function siteOf(fleet: Fleet, name: string): Site {
  const site = fleet.sites[name];
  if (site === undefined) throw new RangeError(`no site ${name} in fleet ${fleet.name}`);
  return site;
}

/** The one region that owns replicated objects. */
export function authoritativeRegion(fleet: Fleet): string {
  const found = Object.entries(fleet.regions).find(([, region]) => region.authoritative === true);
  if (found === undefined) throw new RangeError(`fleet ${fleet.name} has no authoritative region`);
  return found[0];
}

/** Nomad datacenter of a region. */
export function datacenterOf(fleet: Fleet, regionName: string): string {
  return regionOf(fleet, regionName).datacenter ?? regionName;
}

/** Which policy language the fleet's coordination server understands. */
export function tailnetDialect({ tailnet }: Fleet): "tailscale" | "headscale" {
  const { controlServer, dialect } = tailnet;
  const isTailscale = controlServer === undefined || /\.tailscale\.com(:\d+)?$/.test(controlServer);
  return dialect ?? (isTailscale ? "tailscale" : "headscale");
}
