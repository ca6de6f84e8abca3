import { clientIdentity, type MachineIdentity, serverIdentity } from "./identities";
import { serverNames } from "./names";
import type { Fleet } from "./types";

/** A machine that the fleet names. */
export interface FleetMachine {
  readonly name: string;
  readonly identity: MachineIdentity;
}

/** All machines that the fleet names: servers, and hosts of pools. Those of a pool that is only counted have no names. */
export function machinesOf(fleet: Fleet): readonly FleetMachine[] {
  const servers = Object.keys(fleet.regions).flatMap((region) =>
    serverNames(fleet, region).map((name) => ({ name, identity: serverIdentity(fleet, region) })),
  );
  const clients = Object.entries(fleet.pools).flatMap(([pool, { hosts = [] }]) =>
    hosts.map((name) => ({ name, identity: clientIdentity(fleet, pool) })),
  );
  return [...servers, ...clients];
}
