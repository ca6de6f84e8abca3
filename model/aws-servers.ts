import type { AwsSite } from "./aws-types";
import type { CloudServers } from "./types";

/** Zone of each of a region's servers, in order. */
export function serverZones({ count, zones }: CloudServers, site: AwsSite): readonly string[] {
  const all = Object.keys(site.zones);
  return zones ?? Array.from({ length: all.length === 0 ? 0 : count }, (_, index) => all[index % all.length] as string);
}
