import type { AwsSite } from "./aws-types";
import { siteOf } from "./names";
import type { Fleet } from "./types";

/** A site as AWS's. @throws RangeError for a site of another platform. */
export function awsSite(fleet: Fleet, name: string): AwsSite {
  const site = siteOf(fleet, name);
  if (site.platform !== "aws") throw new RangeError(`site ${name} is not on AWS`);
  return site;
}
