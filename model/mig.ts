/** Slices of one profile that a GPU can be cut into at most. */
type Profiles = Readonly<Record<string, number>>;

const EIGHTY: Profiles = { "1g.10gb": 7, "1g.20gb": 4, "2g.20gb": 3, "3g.40gb": 2, "4g.40gb": 1, "7g.80gb": 1 };

/**
 * MIG profiles by GPU model of the catalogue. Models that are not here cannot be cut. Profiles with media extensions (`+me`)
 * are left out: a GPU has one such slice.
 *
 * @see https://docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-mig-profiles.html
 */
export const MIG_PROFILES: Readonly<Record<string, Profiles>> = {
  "a100-40gb": { "1g.5gb": 7, "1g.10gb": 4, "2g.10gb": 3, "3g.20gb": 2, "4g.20gb": 1, "7g.40gb": 1 },
  "a100-80gb": EIGHTY,
  "h100-80gb": EIGHTY,
  "h200-141gb": { "1g.18gb": 7, "1g.35gb": 4, "2g.35gb": 3, "3g.71gb": 2, "4g.71gb": 1, "7g.141gb": 1 },
  "b200-180gb": { "1g.23gb": 7, "1g.45gb": 4, "2g.45gb": 3, "3g.90gb": 2, "4g.90gb": 1, "7g.180gb": 1 },
};
