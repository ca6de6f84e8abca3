import { compare, valid } from "semver";
import { assertValid, type Problem } from "../constructs/core/problems";
import { accessProblems } from "./access-rules";
import { agentAccessProblems } from "./agent-access-rules";
import { awsProblems } from "./aws-rules";
import { backupProblems } from "./backup-rules";
import { extraGrantProblems } from "./extra-grant-rules";
import { gcpProblems } from "./gcp-rules";
import { gpuProblems } from "./gpu-rules";
import { GPU_CATALOGUE } from "./hardware";
import { joinProblems } from "./join-rules";
import { lanHostProblems } from "./lan-host-rules";
import { nameProblems } from "./name-rules";
import { activeHosts } from "./names";
import { overlapProblems } from "./overlap-rules";
import { placementFactProblems } from "./pool-rules";
import { rangeContains, rangeProblems } from "./ranges";
import { reasonProblems } from "./reason-rules";
import { serviceProblems } from "./service-rules";
import { tailnetProblems } from "./tailnet-rules";
import { tailscaleSshProblems } from "./tailscale-ssh-rules";
import type { Fleet, Pool, Region, Site } from "./types";
import { volumeProblems } from "./volume-rules";
import { storageOf } from "./volumes";
import {
  DEFAULT_NOMAD_VERSION,
  DEFAULT_TAILSCALE_VERSION,
  featureRefusal,
  KNOWN_NOMAD_VERSIONS,
  MINIMUM_TAILSCALE_VERSION,
  type NomadFeatureName,
  securityHoles,
} from "./versions";

/**
 * Everything wrong with a fleet, at once. Errors stop synthesis; warnings are printed.
 *
 * @returns an empty list for a valid fleet.
 */
export function validateFleet(fleet: Fleet): Problem[] {
  return [
    ...nameProblems(fleet),
    ...rangeProblems(fleet),
    ...overlapProblems(fleet),
    ...siteProblems(fleet),
    ...Object.entries(fleet.regions).flatMap(([name, region]) => regionProblems(fleet, name, region)),
    ...authorityProblems(fleet),
    ...Object.entries(fleet.pools).flatMap(([name, pool]) => poolProblems(fleet, name, pool)),
    ...hostUseProblems(fleet),
    ...placementFactProblems(fleet),
    ...gpuProblems(fleet),
    ...serviceProblems(fleet),
    ...versionProblems(fleet),
    ...tailnetProblems(fleet),
    ...agentAccessProblems(fleet),
    ...lanHostProblems(fleet),
    ...extraGrantProblems(fleet),
    ...tailscaleSshProblems(fleet),
    ...joinProblems(fleet),
    ...awsProblems(fleet),
    ...gcpProblems(fleet),
    ...accessProblems(fleet),
    ...backupProblems(fleet),
    ...volumeProblems(fleet),
    ...reasonProblems(fleet),
  ];
}

/**
 * Returns the fleet when it is valid.
 *
 * @throws ValidationError with every error.
 */
export function validFleet(fleet: Fleet): Fleet {
  assertValid(`fleet ${fleet.name}`, validateFleet(fleet));
  return fleet;
}

function siteProblems(fleet: Fleet): Problem[] {
  const problems: Problem[] = [];
  const addresses = new Map<string, string>();
  for (const [siteName, site] of Object.entries(fleet.sites)) {
    if (site.platform !== "onprem") continue;
    for (const [hostName, host] of Object.entries(site.hosts)) {
      const path = `sites.${siteName}.hosts.${hostName}.address`;
      if (!site.networks.some((cidr) => rangeContains(cidr, host.address)))
        problems.push({
          path,
          rule: `must lie in one of the site's networks (${site.networks.join(", ")})`,
          got: host.address,
          fix: "correct the address or add the network",
        });
      const other = addresses.get(host.address);
      if (other !== undefined)
        problems.push({
          path,
          rule: `is also the address of ${other}`,
          got: host.address,
          fix: "give each host its own address",
        });
      addresses.set(host.address, path);
      if (
        host.hostKey !== undefined &&
        !/^(ssh-ed25519|ecdsa-sha2-nistp\d+|ssh-rsa) [A-Za-z0-9+/=]+$/.test(host.hostKey)
      )
        problems.push({
          path: `sites.${siteName}.hosts.${hostName}.hostKey`,
          rule: "must be an SSH public key",
          got: host.hostKey,
          fix: "copy /etc/ssh/ssh_host_ed25519_key.pub without its comment",
        });
    }
    if (
      site.ssh?.port !== undefined &&
      !(Number.isInteger(site.ssh.port) && site.ssh.port > 0 && site.ssh.port < 65536)
    )
      problems.push({ path: `sites.${siteName}.ssh.port`, rule: "must be a port from 1 to 65535", got: site.ssh.port });
  }
  return problems;
}

