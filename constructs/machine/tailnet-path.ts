import type { MachineIdentity } from "../../model/identities";
import { lanHostsCalledFrom } from "../../model/lan-callers";
import { regionOf, siteOf } from "../../model/names";
import type { Fleet } from "../../model/types";

/** How the machines of one identity take part in the tailnet's routes. Follows from the fleet alone. */
export interface TailnetPath {
  /** They use routes to LAN hosts of other sites. */
  readonly acceptRoutes: boolean;
  /** Routes to LAN hosts of their own site that they offer. Shape: `["192.168.10.5/32"]`. */
  readonly advertisedRoutes: readonly string[];
  /**
   * Networks of their own site, which they reach without the tailnet. Empty where no routes are accepted, since only an
   * accepted route could lead astray.
   */
  readonly ownNetworks: readonly string[];
  /** tailscaled answers SSH on the tailnet address. */
  readonly ssh: boolean;
}

/** Reads off a fleet which routes the machines of an identity accept and offer. */
export function tailnetPath(fleet: Fleet, identity: MachineIdentity): TailnetPath {
  const home = homeOf(fleet, identity);
  const caller = identity.role === "server" ? "servers" : identity.pool;
  const acceptRoutes = lanHostsCalledFrom(fleet, home, caller).length > 0;
  return {
    acceptRoutes,
    advertisedRoutes: routesOf(fleet, identity, home),
    ownNetworks: acceptRoutes ? siteOf(fleet, home).networks : [],
    ssh: fleet.tailnet.ssh !== undefined,
  };
}

/** Site of the machines. */
function homeOf(fleet: Fleet, identity: MachineIdentity): string {
  if (identity.role === "server") return regionOf(fleet, identity.region).site;
  const pool = fleet.pools[identity.pool];
  if (pool === undefined) throw new RangeError(`no pool ${identity.pool} in fleet ${fleet.name}`);
  return pool.site;
}

function routesOf(fleet: Fleet, identity: MachineIdentity, home: string): readonly string[] {
  const site = siteOf(fleet, home);
  if (identity.role === "server" || site.platform !== "onprem") return [];
  return Object.values(site.lanHosts ?? {})
    .filter(({ routers }) => routers.includes(identity.pool))
    .map(({ address }) => `${address}/32`);
}
