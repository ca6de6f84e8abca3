import { activeServerNames } from "../../model/names";
import type { Fleet } from "../../model/types";
import type { Subject } from "../findings/types";
import { renamedResources } from "../findings/ids/resources";
import { list, object, text } from "../json";
import { type FleetPair, goneStacks, renamesOf } from "./compare";
import { machineOf, MACHINES } from "./machines";

/** What becomes of a region's servers. */
export interface ServerChange {
  readonly region: string;
  /** Names of servers in service before the change, as far as they are known. */
  readonly before: readonly string[];
  /** Absent where nobody knows the fleet. */
  readonly after?: readonly string[];
  /** Machines that are destroyed and made anew under their name. */
  readonly replaced: readonly string[];
  /** Servers that are there no longer. */
  readonly left: readonly string[];
  /** Those of them that nobody has retired: they go on as they are. */
  readonly abandoned: readonly string[];
  /** A number says how many servers there are, as in a cloud; else they are named. */
  readonly isCounted: boolean;
  readonly moved?: { readonly from: string; readonly to: string };
}

/** How many servers of a region may fail at a time. @see https://developer.hashicorp.com/nomad/docs/concepts/consensus */
export function tolerated(servers: number): number {
  return Math.max(0, Math.floor((servers - 1) / 2));
}

/** What becomes of the servers of regions that stay, by what both fleets say and by what happens to their machines. */
export function serverChanges(subject: Subject, { base, head }: FleetPair): readonly ServerChange[] {
  const { sites, regions } = renamesOf({ base, head });
  const machines = machineChanges(subject);
  return Object.entries(base.regions)
    .filter(([name]) => Object.hasOwn(head.regions, name) && !regions.has(name))
    .filter(([name]) => !isRetired(base, name) && !isRetired(head, name))
    .map(([region, { site, servers }]): ServerChange => {
      const [before, after] = [activeServerNames(base, region), activeServerNames(head, region)];
      const to = head.regions[region]?.site ?? site;
      const left = before.filter((name) => !after.includes(name));
      const hosts = base.sites[site];
      const isKnown = (name: string) => namesIn(head, region).includes(name);
      return {
        region,
        before,
        after,
        left,
        isCounted: !("hosts" in servers),
        replaced: (machines.get(region) ?? []).filter((name) => after.includes(name)),
        abandoned: "hosts" in servers && hosts?.platform === "onprem" ? left.filter((name) => !isKnown(name)) : [],
        ...((sites.get(site) ?? site) !== to && { moved: { from: site, to } }),
      };
    });
}

function namesIn(fleet: Fleet, region: string): readonly string[] {
  const servers = fleet.regions[region]?.servers;
  return servers !== undefined && "hosts" in servers ? servers.hosts : [];
}

/** True where a region, or all of its site, is taken out of service. */
export function isRetired({ regions, sites }: Fleet, region: string): boolean {
  const found = regions[region];
  return found !== undefined && (found.retired ?? sites[found.site]?.retired) !== undefined;
}

/** What becomes of servers by their machines' tags alone, where no fleet is known. */
export function taggedServerChanges(subject: Subject): readonly ServerChange[] {
  const lost = machineChanges(subject);
  const known = taggedServers(subject);
  return [...lost].map(([region, names]) => ({
    region,
    before: [...new Set([...(known.get(region) ?? []), ...names])],
    replaced: names.filter((name) => !endedIn(subject, name)),
    left: names.filter((name) => endedIn(subject, name)),
    abandoned: [],
    isCounted: false,
  }));
}

function endedIn({ changes }: Subject, name: string): boolean {
  const of = changes.filter((change) => MACHINES.has(change.type) && machineOf(change)?.name === name);
  return of.some(({ action }) => action === "delete") && !of.some(({ action }) => action === "create");
}

/** Names of servers whose machines are destroyed, by region. */
function machineChanges(subject: Subject): ReadonlyMap<string, readonly string[]> {
  const gone = goneStacks(subject);
  const renamed = new Set(renamedResources(subject).map((rename) => rename.gone));
  const found = new Map<string, string[]>();
  for (const change of subject.changes) {
    if (!MACHINES.has(change.type) || (change.action !== "replace" && change.action !== "delete")) continue;
    if (gone.has(change.stack) || renamed.has(change)) continue;
    const { role, region, name = change.address } = machineOf(change) ?? {};
    if (role === "server" && region !== undefined) found.set(region, [...(found.get(region) ?? []), name]);
  }
  return found;
}

/** Names of the servers that plans know of, by region. */
function taggedServers({ plans = [] }: Subject): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { document } of plans) {
    const root = object(object(object(document["prior_state"])["values"])["root_module"]);
    for (const entry of list(root["resources"]).map(object)) {
      const type = text(entry["type"]) ?? "";
      const { role, region, name } = MACHINES.has(type)
        ? (machineOf({ type, before: object(entry["values"]) }) ?? {})
        : {};
      if (role === "server" && region !== undefined && name !== undefined)
        found.set(region, [...(found.get(region) ?? []), name]);
    }
  }
  return found;
}