function regionProblems(fleet: Fleet, name: string, region: Region): Problem[] {
  const path = `regions.${name}`;
  const site = fleet.sites[region.site];
  if (site === undefined) return [unknown(`${path}.site`, region.site, "site", Object.keys(fleet.sites))];
  const problems: Problem[] = [];
  const count = "hosts" in region.servers ? activeHosts(site, region.servers.hosts).length : region.servers.count;
  if (![1, 3, 5].includes(count) && region.retired === undefined)
    problems.push({
      path: "hosts" in region.servers ? `${path}.servers.hosts` : `${path}.servers.count`,
      rule: "must be 1, 3 or 5 servers: an even number tolerates no more failures than one fewer",
      got: count,
      fix: count === 2 ? "add a third server, or drop to one" : "use 1, 3 or 5",
    });
  if ("hosts" in region.servers) {
    if (site.platform !== "onprem")
      problems.push({
        path: `${path}.servers.hosts`,
        rule: `site ${region.site} is ${site.platform}, which makes its own machines`,
        fix: "give count and machineType",
      });
    else problems.push(...hostsOfSite(`${path}.servers.hosts`, region.servers.hosts, region.site, site));
  } else if (site.platform === "onprem")
    problems.push({
      path: `${path}.servers`,
      rule: `site ${region.site} is on-prem, where machines exist already`,
      fix: "give hosts: [...] from the site",
    });
  return problems;
}

function authorityProblems(fleet: Fleet): Problem[] {
  const owners = Object.entries(fleet.regions)
    .filter(([, region]) => region.authoritative === true)
    .map(([name]) => name);
  if (owners.length === 1) return [];
  return [
    {
      path: "regions",
      rule: "must have exactly one authoritative region",
      got: owners,
      fix:
        owners.length === 0 ? "set authoritative: true on one region" : "keep authoritative: true on one region only",
    },
  ];
}

function poolProblems(fleet: Fleet, name: string, pool: Pool): Problem[] {
  const path = `pools.${name}`;
  const problems: Problem[] = [];
  if (fleet.regions[pool.region] === undefined)
    problems.push(unknown(`${path}.region`, pool.region, "region", Object.keys(fleet.regions)));
  const site = fleet.sites[pool.site];
  if (site === undefined) problems.push(unknown(`${path}.site`, pool.site, "site", Object.keys(fleet.sites)));
  else if (site.platform === "onprem") {
    if (pool.hosts === undefined || pool.hosts.length === 0)
      problems.push({
        path: `${path}.hosts`,
        rule: "must name the pool's machines, since the site is on-prem",
        fix: `list hosts of site ${pool.site}`,
      });
    else problems.push(...hostsOfSite(`${path}.hosts`, pool.hosts, pool.site, site));
    if (pool.count !== undefined)
      problems.push({
        path: `${path}.count`,
        rule: "is for AWS and GCP sites",
        got: pool.count,
        fix: "list hosts instead",
      });
  } else {
    if (pool.count === undefined || !Number.isInteger(pool.count) || pool.count < 0)
      problems.push({
        path: `${path}.count`,
        rule: "must be a whole number of machines",
        got: pool.count,
        fix: "set count",
      });
    if (pool.machineType === undefined)
      problems.push({
        path: `${path}.machineType`,
        rule: `must name an instance type of ${site.platform}`,
        fix: "set machineType",
      });
    if (pool.hosts !== undefined)
      problems.push({ path: `${path}.hosts`, rule: "is for on-prem sites", fix: "set count and machineType" });
  }
  problems.push(...hardwareProblems(path, pool), ...hostVolumeProblems(path, pool));
  const drain = pool.drainSeconds;
  if (drain !== undefined && !(Number.isInteger(drain) && drain >= 0 && drain <= 86_400))
    problems.push({ path: `${path}.drainSeconds`, rule: "must be a whole number from 0 to 86400", got: drain });
  const tolerated = pool.edge?.toleratedDisconnectSeconds;
  if (tolerated !== undefined && !(Number.isInteger(tolerated) && tolerated >= 10))
    problems.push({
      path: `${path}.edge.toleratedDisconnectSeconds`,
      rule: "must be a whole number of at least 10",
      got: tolerated,
    });
  return problems;
}

function hardwareProblems(path: string, pool: Pool): Problem[] {
  const problems: Problem[] = [];
  const { cpuMHz, memoryMiB, gpu } = pool.hardware;
  if (!(cpuMHz >= 100))
    problems.push({ path: `${path}.hardware.cpuMHz`, rule: "must be at least 100 MHz", got: cpuMHz });
  if (!(memoryMiB >= 128))
    problems.push({ path: `${path}.hardware.memoryMiB`, rule: "must be at least 128 MiB", got: memoryMiB });
  if (gpu === undefined) return problems;
  if (!Number.isInteger(gpu.count) || gpu.count < 1)
    problems.push({
      path: `${path}.hardware.gpu.count`,
      rule: "must be a whole number of at least 1",
      got: gpu.count,
      fix: "leave gpu out for machines without one",
    });
  if (typeof gpu.model === "string" && GPU_CATALOGUE[gpu.model] === undefined)
    problems.push({
      path: `${path}.hardware.gpu.model`,
      rule: `must be a model of the catalogue (${Object.keys(GPU_CATALOGUE).join(", ")})`,
      got: gpu.model,
      fix: "or give { model, memoryMiB, gpuArchitecture } in full",
    });
  return problems;
}

