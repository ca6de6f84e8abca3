import type { Problem } from "../constructs/core/problems";
import { lanHostsCalledFrom } from "./lan-callers";
import { rangeContains, RESERVED_RANGES, rangesOverlap } from "./ranges";
import type { Fleet, Pool, Site } from "./types";

/**
 * Where Docker takes the ranges of networks from that are told none.
 *
 * @see https://docs.docker.com/engine/network/#default-address-pools
 */
const DOCKER_POOLS = ["172.17.0.0/16", "172.18.0.0/15", "172.20.0.0/14", "172.24.0.0/13", "192.168.0.0/16"] as const;

const OTHER_POOLS = 'choose another range, or give Docker others: "default-address-pools" in /etc/docker/daemon.json';

/** Where ranges on one machine would hide what it has to reach elsewhere. */
export function overlapProblems(fleet: Fleet): Problem[] {
  return Object.entries(fleet.pools).flatMap(([name, pool]) => [
    ...hostNetworkProblems(name, pool),
    ...hiddenLanHosts(fleet, name, pool),
    ...(hasDocker(pool) ? dockerProblems(fleet, name, pool) : []),
  ]);
}

function hasDocker({ drivers }: Pool): boolean {
  return drivers?.includes("docker") ?? true;
}

function hostNetworkProblems(poolName: string, pool: Pool): Problem[] {
  return cidrsOf(pool).flatMap(([name, cidr]) =>
    RESERVED_RANGES.filter((reserved) => rangesOverlap(cidr, reserved.cidr)).map((reserved) => ({
      path: `pools.${poolName}.hostNetworks.${name}.cidr`,
      rule: `must not overlap ${reserved.cidr} (${reserved.owner})`,
      got: cidr,
      fix: reserved.owner === "tailnet addresses" ? 'use hostNetwork "tailscale", which is there already' : "narrow it",
    })),
  );
}

/** A machine looks for addresses of its own networks there, whatever routes it has accepted. */
function hiddenLanHosts(fleet: Fleet, poolName: string, pool: Pool): Problem[] {
  return cidrsOf(pool).flatMap(([name, cidr]) =>
    lanHostsCalledFrom(fleet, pool.site, poolName)
      .filter(({ host }) => rangeContains(cidr, host.address))
      .map((lan) => ({
        path: `pools.${poolName}.hostNetworks.${name}.cidr`,
        rule: `must not hold sites.${lan.site}.lanHosts.${lan.name} (${lan.host.address}), which the pool calls through the tailnet`,
        got: cidr,
        fix: "give one of the two another range",
      })),
  );
}

function dockerProblems(fleet: Fleet, poolName: string, pool: Pool): Problem[] {
  const site = fleet.sites[pool.site];
  const networks = site === undefined ? [] : unattachedNetworks(site);
  return [
    ...networks.flatMap(([index, cidr]) =>
      DOCKER_POOLS.slice(1)
        .filter((range) => rangesOverlap(cidr, range))
        .map((range) => ({
          path: `sites.${pool.site}.networks[${index}]`,
          rule: `lies where Docker on pool ${poolName} takes ranges from (${range}): a network that a job makes may hide it`,
          got: cidr,
          fix: OTHER_POOLS,
          severity: "warning" as const,
        })),
    ),
    ...lanHostsCalledFrom(fleet, pool.site, poolName).flatMap((lan) =>
      DOCKER_POOLS.filter((range) => rangeContains(range, lan.host.address)).map((range) => ({
        path: `sites.${lan.site}.lanHosts.${lan.name}.address`,
        rule: `lies where Docker on pool ${poolName} takes ranges from (${range}): a network that a job makes may hide it`,
        got: lan.host.address,
        fix: OTHER_POOLS,
        severity: "warning" as const,
      })),
    ),
  ];
}

/** Docker leaves alone what the machine is attached to. That is known only where a LAN is one network. */
function unattachedNetworks(site: Site): readonly (readonly [index: number, cidr: string])[] {
  const attached = site.platform === "onprem" && site.networks.length === 1;
  return attached ? [] : site.networks.map((cidr, index) => [index, cidr] as const);
}

function cidrsOf(pool: Pool): readonly (readonly [name: string, cidr: string])[] {
  return Object.entries(pool.hostNetworks ?? {}).flatMap(([name, { cidr }]) =>
    cidr === undefined ? [] : [[name, cidr] as const],
  );
}
