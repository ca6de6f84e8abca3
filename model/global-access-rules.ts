import type { Problem } from "../constructs/core/problems";
import { DEFAULT_ACCESS_PORT, externalAccessOf } from "./access";
import type { Fleet, Site } from "./types";
import { nameInZoneProblems } from "./zone-rules";

/** Problems with the one name of all regions with external access. */
export function globalAccessProblems(fleet: Fleet): Problem[] {
  const access = fleet.globalAccess;
  if (access === undefined) return [];
  const { routing } = access;
  const taking =
    routing === "latency"
      ? Object.keys(fleet.regions).filter(
          (region) => externalAccessOf(fleet, region) !== undefined && platformOf(fleet, region) === "aws",
        )
      : [routing.failover.primary, routing.failover.secondary];
  return [
    ...nameInZoneProblems("globalAccess", access),
    ...(routing === "latency" ? latencyProblems(fleet, taking) : failoverProblems(fleet, routing.failover)),
    ...portProblems(fleet, taking),
  ];
}

function latencyProblems(fleet: Fleet, regions: readonly string[]): Problem[] {
  if (regions.length < 2)
    return [
      {
        path: "globalAccess",
        rule: "needs two regions or more on AWS with external access",
        got: regions,
        fix: "give another region externalAccess, or leave globalAccess out: one region has its own domain",
      },
    ];
  const seen = new Map<string, string>();
  return regions.flatMap((region) => {
    const site = fleet.sites[fleet.regions[region]?.site ?? ""];
    if (site?.platform !== "aws") return [];
    const other = seen.get(site.awsRegion);
    seen.set(site.awsRegion, region);
    if (other === undefined) return [];
    return [
      {
        path: "globalAccess.routing",
        rule: `cannot tell regions ${other} and ${region} apart by latency: both are in ${site.awsRegion}`,
        got: "latency",
        fix: "use failover, or leave one of them without external access",
      },
    ];
  });
}

function failoverProblems(fleet: Fleet, failover: { readonly primary: string; readonly secondary: string }): Problem[] {
  const problems: Problem[] = [];
  for (const [role, region] of Object.entries(failover)) {
    const path = `globalAccess.routing.failover.${role}`;
    if (fleet.regions[region] === undefined)
      problems.push({
        path,
        rule: `must be a region of this fleet (${Object.keys(fleet.regions).join(", ")})`,
        got: region,
        fix: "correct the name, or add it",
      });
    else if (externalAccessOf(fleet, region) === undefined)
      problems.push({
        path,
        rule: "must be a region in service with external access",
        got: region,
        fix: `add regions.${region}.externalAccess, or name another region`,
      });
    else if (platformOf(fleet, region) !== "aws")
      problems.push({
        path,
        rule: "must be a region on AWS: the name is one of Route 53, which watches no load balancer of others",
        got: region,
        fix: `name another region, and call ${region} by its own domain`,
      });
  }
  if (failover.primary === failover.secondary)
    problems.push({
      path: "globalAccess.routing.failover.secondary",
      rule: "must differ from the primary",
      got: failover.secondary,
      fix: "name another region, or leave globalAccess out",
    });
  return problems;
}

function platformOf(fleet: Fleet, region: string): Site["platform"] | undefined {
  return fleet.sites[fleet.regions[region]?.site ?? ""]?.platform;
}

/** A name leads to addresses, not to ports. */
function portProblems(fleet: Fleet, regions: readonly string[]): Problem[] {
  const ports = regions.flatMap((region) => {
    const access = externalAccessOf(fleet, region);
    return access === undefined ? [] : [{ region, port: access.port ?? DEFAULT_ACCESS_PORT }];
  });
  return ports.flatMap(({ region, port }) =>
    port === ports[0]?.port
      ? []
      : [
          {
            path: `regions.${region}.externalAccess.port`,
            rule: `must be ${ports[0]?.port}, the port of region ${ports[0]?.region}: globalAccess gives both one name`,
            got: port,
            fix: "use one port",
          },
        ],
  );
}
