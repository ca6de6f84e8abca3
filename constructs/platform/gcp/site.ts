import type { GcpSite } from "../../../model/gcp-types";
import { siteOf } from "../../../model/names";
import type { Fleet } from "../../../model/types";

/** What every construct of a site on Google Cloud needs to know. */
export interface GcpSiteProps {
  readonly fleet: Fleet;
  /** Name of the site. */
  readonly site: string;
}

/** The site as Google's. @throws RangeError for a site of another platform. */
export function gcpSiteOf({ fleet, site }: GcpSiteProps): GcpSite {
  const found = siteOf(fleet, site);
  if (found.platform !== "gcp") throw new RangeError(`site ${site} is not on Google Cloud`);
  return found;
}
