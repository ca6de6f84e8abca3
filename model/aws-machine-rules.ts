import type { Problem } from "../constructs/core/problems";
import { architectureOf, INSTANCE_TYPES } from "./aws-instance-types";
import { imageIdProblems } from "./aws-ids";
import { serverZones } from "./aws-servers";
import type { AwsSite } from "./aws-types";
import { GPU_CATALOGUE } from "./hardware";
import type { Architecture, CloudServers, Fleet, Pool } from "./types";

/** Problems with the servers and pools that are to be made at a fleet's AWS sites. */
export function awsMachineProblems(fleet: Fleet): Problem[] {
  const servers = Object.entries(fleet.regions).flatMap(([name, { site: siteName, servers }]) => {
    const site = fleet.sites[siteName];
    return site?.platform !== "aws" || "hosts" in servers
      ? []
      : serverProblems(`regions.${name}.servers`, servers, site, siteName);
  });
  const pools = Object.entries(fleet.pools).flatMap(([name, pool]) => {
    const site = fleet.sites[pool.site];
    return site?.platform !== "aws"
      ? notHereProblems(`pools.${name}`, pool)
      : poolProblems(`pools.${name}`, pool, site);
  });
  return [...servers, ...pools];
}

function serverProblems(path: string, servers: CloudServers, site: AwsSite, siteName: string): Problem[] {
  const { count, machineType, architecture = "amd64", dataVolumeGiB, image, oneZone } = servers;
  const zones = serverZones(servers, site);
  const together = Math.max(0, ...zones.map((zone) => zones.filter((other) => other === zone).length));
  const tolerated = Math.floor((count - 1) / 2);
  const problems = [
    ...typeProblems(`${path}.machineType`, machineType, architecture),
    ...imageProblems(path, image, architecture, site, siteName),
    ...wholeProblems(`${path}.dataVolumeGiB`, dataVolumeGiB, 1, 16_384),
    ...placeProblems(`${path}.zones`, servers, site, siteName),
    ...spotProblems(`${path}.spot`, servers),
  ];
  if (count > 1 && together > tolerated && oneZone === undefined)
    problems.push({
      path: `${path}.count`,
      rule: `puts ${together} of ${count} servers into one zone: the region has no leader while that zone is away`,
      got: count,
      fix: `name more zones in sites.${siteName}.zones, or set oneZone: { reason }`,
      severity: "warning",
    });
  return problems;
}

function placeProblems(path: string, { zones, count }: CloudServers, site: AwsSite, siteName: string): Problem[] {
  if (zones === undefined) return [];
  const problems: Problem[] = zones.flatMap((zone, index) =>
    site.zones[zone] === undefined
      ? [
          {
            path: `${path}[${index}]`,
            rule: `must be a zone of site ${siteName} (${Object.keys(site.zones).join(", ")})`,
            got: zone,
            fix: "correct the name, or add the zone",
          },
        ]
      : [],
  );
  if (zones.length !== count)
    problems.push({
      path,
      rule: `must name a zone for each of ${count} servers`,
      got: zones,
      fix: "name one per server, in order",
    });
  return problems;
}

/** The type has no such property; data from elsewhere may. */
function spotProblems(path: string, servers: CloudServers & { readonly spot?: unknown }): Problem[] {
  if (servers.spot === undefined || servers.spot === false) return [];
  return [
    {
      path,
      rule: "is for pools: AWS takes spot machines back, and a region without most of its servers stops",
      got: servers.spot,
      fix: "leave it out",
    },
  ];
}

function poolProblems(path: string, pool: Pool, site: AwsSite): Problem[] {
  const { architecture = "amd64" } = pool.hardware;
  const types = [
    ...(pool.machineType === undefined ? [] : [[`${path}.machineType`, pool.machineType] as const]),
    ...(pool.alternativeTypes ?? []).map((type, index) => [`${path}.alternativeTypes[${index}]`, type] as const),
  ];
  const problems = [
    ...types.flatMap(([at, type]) => [...typeProblems(at, type, architecture), ...hardwareProblems(at, type, pool)]),
    ...imageProblems(path, pool.image, architecture, site, pool.site),
    ...wholeProblems(`${path}.rootVolumeGiB`, pool.rootVolumeGiB, 8, 16_384),
    ...wholeProblems(`${path}.onDemandBase`, pool.onDemandBase, 0, Math.max(pool.count ?? 0, 0)),
  ];
  const seen = new Set<string>();
  for (const [at, type] of types) {
    if (seen.has(type)) problems.push({ path: at, rule: "is named already", got: type, fix: "leave it out" });
    seen.add(type);
  }
  if (pool.onDemandBase !== undefined && pool.spot !== true)
    problems.push({
      path: `${path}.onDemandBase`,
      rule: "is for pools of spot machines",
      got: pool.onDemandBase,
      fix: "set spot: true, or leave it out",
    });
  if (pool.spot === true && (pool.drainSeconds ?? 0) > LONGEST_SPOT_DRAIN_SECONDS)
    problems.push({
      path: `${path}.drainSeconds`,
      rule: `is more than what AWS leaves a spot machine: two minutes, of which ${LONGEST_SPOT_DRAIN_SECONDS} s are the drain's`,
      got: pool.drainSeconds,
      fix: "leave it out, for 90; machines that need longer are not for spot",
      severity: "warning",
    });
  return problems;
}

