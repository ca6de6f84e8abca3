import type { Fleet, Retirement } from "../../../model/types";
import { type FleetPair, fleetsOf } from "../../fleet/compare";
import type { Finding, Subject } from "../types";

/** Data that the fleet now says may be destroyed. */
export interface Disposable {
  /** Shape: `regions.east.servers`, `regions.east.storage.volumes.notes`. */
  readonly path: string;
  readonly region: string;
  readonly isVolume: boolean;
}

/** Lines of the fleet that let go of data. */
export function examineDisposable(subject: Subject): readonly Finding[] {
  const fleets = fleetsOf(subject);
  if (fleets === undefined) return [];
  return [
    ...nowDisposable(fleets).map(({ path }): Finding => ({
      id: "data/disposable",
      severity: "warning",
      resource: path,
      reason: "is disposable from now on: nothing keeps a later change from destroying its data",
      fix: "leave disposable out unless the data may be lost",
    })),
    ...retiredWithData(fleets).map((path): Finding => ({
      id: "data/disposable",
      severity: "blocking",
      resource: path,
      reason: "is retired with keepData: false: this apply deletes its data",
      fix: "leave keepData out, which keeps the data, or copy it first",
    })),
  ];
}

/** What the head calls disposable and the base did not. Volumes that are retired as well are destroyed at once, and told of as such. */
export function nowDisposable({ base, head }: FleetPair): readonly Disposable[] {
  return Object.entries(head.regions).flatMap(([region, { servers, storage }]) => {
    const was = base.regions[region];
    const isNew = !("hosts" in servers) && servers.disposable !== undefined && was !== undefined;
    const had = was !== undefined && !("hosts" in was.servers) && was.servers.disposable !== undefined;
    const volumes = Object.entries(storage?.volumes ?? {}).flatMap(([name, volume]) => {
      const old = was?.storage?.volumes?.[name];
      if (old === undefined || !isDisposable(volume) || isDisposable(old) || volume.retired !== undefined) return [];
      return [{ path: `regions.${region}.storage.volumes.${name}`, region, isVolume: true }];
    });
    return [...(isNew && !had ? [{ path: `regions.${region}.servers`, region, isVolume: false }] : []), ...volumes];
  });
}

function isDisposable(volume: object): boolean {
  return "disposable" in volume && volume.disposable !== undefined;
}

/** Where the head says `keepData: false` and the base did not. */
function retiredWithData({ base, head }: FleetPair): readonly string[] {
  const before = new Set(keptNot(base));
  return keptNot(head).filter((path) => !before.has(path));
}

function keptNot(fleet: Fleet): readonly string[] {
  const of = (kind: string, items: Readonly<Record<string, { readonly retired?: Retirement }>>) =>
    Object.entries(items).flatMap(([name, { retired }]) => (retired?.keepData === false ? [`${kind}.${name}`] : []));
  return [
    ...of("sites", fleet.sites),
    ...of("regions", fleet.regions),
    ...of("pools", fleet.pools),
    ...Object.entries(fleet.sites).flatMap(([name, site]) =>
      site.platform === "onprem" ? of(`sites.${name}.hosts`, site.hosts) : [],
    ),
  ];
}

/** Regions whose servers' volumes go because the fleet says so. */
export function regionsWithoutData(fleets: FleetPair): ReadonlySet<string> {
  const paths = new Set(retiredWithData(fleets));
  return new Set(
    Object.entries(fleets.head.regions).flatMap(([name, { site }]) =>
      paths.has(`regions.${name}`) || paths.has(`sites.${site}`) ? [name] : [],
    ),
  );
}
