import { stackNames } from "../../model/names";
import type { Fleet } from "../../model/types";
import type { Subject } from "../findings/types";
import { isEqual } from "../json";

/** A fleet before and after a change. */
export interface FleetPair {
  readonly base: Fleet;
  readonly head: Fleet;
}

/** Both fleets, where both sides say what they are. */
export function fleetsOf({ base, head }: Subject): FleetPair | undefined {
  return base?.fleet === undefined || head?.fleet === undefined ? undefined : { base: base.fleet, head: head.fleet };
}

/** New names by old ones. */
export type Renames = ReadonlyMap<string, string>;

/** What is the same under another name. */
export interface FleetRenames {
  readonly fleet: Renames;
  readonly sites: Renames;
  readonly regions: Renames;
  readonly pools: Renames;
}

/** Sites, regions and pools that go by another name and are otherwise what they were. */
export function renamesOf({ base, head }: FleetPair): FleetRenames {
  const fleet: Renames = base.name === head.name ? new Map() : new Map([[base.name, head.name]]);
  const sites = renamed(base.sites, head.sites, isEqual);
  const at = (site: string) => sites.get(site) ?? site;
  const regions = renamed(
    base.regions,
    head.regions,
    (was, is) => at(was.site) === is.site && isEqual(was.servers, is.servers),
  );
  const of = (region: string) => regions.get(region) ?? region;
  const pools = renamed(base.pools, head.pools, (was, is) => {
    const { site, region, ...rest } = was;
    const { site: siteNow, region: regionNow, ...restNow } = is;
    if (at(site) !== siteNow || of(region) !== regionNow) return false;
    return rest.hosts === undefined ? isEqual(rest, restNow) : isEqual(rest.hosts, restNow.hosts);
  });
  return { fleet, sites, regions, pools };
}

function renamed<T>(
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, T>>,
  isSame: (was: T, is: T) => boolean,
): Renames {
  const come = Object.keys(after).filter((name) => !Object.hasOwn(before, name));
  const found = new Map<string, string>();
  for (const [name, was] of Object.entries(before)) {
    if (Object.hasOwn(after, name)) continue;
    const at = come.findIndex((other) => isSame(was, after[other] as T));
    if (at >= 0) found.set(name, come.splice(at, 1)[0] as string);
  }
  return found;
}

/** Stacks that a program no longer has. Nothing of theirs is destroyed: their state stays where it is, and nobody applies them. */
export function goneStacks({ head, stacks }: Subject): ReadonlySet<string> {
  if (head === undefined) return new Set();
  return new Set(
    stacks.filter(({ before, after }) => before !== undefined && after === undefined).map(({ name }) => name),
  );
}

/** Stacks of a fleet that stand for a region alone. */
export function stacksOfRegion(fleet: Fleet, region: string): readonly string[] {
  return [stackNames.storage(fleet.name, region), stackNames.jobs(fleet.name, region)];
}

/** Items of a record in which only the earlier one has them. */
export function goneFrom<T>(
  before: Readonly<Record<string, T>>,
  after: Readonly<Record<string, unknown>>,
): [string, T][] {
  return Object.entries(before).filter(([name]) => !Object.hasOwn(after, name));
}
