import type { Problem } from "../constructs/core/problems";
import { ACCESS_HEALTH_PORT, isHostedZone } from "./access";
import type { ExternalAccess } from "./access-types";
import { subnetIdProblems } from "./aws-ids";
import type { AwsSite } from "./aws-types";
import type { Site } from "./types";

/** Problems with external access that depend on where the region's servers are. */
export function accessSiteProblems(path: string, access: ExternalAccess, siteName: string, site: Site): Problem[] {
  switch (site.platform) {
    case "onprem":
      return [
        {
          path,
          rule: `is for regions at AWS and Google Cloud sites, and site ${siteName} is onprem`,
          fix: "leave it out, and let callers into the tailnet",
        },
      ];
    case "aws":
      return [...awsZoneProblems(path, access, siteName), ...subnetProblems(path, access, siteName, site)];
    case "gcp":
      return gcpProblems(path, access, siteName);
  }
}

function awsZoneProblems(path: string, { zone }: ExternalAccess, siteName: string): Problem[] {
  if (zone === undefined || isHostedZone(zone)) return [];
  return [
    {
      path: `${path}.zone`,
      rule: `must be a hosted zone of Route 53: site ${siteName} is on AWS, and what makes its record knows no other DNS`,
      got: zone.managedZone,
      fix: "write it like { id, name }, or leave zone out and make the record yourself",
    },
  ];
}

function gcpProblems(path: string, { zone, subnetIds, port }: ExternalAccess, siteName: string): Problem[] {
  const problems: Problem[] = [];
  if (zone !== undefined && isHostedZone(zone))
    problems.push({
      path: `${path}.zone`,
      rule: `must be a managed zone of Cloud DNS: site ${siteName} is on Google Cloud, and what makes its record knows no other DNS`,
      got: zone.id,
      fix: "write it like { managedZone, name }, or leave zone out and make the record yourself",
    });
  if (subnetIds !== undefined)
    problems.push({
      path: `${path}.subnetIds`,
      rule: `is for sites on AWS, and site ${siteName} is on Google Cloud, where a load balancer is in no subnet`,
      got: subnetIds,
      fix: "leave it out",
    });
  // Packets keep their port, so that it would not be known who asks.
  if (port === ACCESS_HEALTH_PORT)
    problems.push({
      path: `${path}.port`,
      rule: "is the port at which the load balancer asks servers how they are",
      got: port,
      fix: "choose another",
    });
  return problems;
}

function subnetProblems(path: string, { subnetIds }: ExternalAccess, siteName: string, site: AwsSite): Problem[] {
  const hidden = site.egress?.kind === "existing";
  if (hidden && subnetIds === undefined)
    return [
      {
        path: `${path}.subnetIds`,
        rule: `must name public subnets: machines of site ${siteName} have private ones, and its VPC is not Steppe's`,
        fix: "add a public subnet in each zone of the servers",
      },
    ];
  if (subnetIds === undefined) return [];
  if (!hidden)
    return [
      {
        path: `${path}.subnetIds`,
        rule: `is for sites with egress { kind: "existing" }: public subnets of site ${siteName} are known`,
        got: subnetIds,
        fix: "leave it out",
      },
    ];
  if (subnetIds.length === 0)
    return [
      {
        path: `${path}.subnetIds`,
        rule: "must name at least one public subnet",
        got: subnetIds,
        fix: "add a public subnet in each zone of the servers",
      },
    ];
  return subnetIds.flatMap((id, index) => {
    const at = `${path}.subnetIds[${index}]`;
    if (subnetIds.indexOf(id) !== index) return [{ path: at, rule: "is listed already", got: id, fix: "list it once" }];
    return subnetIdProblems(at, id);
  });
}
