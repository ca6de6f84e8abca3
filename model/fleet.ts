import type { Fleet, Site } from "./types";

/**
 * Describes a fleet with full completion: a pool's `region` and `site`, a region's `site`, a service's `pools` and
 * `callers` and a LAN host's `routers` are checked against the names given. Returns its argument unchanged; `validateFleet` checks the rest.
 */
export function defineFleet<
  const S extends Fleet["sites"],
  const R extends Fleet<keyof S & string>["regions"],
  const P extends Fleet<keyof S & string, keyof R & string>["pools"],
>(
  fleet: Omit<Fleet<keyof S & string, keyof R & string, keyof P & string>, "sites" | "regions" | "pools"> & {
    readonly sites: S & Readonly<Record<keyof S, Site<keyof P & string>>>;
    readonly regions: R;
    readonly pools: P;
  },
): Fleet {
  return fleet;
}
