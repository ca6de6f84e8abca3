import type { Problem } from "../constructs/core/problems";
import { serverZones } from "./cloud-servers";
import type { CloudServers } from "./types";

/** The site that servers are made at. */
export interface ServerSite {
  readonly name: string;
  readonly zones: readonly string[];
  /** Smallest disk that the cloud makes, GiB. */
  readonly smallestVolumeGiB: number;
}

/** Problems with servers that hold wherever Steppe makes them. */
export function cloudServerProblems(path: string, servers: CloudServers, site: ServerSite): Problem[] {
  return [
    ...wholeProblems(`${path}.dataVolumeGiB`, servers.dataVolumeGiB, site.smallestVolumeGiB, 16_384),
    ...placeProblems(`${path}.zones`, servers, site),
    ...spotProblems(`${path}.spot`, servers),
    ...togetherProblems(`${path}.count`, servers, site),
  ];
}

function togetherProblems(path: string, servers: CloudServers, site: ServerSite): Problem[] {
  const { count, oneZone } = servers;
  const zones = serverZones(servers, site.zones);
  const together = Math.max(0, ...zones.map((zone) => zones.filter((other) => other === zone).length));
  const tolerated = Math.floor((count - 1) / 2);
  if (count <= 1 || together <= tolerated || oneZone !== undefined) return [];
  return [
    {
      path,
      rule: `puts ${together} of ${count} servers into one zone: the region has no leader while that zone is away`,
      got: count,
      fix: `name more zones in sites.${site.name}.zones, or set oneZone: { reason }`,
      severity: "warning",
    },
  ];
}

function placeProblems(path: string, { zones, count }: CloudServers, site: ServerSite): Problem[] {
  if (zones === undefined) return [];
  const problems = zoneNameProblems(path, zones, site);
  if (zones.length !== count)
    problems.push({
      path,
      rule: `must name a zone for each of ${count} servers`,
      got: zones,
      fix: "name one per server, in order",
    });
  return problems;
}

/** Problems with zones that are named, but are not the site's. */
export function zoneNameProblems(
  path: string,
  zones: readonly string[],
  site: Pick<ServerSite, "name" | "zones">,
): Problem[] {
  return zones.flatMap((zone, index) =>
    site.zones.includes(zone)
      ? []
      : [
          {
            path: `${path}[${index}]`,
            rule: `must be a zone of site ${site.name} (${site.zones.join(", ")})`,
            got: zone,
            fix: "correct the name, or add the zone",
          },
        ],
  );
}

/** The type has no such property; data from elsewhere may. */
function spotProblems(path: string, servers: CloudServers & { readonly spot?: unknown }): Problem[] {
  if (servers.spot === undefined || servers.spot === false) return [];
  return [
    {
      path,
      rule: "is for pools: the cloud takes spot machines back, and a region without most of its servers stops",
      got: servers.spot,
      fix: "leave it out",
    },
  ];
}

/** Problems with a number that must be whole and in bounds. */
export function wholeProblems(path: string, value: number | undefined, minimum: number, maximum: number): Problem[] {
  if (value === undefined || (Number.isInteger(value) && value >= minimum && value <= maximum)) return [];
  return [{ path, rule: `must be a whole number from ${minimum} to ${maximum}`, got: value }];
}
