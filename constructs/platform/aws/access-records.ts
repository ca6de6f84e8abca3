import type { Lb } from "@cdktf/provider-aws/lib/lb";
import { Route53Record } from "@cdktf/provider-aws/lib/route53-record";
import type { Construct } from "constructs";
import { globalPartOf, isHostedZone } from "../../../model/access";
import type { ExternalAccess } from "../../../model/access-types";
import { regionOf } from "../../../model/names";
import type { Fleet } from "../../../model/types";
import { awsSiteOf } from "./site";

interface Recorded {
  readonly fleet: Fleet;
  readonly region: string;
  readonly access: ExternalAccess;
  readonly balancer: Lb;
}

/**
 * Names that lead to a region's load balancer: its own, and its part in the fleet's global one. Every region makes its own part,
 * so that none has to know of another's load balancer. A part counts while the load balancer has a healthy server.
 */
export function accessRecords(scope: Construct, { fleet, region, access, balancer }: Recorded): void {
  const alias = { name: balancer.dnsName, zoneId: balancer.zoneId, evaluateTargetHealth: true };
  if (access.domain !== undefined && access.zone !== undefined && isHostedZone(access.zone))
    new Route53Record(scope, "Record", { zoneId: access.zone.id, name: access.domain, type: "A", alias });
  const part = globalPartOf(fleet, region);
  if (part === undefined || fleet.globalAccess === undefined) return;
  const { domain, zone } = fleet.globalAccess;
  const { awsRegion } = awsSiteOf({ fleet, site: regionOf(fleet, region).site });
  new Route53Record(scope, "GlobalRecord", {
    zoneId: zone.id,
    name: domain,
    type: "A",
    alias,
    setIdentifier: `${fleet.name}-${region}`,
    ...(part === "latency"
      ? { latencyRoutingPolicy: { region: awsRegion } }
      : { failoverRoutingPolicy: { type: part } }),
  });
}
