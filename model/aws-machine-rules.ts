import type { Problem } from "../constructs/core/problems";
import { architectureOf, INSTANCE_TYPES } from "./aws-instance-types";
import { imageIdProblems } from "./aws-ids";
import type { AwsSite } from "./aws-types";
import { cloudServerProblems, wholeProblems } from "./cloud-server-rules";
import { architectureProblems, gpuProblems, repeatedTypeProblems, sizeProblems, typesOf } from "./machine-type-rules";
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
  const { machineType, architecture = "amd64", image } = servers;
  return [
    ...typeProblems(`${path}.machineType`, machineType, architecture),
    ...imageProblems(path, image, architecture, site, siteName),
    ...cloudServerProblems(path, servers, { name: siteName, zones: Object.keys(site.zones), smallestVolumeGiB: 1 }),
  ];
}

function poolProblems(path: string, pool: Pool, site: AwsSite): Problem[] {
  const { architecture = "amd64" } = pool.hardware;
  const types = typesOf(path, pool);
  const problems = [
    ...types.flatMap(([at, type]) => [
      ...typeProblems(at, type, architecture),
      ...sizeProblems(at, type, pool, INSTANCE_TYPES),
      ...gpuProblems(at, type, pool, INSTANCE_TYPES),
    ]),
    ...imageProblems(path, pool.image, architecture, site, pool.site),
    ...wholeProblems(`${path}.rootVolumeGiB`, pool.rootVolumeGiB, 8, 16_384),
    ...wholeProblems(`${path}.onDemandBase`, pool.onDemandBase, 0, Math.max(pool.count ?? 0, 0)),
    ...repeatedTypeProblems(types),
  ];
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
  return architectureProblems(path, type, wanted, { architecture, types: INSTANCE_TYPES });
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
