import type { Problem } from "../constructs/core/problems";
import { cloudServerProblems, wholeProblems, zoneNameProblems } from "./cloud-server-rules";
import { gcpGpuProblems } from "./gcp-gpu-rules";
import { gcpImageProblems } from "./gcp-links";
import { GCP_MACHINE_TYPES, gcpArchitectureOf, gcpDiskType } from "./gcp-machine-types";
import type { GcpSite } from "./gcp-types";
import { architectureProblems, repeatedTypeProblems, sizeProblems, typesOf } from "./machine-type-rules";
import type { Architecture, CloudServers, Fleet, Pool } from "./types";

/** Smallest balanced disk, GiB. @see https://cloud.google.com/compute/docs/disks/persistent-disks */
const SMALLEST_DISK_GIB = 10;

/** What Google gives a machine that is to go, seconds. @see https://cloud.google.com/compute/docs/instances/stop-start-instance */
const SHUTDOWN_SECONDS = { standard: 90, spot: 30 } as const;

/** The notice must be seen, and what is cut off at the deadline must end, before the machine does, seconds. */
const BESIDE_DRAIN_SECONDS = { standard: 10, spot: 5 } as const;

/** Problems with the servers and pools that are to be made at a fleet's sites on Google Cloud. */
export function gcpMachineProblems(fleet: Fleet): Problem[] {
  const servers = Object.entries(fleet.regions).flatMap(([name, { site: siteName, servers }]) => {
    const site = fleet.sites[siteName];
    return site?.platform !== "gcp" || "hosts" in servers
      ? []
      : serverProblems(`regions.${name}.servers`, servers, site, siteName);
  });
  const pools = Object.entries(fleet.pools).flatMap(([name, pool]) => {
    const site = fleet.sites[pool.site];
    return site?.platform !== "gcp"
      ? notHereProblems(`pools.${name}`, pool)
      : poolProblems(`pools.${name}`, pool, site);
  });
  return [...servers, ...pools];
}

function serverProblems(path: string, servers: CloudServers, site: GcpSite, siteName: string): Problem[] {
  const { machineType, architecture = "amd64", image } = servers;
  return [
    ...typeProblems(`${path}.machineType`, machineType, architecture),
    ...imageProblems(path, image, architecture, site, siteName),
    ...cloudServerProblems(path, servers, { name: siteName, zones: site.zones, smallestVolumeGiB: SMALLEST_DISK_GIB }),
  ];
}

function poolProblems(path: string, pool: Pool, site: GcpSite): Problem[] {
  const { architecture = "amd64" } = pool.hardware;
  const types = typesOf(path, pool);
  return [
    ...types.flatMap(([at, type]) => [
      ...typeProblems(at, type, architecture),
      ...sizeProblems(at, type, pool, GCP_MACHINE_TYPES),
      ...gcpGpuProblems(at, type, pool),
      ...diskProblems(at, type, pool),
    ]),
    ...repeatedTypeProblems(types),
    ...imageProblems(path, pool.image, architecture, site, pool.site),
    ...wholeProblems(`${path}.rootVolumeGiB`, pool.rootVolumeGiB, SMALLEST_DISK_GIB, 16_384),
    ...zoneProblems(`${path}.zones`, pool, site),
    ...drainProblems(`${path}.drainSeconds`, pool),
  ];
}

/** What only Google Cloud understands, at another site. */
function notHereProblems(path: string, { zones }: Pool): Problem[] {
  if (zones === undefined) return [];
  return [{ path: `${path}.zones`, rule: "is for GCP sites", got: zones, fix: "leave it out" }];
}

function typeProblems(path: string, type: string, wanted: Architecture): Problem[] {
  const architecture = gcpArchitectureOf(type);
  if (architecture === undefined)
    return [{ path, rule: "must be a machine type of Compute Engine", got: type, fix: "write it like n2-standard-4" }];
  return architectureProblems(path, type, wanted, { architecture, types: GCP_MACHINE_TYPES });
}

/** All machines of a pool are made from one template, which names the type of their disk. */
function diskProblems(path: string, type: string, { machineType = type }: Pool): Problem[] {
  if (gcpDiskType(type) === gcpDiskType(machineType)) return [];
  return [
    {
      path,
      rule: `takes disks of type ${gcpDiskType(type)}, where ${machineType} takes ${gcpDiskType(machineType)}`,
      got: type,
      fix: "choose types that take the same, or make two pools",
    },
  ];
}

function zoneProblems(path: string, pool: Pool, { zones: all }: GcpSite): Problem[] {
  const { zones } = pool;
  if (zones === undefined) return [];
  if (zones.length === 0)
    return [{ path, rule: "must name at least one zone", got: zones, fix: "leave it out, for the site's" }];
  return [
    ...zoneNameProblems(path, zones, { name: pool.site, zones: all }),
    ...zones.flatMap((zone, index) =>
      zones.indexOf(zone) === index
        ? []
        : [{ path: `${path}[${index}]`, rule: "is named already", got: zone, fix: "leave it out" }],
    ),
  ];
}

function drainProblems(path: string, { drainSeconds, spot = false }: Pool): Problem[] {
  const kind = spot ? "spot" : "standard";
  const longest = SHUTDOWN_SECONDS[kind] - BESIDE_DRAIN_SECONDS[kind];
  if (drainSeconds === undefined || drainSeconds <= longest) return [];
  return [
    {
      path,
      rule: `is more than the ${longest} s that a drain has: Google gives a ${spot ? "spot " : ""}machine that is to go ${SHUTDOWN_SECONDS[kind]} s, and Nomad must stop in them too`,
      got: drainSeconds,
      fix: `set it to ${longest} or less, and drain longer by hand (nomad node drain) before a machine goes`,
      severity: "warning",
    },
  ];
}

function imageProblems(
  path: string,
  own: string | undefined,
  architecture: Architecture,
  { images }: GcpSite,
  siteName: string,
): Problem[] {
  if (own !== undefined) return gcpImageProblems(`${path}.image`, own);
  if (images[architecture] !== undefined) return [];
  return [
    {
      path: `sites.${siteName}.images.${architecture}`,
      rule: `must name the machine image that ${path} needs`,
      fix: "add the self link of an image for this architecture, or give the machines one of their own",
    },
  ];
}
