import type { Fleet, Pool, Retirement } from "../../model/types";
import { type FleetPair, fleetsOf, goneFrom, goneStacks, renamesOf, stacksOfRegion } from "../fleet/compare";
import { renamedStacks } from "../fleet/stack-renames";
import { allStackNames } from "../../model/names";
import { object } from "../json";
import type { Finding, Subject } from "./types";
import { counted, some } from "./words";

/** What has left the data while it is still there. */
export function examineRemoval(subject: Subject): readonly Finding[] {
  const fleets = fleetsOf(subject);
  return [...(fleets === undefined ? [] : ofFleet(fleets)), ...ofStacks(subject)];
}

function ofFleet(fleets: FleetPair): readonly Finding[] {
  const { base, head } = fleets;
  const renames = renamesOf(fleets);
  if (renames.fleet.size > 0) return [];
  const sites = goneFrom(base.sites, head.sites).filter(([name]) => !renames.sites.has(name));
  const isGoneSite = (name: string) => sites.some(([site]) => site === name);
  const regions = goneFrom(base.regions, head.regions).filter(
    ([name, { site }]) => !renames.regions.has(name) && !isGoneSite(site),
  );
  const isGone = ({ site, region }: { readonly site: string; readonly region: string }) =>
    isGoneSite(site) || !Object.hasOwn(head.regions, region);
  const pools = goneFrom(base.pools, head.pools).filter(
    ([name, pool]) => !renames.pools.has(name) && !isGone(pool) && retirementOf(base, pool) === undefined,
  );
  return [
    ...sites.map(([name, { retired }]) => stacks(`sites.${name}`, retired, "its machines and network")),
    ...regions.map(([name, { retired, site }]) =>
      stacks(
        `regions.${name}`,
        retired ?? base.sites[site]?.retired,
        `its servers, and stacks ${some(stacksOfRegion(base, name))}`,
      ),
    ),
    ...pools.map(([name, { hosts }]) => machines(`pools.${name}`, hosts?.length)),
    ...hosts(fleets, isGone).filter(
      ({ resource }) =>
        !isToldBy(
          resource,
          base,
          [...sites, ...pools].map(([name]) => name),
        ),
    ),
  ];
}

function stacks(resource: string, retired: Retirement | undefined, what: string): Finding {
  if (retired !== undefined)
    return {
      id: "removal/stack",
      severity: "notice",
      resource,
      reason: `is gone after it was retired (${retired.reason}); its state is left behind`,
      fix: "delete its states once terraform state list shows nothing that is still there",
    };
  return {
    id: "removal/stack",
    severity: "blocking",
    resource,
    reason: `is gone without having been retired: nobody looks after ${what} any more, and what is there goes on`,
    fix: "put its line back with retired: { reason }, apply, and delete the line after",
  };
}

function machines(resource: string, hosts: number | undefined): Finding {
  return {
    id: "removal/machine",
    severity: "blocking",
    resource,
    reason:
      hosts === undefined
        ? "is gone without having been retired: its machines end at once, with what runs on them"
        : `is gone without having been retired: ${counted(hosts, "machine")} of it go on running agents and jobs`,
    fix: "put its line back with retired: { reason }, apply, and delete the line after",
  };
}

/** Machines of on-prem sites that served something and serve nothing any more. Servers are a matter of their quorum. */
function hosts({ base, head }: FleetPair, isGone: (pool: Pool) => boolean): readonly Finding[] {
  return Object.entries(base.sites).flatMap(([siteName, site]) => {
    const now = head.sites[siteName];
    if (site.platform !== "onprem" || now?.platform !== "onprem") return [];
    return Object.entries(base.pools)
      .filter(([, pool]) => pool.site === siteName && !isGone(pool) && retirementOf(base, pool) === undefined)
      .flatMap(([, pool]) => pool.hosts ?? [])
      .filter((host) => site.hosts[host]?.retired === undefined && !isUsed(head, siteName, host))
      .map((host): Finding => ({ ...machines(`sites.${siteName}.hosts.${host}`, 1), reason: HOST_REASON }));
  });
}

const HOST_REASON = "is in no pool any more without having been retired: it goes on running its agent and jobs";

function isUsed({ pools, regions }: Fleet, site: string, host: string): boolean {
  return (
    Object.values(pools).some((pool) => pool.site === site && pool.hosts?.includes(host) === true) ||
    Object.values(regions).some(
      (region) => region.site === site && "hosts" in region.servers && region.servers.hosts.includes(host),
    )
  );
}

/** True for a machine whose pool is gone as a whole. Shape of the resource: `sites.north.hosts.a`. */
function isToldBy(resource: string, { pools }: Fleet, gone: readonly string[]): boolean {
  const [, , , ...host] = resource.split(".");
  return gone.some((name) => pools[name]?.hosts?.includes(host.join(".")) === true);
}

function retirementOf(
  { regions, sites }: Fleet,
  pool: { readonly site: string; readonly region: string; readonly retired?: Retirement },
) {
  return pool.retired ?? regions[pool.region]?.retired ?? sites[pool.site]?.retired;
}

/** Stacks that a program no longer has and that no site or region stands for. */
function ofStacks(subject: Subject): readonly Finding[] {
  const fleets = fleetsOf(subject);
  const named = new Set(fleets === undefined ? [] : allStackNames(fleets.base));
  const renamed = renamedStacks(subject);
  const had = new Map(
    subject.stacks.map(({ name, before }) => [name, Object.keys(object(before?.document["resource"])).length > 0]),
  );
  return [...goneStacks(subject)]
    .filter((name) => !named.has(name) && !renamed.has(name) && had.get(name) === true)
    .map((name) => ({
      id: "removal/stack",
      severity: "blocking",
      stack: name,
      resource: name,
      reason: "is gone from the program: what it made goes on, and its state is left behind",
      fix: "put it back, destroy what it made, and take it out after",
    }));
}
