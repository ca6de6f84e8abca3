import type { CloudServers } from "./types";

/** Zone of each of a region's servers, in order; `all` are the site's. */
export function serverZones({ count, zones }: CloudServers, all: readonly string[]): readonly string[] {
  return zones ?? Array.from({ length: all.length === 0 ? 0 : count }, (_, index) => all[index % all.length] as string);
}
