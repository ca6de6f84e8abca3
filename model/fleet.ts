import type { Fleet } from "./types";

/** Refuses values of one record that name what the other records do not have, at type-check time. */
type Checked<F> = F extends { sites: infer S; regions: infer R; pools: infer P }
  ? Fleet<keyof S & string, keyof R & string, keyof P & string>
  : never;

/**
 * Describes a fleet with full completion: a pool's `region` and `site`, a region's `site` and a service's `pools` and
 * `callers` are checked against the names given. Returns its argument unchanged; `validateFleet` checks the rest.
 */
export function defineFleet<
  const S extends Fleet["sites"],
  const R extends Fleet<keyof S & string>["regions"],
  const P extends Fleet<keyof S & string, keyof R & string>["pools"],
>(
  fleet: Omit<Fleet<keyof S & string, keyof R & string, keyof P & string>, "sites" | "regions" | "pools"> & {
    readonly sites: S;
    readonly regions: R;
    readonly pools: P;
  },
): Fleet {
  return fleet satisfies Checked<typeof fleet> as unknown as Fleet;
}
