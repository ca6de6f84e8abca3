import { ACCESS_PORT } from "../../../constructs/machine/access-ports";
import { ACCESS_HEALTH_PORT, DEFAULT_ACCESS_PORT, externalAccessOf } from "../../../model/access";
import type { Fleet } from "../../../model/types";
import type { Finding, Subject } from "../types";
import { short, some } from "../words";
import type { Opening } from "./openings";
import { isAnywhere } from "./wide";

/** What a change of external access opens, told for the region. */
export interface Access {
  readonly findings: readonly Finding[];
  /** Whether an opening of a firewall is a part of it. */
  covers(opening: Opening): boolean;
  /** Whether any region gets it anew, with a load balancer. */
  readonly isNew: boolean;
}

/** Callers outside the tailnet that reach a region's API after a change and did not before. */
export function accessChanges({ base, head }: Subject): Access {
  const [old, now] = [base?.fleet, head?.fleet];
  const regions = old === undefined || now === undefined ? [] : Object.keys(now.regions).flatMap(gained(old, now));
  const isNew = regions.some((region) => region.isNew);
  return {
    findings: regions.map(({ finding }) => finding),
    isNew,
    covers: ({ protocol, first, last, source }) => {
      if (protocol !== "tcp" || first !== last) return false;
      if (isNew && (first === ACCESS_PORT || first === ACCESS_HEALTH_PORT) && !isAnywhere(source)) return true;
      return regions.some(({ port, ranges }) => port === first && ranges.includes(source));
    },
  };
}

interface Gained {
  readonly finding: Finding;
  readonly port: number;
  readonly ranges: readonly string[];
  readonly isNew: boolean;
}

function gained(old: Fleet, now: Fleet): (region: string) => readonly Gained[] {
  return (region) => {
    const [was, is] = [externalAccessOf(old, region), externalAccessOf(now, region)];
    if (is === undefined) return [];
    const port = is.port ?? DEFAULT_ACCESS_PORT;
    const isOther = was === undefined || (was.port ?? DEFAULT_ACCESS_PORT) !== port;
    const ranges = is.allowedCidrs.filter((range) => isOther || !was.allowedCidrs.includes(range));
    if (ranges.length === 0) return [];
    const finding: Finding = {
      id: "reachability/public",
      severity: ranges.some(isAnywhere) ? "blocking" : "warning",
      resource: `regions.${region}.externalAccess`,
      reason: `lets ${some(ranges.map(short))} reach Nomad's API of the region from outside the tailnet, on port ${port}`,
      fix: "make sure that these ranges are those of the callers, and that each of them has a certificate and a token of its own",
    };
    return [{ finding, port, ranges, isNew: was === undefined }];
  };
}