/** The notice is looked for every 5 s, and tasks take time to end. */
const LONGEST_SPOT_DRAIN_SECONDS = 105;

/** What only AWS understands, at another site. */
function notHereProblems(path: string, { onDemandBase }: Pool): Problem[] {
  if (onDemandBase === undefined) return [];
  return [{ path: `${path}.onDemandBase`, rule: "is for AWS sites", got: onDemandBase, fix: "leave it out" }];
}

function typeProblems(path: string, type: string, wanted: Architecture): Problem[] {
  const architecture = architectureOf(type);
  if (architecture === undefined)
    return [{ path, rule: "must be an instance type of EC2", got: type, fix: "write it like m7i.large" }];
  const problems: Problem[] = [];
  if (!INSTANCE_TYPES.has(type))
    problems.push({
      path,
      rule: "is no instance type of the catalogue: what it has cannot be checked",
      got: type,
      fix: "check the name",
      severity: "warning",
    });
  if (architecture !== wanted)
    problems.push({
      path,
      rule: `is ${architecture}, where ${wanted} is said`,
      got: type,
      fix: `set architecture: "${architecture}", or choose another type`,
    });
  return problems;
}

/** A pool may say less than its machines have, never more: jobs are placed by what it says. */
function hardwareProblems(path: string, name: string, { hardware }: Pool): Problem[] {
  const type = INSTANCE_TYPES.get(name);
  if (type === undefined) return [];
  const problems: Problem[] = [];
  const memoryMiB = type.memoryGiB * 1024;
  if (hardware.memoryMiB > memoryMiB)
    problems.push({
      path,
      rule: `has ${memoryMiB} MiB of memory, where hardware.memoryMiB says ${hardware.memoryMiB}`,
      got: name,
      fix: "say less, or choose a larger type",
    });
  if (hardware.cores !== undefined && hardware.cores > type.vcpus)
    problems.push({
      path,
      rule: `has ${type.vcpus} vCPUs, where hardware.cores says ${hardware.cores}`,
      got: name,
      fix: "say less, or choose a larger type",
    });
  return [...problems, ...gpuProblems(path, name, hardware.gpu)];
}

function gpuProblems(path: string, name: string, wanted: Pool["hardware"]["gpu"]): Problem[] {
  if (wanted === undefined) return [];
  const has = INSTANCE_TYPES.get(name)?.gpu;
  const isSame =
    typeof wanted.model === "string"
      ? wanted.model === has?.model
      : wanted.model.model === GPU_CATALOGUE[has?.model ?? ""]?.model;
  if (isSame && wanted.count === has?.count) return [];
  const model = typeof wanted.model === "string" ? wanted.model : wanted.model.model;
  const fitting = [...INSTANCE_TYPES].flatMap(([other, { gpu }]) =>
    gpu?.model === wanted.model && gpu.count === wanted.count ? [other] : [],
  );
  const instead =
    fitting.length > 0 ? `use ${fitting.join(", ")}` : `no type that Steppe knows has ${wanted.count} of it`;
  return [
    {
      path,
      rule: `has ${has === undefined ? "no GPU" : `${has.count} x ${has.model}`}, where hardware.gpu says ${wanted.count} x ${model}`,
      got: name,
      fix: `${instead}, or correct hardware.gpu`,
    },
  ];
}

function imageProblems(
  path: string,
  own: string | undefined,
  architecture: Architecture,
  { images }: AwsSite,
  siteName: string,
): Problem[] {
  if (own !== undefined) return imageIdProblems(`${path}.image`, own);
  if (images[architecture] !== undefined) return [];
  return [
    {
      path: `sites.${siteName}.images.${architecture}`,
      rule: `must name the machine image that ${path} needs`,
      fix: "add the id of an image for this architecture, or give the machines one of their own",
    },
  ];
}

function wholeProblems(path: string, value: number | undefined, minimum: number, maximum: number): Problem[] {
  if (value === undefined || (Number.isInteger(value) && value >= minimum && value <= maximum)) return [];
  return [{ path, rule: `must be a whole number from ${minimum} to ${maximum}`, got: value }];
}
