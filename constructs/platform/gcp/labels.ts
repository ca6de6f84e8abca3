import { type GcpSiteProps, gcpSiteOf } from "./site";

/** Labels of a resource, for people and for cost allocation. */
export type Labels = Record<string, string>;

/**
 * Labels of what belongs to a site: `steppe-fleet`, `steppe-site`, and those that the site gives itself.
 *
 * @param more - further `steppe-` labels. Shape: `{ role: "server", region: "eu" }`.
 */
export function labelsFor(props: GcpSiteProps, more: Readonly<Record<string, string>> = {}): Labels {
  return {
    ...gcpSiteOf(props).labels,
    "steppe-fleet": props.fleet.name,
    "steppe-site": props.site,
    ...Object.fromEntries(Object.entries(more).map(([key, value]) => [`steppe-${key}`, value])),
  };
}
