import { awsSite } from "../../../model/aws-site";
import type { AwsSite } from "../../../model/aws-types";
import type { Fleet } from "../../../model/types";

/** What every construct of an AWS site needs to know. */
export interface AwsSiteProps {
  readonly fleet: Fleet;
  /** Name of the site. */
  readonly site: string;
}

/** The site as AWS's. @throws RangeError for a site of another platform. */
export function awsSiteOf({ fleet, site }: AwsSiteProps): AwsSite {
  return awsSite(fleet, site);
}

/** Zones of a site in order, each with its name. */
export function zonesOf(site: AwsSite): readonly string[] {
  return Object.keys(site.zones);
}
