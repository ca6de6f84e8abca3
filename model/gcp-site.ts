import type { GcpSite } from "./gcp-types";
import { siteOf } from "./names";
import type { Fleet } from "./types";

/** A site as Google Cloud's. @throws RangeError for a site of another platform. */
export function gcpSite(fleet: Fleet, name: string): GcpSite {
  const site = siteOf(fleet, name);
  if (site.platform !== "gcp") throw new RangeError(`site ${name} is not on Google Cloud`);
  return site;
}