function hostVolumeProblems(path: string, pool: Pool): Problem[] {
  return Object.entries(pool.hostVolumes ?? {}).flatMap(([name, volume]) => {
    const at = `${path}.hostVolumes.${name}`;
    const problems: Problem[] = [];
    if (!/^\/[A-Za-z0-9._/-]+$/.test(volume.path))
      problems.push({ path: `${at}.path`, rule: "must be an absolute path", got: volume.path });
    if (volume.mode !== undefined && !/^0[0-7]{3}$/.test(volume.mode))
      problems.push({
        path: `${at}.mode`,
        rule: "must be an octal mode of four digits",
        got: volume.mode,
        fix: 'write it like "0755"',
      });
    if (volume.owner !== undefined && !/^[a-z0-9_-]+:[a-z0-9_-]+$/.test(volume.owner))
      problems.push({
        path: `${at}.owner`,
        rule: "must be user:group",
        got: volume.owner,
        fix: 'write it like "root:root"',
      });
    return problems;
  });
}

function hostUseProblems(fleet: Fleet): Problem[] {
  const uses = new Map<string, string[]>();
  const use = (path: string, hosts: readonly string[]) =>
    hosts.forEach((host, index) => uses.set(host, [...(uses.get(host) ?? []), `${path}[${index}]`]));
  for (const [name, region] of Object.entries(fleet.regions))
    if ("hosts" in region.servers) use(`regions.${name}.servers.hosts`, region.servers.hosts);
  for (const [name, pool] of Object.entries(fleet.pools)) use(`pools.${name}.hosts`, pool.hosts ?? []);
  return [...uses].flatMap(([host, paths]) =>
    paths.length < 2
      ? []
      : [
          {
            path: paths[1] as string,
            rule: `lists a host that ${paths[0]} already lists`,
            got: host,
            fix: "a machine has one role in one pool or region",
          },
        ],
  );
}

function hostsOfSite(
  path: string,
  hosts: readonly string[],
  siteName: string,
  site: Site & { platform: "onprem" },
): Problem[] {
  return hosts.flatMap((host, index) =>
    site.hosts[host] === undefined
      ? [unknown(`${path}[${index}]`, host, `host of site ${siteName}`, Object.keys(site.hosts))]
      : [],
  );
}

function versionProblems(fleet: Fleet): Problem[] {
  const nomad = fleet.versions?.nomad ?? DEFAULT_NOMAD_VERSION;
  const tailscale = fleet.versions?.tailscale ?? DEFAULT_TAILSCALE_VERSION;
  const problems: Problem[] = [];
  if (!KNOWN_NOMAD_VERSIONS.includes(nomad))
    problems.push({
      path: "versions.nomad",
      rule: `must be a Nomad version that Steppe knows (${KNOWN_NOMAD_VERSIONS.join(", ")})`,
      got: nomad,
      fix: `use ${DEFAULT_NOMAD_VERSION}`,
    });
  for (const hole of securityHoles(nomad))
    problems.push({
      path: "versions.nomad",
      rule: `has ${hole.id}: ${hole.summary}`,
      got: nomad,
      fix: `use ${hole.fixedIn} or newer`,
      severity: "warning",
    });
  if (valid(tailscale) === null || compare(tailscale, MINIMUM_TAILSCALE_VERSION) < 0)
    problems.push({
      path: "versions.tailscale",
      rule: `must be ${MINIMUM_TAILSCALE_VERSION} or newer (it brings tailscale wait)`,
      got: tailscale,
      fix: `use ${DEFAULT_TAILSCALE_VERSION}`,
    });
  for (const { feature, path } of featuresUsed(fleet)) {
    const refusal = featureRefusal(feature, nomad, fleet.versions?.edition ?? "community");
    if (refusal !== undefined)
      problems.push({ path, rule: refusal, got: `nomad ${nomad}`, fix: "leave it out, or change versions" });
  }
  return problems;
}

function featuresUsed(fleet: Fleet): { feature: NomadFeatureName; path: string }[] {
  const ofPools = Object.entries(fleet.pools).flatMap(([name, pool]) => [
    { feature: "nodePools" as const, path: `pools.${name}` },
    ...(pool.edge === undefined ? [] : [{ feature: "disconnect" as const, path: `pools.${name}.edge` }]),
    ...(pool.schedulerAlgorithm === undefined
      ? []
      : [{ feature: "poolScheduler" as const, path: `pools.${name}.schedulerAlgorithm` }]),
  ]);
  const ofVolumes = Object.keys(fleet.regions).flatMap((region) =>
    Object.entries(storageOf(fleet, region).volumes)
      .filter(([, { kind }]) => kind === "dynamic-host")
      .map(([id]) => ({ feature: "dynamicHostVolumes" as const, path: `regions.${region}.storage.volumes.${id}` })),
  );
  return [...ofPools, ...ofVolumes];
}

function unknown(path: string, got: string, kind: string, known: readonly string[]): Problem {
  return {
    path,
    rule: `must be a ${kind} of this fleet (${known.join(", ") || "none"})`,
    got,
    fix: "correct the name, or add it",
  };
}
