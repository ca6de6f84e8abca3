import { siteOf } from "../../../model/names";
import type { Fleet } from "../../../model/types";

/** Tags of a resource, for people and for cost allocation. */
export type Tags = Record<string, string>;

/**
 * Tags of what belongs to a site: `steppe:fleet`, `steppe:site`, and those that the site gives itself.
 *
 * @param name - shown by the console.
 * @param more - further `steppe:` tags. Shape: `{ role: "server", region: "eu" }`.
 */
export function tagsFor(fleet: Fleet, site: string, name: string, more: Readonly<Record<string, string>> = {}): Tags {
  const found = siteOf(fleet, site);
  return {
    ...(found.platform === "aws" ? found.tags : {}),
    Name: name,
    "steppe:fleet": fleet.name,
    "steppe:site": site,
    ...Object.fromEntries(Object.entries(more).map(([key, value]) => [`steppe:${key}`, value])),
  };
}
