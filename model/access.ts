import type { ExternalAccess, HostedZone, ManagedZone } from "./access-types";
import type { Fleet } from "./types";

/** Port of the load balancer where the fleet says nothing: Nomad's own. */
export const DEFAULT_ACCESS_PORT = 4646;

/** Port on which a server tells the load balancer how it is. */
export const ACCESS_HEALTH_PORT = 4649;

/** True for a zone of Route 53. */
export function isHostedZone(zone: HostedZone | ManagedZone): zone is HostedZone {
  return "id" in zone;
}

/** How callers from outside the tailnet reach a region; undefined where they do not, or no longer. */
export function externalAccessOf(fleet: Fleet, regionName: string): ExternalAccess | undefined {
  const region = fleet.regions[regionName];
  const retired = region?.retired ?? region?.externalAccess?.retired ?? fleet.sites[region?.site ?? ""]?.retired;
  return retired === undefined ? region?.externalAccess : undefined;
}

/** Part of a region in the fleet's global name. */
export type GlobalPart = "latency" | "PRIMARY" | "SECONDARY";

/** Which part a region has in the global name; undefined where it has none. The name is Route 53's, which knows AWS's load balancers alone. */
export function globalPartOf(fleet: Fleet, regionName: string): GlobalPart | undefined {
  if (fleet.globalAccess === undefined || externalAccessOf(fleet, regionName) === undefined) return undefined;
  if (fleet.sites[fleet.regions[regionName]?.site ?? ""]?.platform !== "aws") return undefined;
  const { routing } = fleet.globalAccess;
  if (routing === "latency") return "latency";
  if (routing.failover.primary === regionName) return "PRIMARY";
  return routing.failover.secondary === regionName ? "SECONDARY" : undefined;
}

/** Names under which a region is called from outside the tailnet: its own, and the global one. */
export function externalDomains(fleet: Fleet, regionName: string): readonly string[] {
  const domains = [
    externalAccessOf(fleet, regionName)?.domain,
    globalPartOf(fleet, regionName) === undefined ? undefined : fleet.globalAccess?.domain,
  ];
  return domains.filter((domain) => domain !== undefined);
}
