import type { Problem } from "../constructs/core/problems";
import type { AwsSite } from "./aws-types";
import { rangeBounds, rangesOverlap } from "./ranges";

/**
 * Problems with the zones of an AWS site and the ranges of their subnets.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
 */
export function awsZoneProblems(path: string, site: AwsSite): Problem[] {
  const zones = Object.entries(site.zones);
  const hasNat = site.egress?.kind === "nat-gateway";
  const problems: Problem[] = site.networks.flatMap((cidr, index) => sizeProblems(`${path}.networks[${index}]`, cidr));
  if (zones.length === 0)
    problems.push({ path: `${path}.zones`, rule: "must name at least one availability zone", fix: "add one" });
  for (const [zone, { natCidr }] of zones) {
    const at = `${path}.zones.${zone}`;
    if (!belongsTo(zone, site.awsRegion))
      problems.push({
        path: at,
        rule: `must be an availability zone or local zone of ${site.awsRegion}`,
        got: zone,
        fix: `write it like ${site.awsRegion}a`,
      });
    if (hasNat && natCidr === undefined)
      problems.push({
        path: `${at}.natCidr`,
        rule: "must give a range for the subnet of the zone's NAT gateway",
        fix: "add a /28 of the VPC",
      });
    if (!hasNat && natCidr !== undefined)
      problems.push({
        path: `${at}.natCidr`,
        rule: 'is for egress { kind: "nat-gateway" }',
        got: natCidr,
        fix: "leave it out",
      });
  }
  return [...problems, ...subnetProblems(path, site)];
}

/** `eu-central-1a`, or the local zone `us-west-2-lax-1a`. */
function belongsTo(zone: string, awsRegion: string): boolean {
  return zone.startsWith(awsRegion) && /^(-[a-z]{3,4}-\d)?[a-z]$/.test(zone.slice(awsRegion.length));
}

function subnetProblems(path: string, { zones, networks }: AwsSite): Problem[] {
  const seen: { readonly path: string; readonly cidr: string }[] = [];
  const subnets = Object.entries(zones).flatMap(([zone, { cidr, natCidr }]) => [
    { path: `${path}.zones.${zone}.cidr`, cidr },
    ...(natCidr === undefined ? [] : [{ path: `${path}.zones.${zone}.natCidr`, cidr: natCidr }]),
  ]);
  return subnets.flatMap((subnet) => {
    const problems = sizeProblems(subnet.path, subnet.cidr);
    if (rangeBounds(subnet.cidr) === undefined) return problems;
    if (!networks.some((network) => isInside(subnet.cidr, network)))
      problems.push({
        path: subnet.path,
        rule: `must lie in one of the VPC's ranges (${networks.join(", ")})`,
        got: subnet.cidr,
        fix: "correct it, or add the range to networks",
      });
    for (const other of seen)
      if (rangesOverlap(subnet.cidr, other.cidr))
        problems.push({
          path: subnet.path,
          rule: `must not overlap ${other.path} (${other.cidr})`,
          got: subnet.cidr,
          fix: "give each subnet its own range",
        });
    seen.push(subnet);
    return problems;
  });
}

function sizeProblems(path: string, cidr: string): Problem[] {
  const bounds = rangeBounds(cidr);
  if (bounds === undefined)
    return path.includes(".networks[") // rangeProblems says it of every platform
      ? []
      : [{ path, rule: "must be an IPv4 range", got: cidr, fix: "write it like 10.10.0.0/20" }];
  const prefix = Number(cidr.split("/")[1]);
  if (prefix >= 16 && prefix <= 28) return [];
  return [{ path, rule: "must be from /16 to /28: AWS takes no other", got: cidr, fix: "choose another size" }];
}

function isInside(inner: string, outer: string): boolean {
  const [a, b] = [rangeBounds(inner), rangeBounds(outer)];
  return a !== undefined && b !== undefined && b[0] <= a[0] && a[1] <= b[1];
}
