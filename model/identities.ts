import { needsSnapshotKey } from "./backups";
import { regionOf, type Tag, tags } from "./names";
import type { JoinMethod } from "./tailnet-types";
import type { Fleet } from "./types";

/** What machines of one identity share in how they join the tailnet. */
interface Joining {
  readonly name: string;
  readonly region: string;
  readonly join: JoinMethod;
  /** The tailnet forgets a machine that is gone. Never for servers: one that returns with a new address is a new peer. */
  readonly ephemeral: boolean;
}

/** Who a machine is in the tailnet and which secrets it gets: one per server region, one per pool, one for operators. */
export type Identity =
  | (Joining & {
      readonly role: "server";
      readonly ephemeral: false;
      /** Steppe makes the machines, and their SSH host key before them. @default false */
      readonly ownHostKey?: boolean;
      /** They write snapshots with an access key. @default false */
      readonly snapshotKey?: boolean;
    })
  | (Joining & { readonly role: "client"; readonly pool: string })
  | { readonly name: "operator"; readonly role: "operator" };

/** An identity of machines. */
export type MachineIdentity = Exclude<Identity, { role: "operator" }>;

/** How machines join where the fleet says nothing. */
const DEFAULT_JOIN: JoinMethod = { kind: "auth-key" };

export function serverIdentity(fleet: Fleet, region: string): Identity & { role: "server" } {
  const { servers, join = DEFAULT_JOIN } = regionOf(fleet, region);
  const ownHostKey = "hosts" in servers ? {} : { ownHostKey: true };
  const snapshotKey = needsSnapshotKey(fleet, region) ? { snapshotKey: true } : {};
  return { name: `server-${region}`, role: "server", region, join, ephemeral: false, ...ownHostKey, ...snapshotKey };
}

export function clientIdentity(fleet: Fleet, pool: string): Identity & { role: "client" } {
  const found = fleet.pools[pool];
  if (found === undefined) throw new RangeError(`no pool ${pool} in fleet ${fleet.name}`);
  return {
    name: `client-${pool}`,
    role: "client",
    region: found.region,
    pool,
    join: found.join ?? DEFAULT_JOIN,
    ephemeral: found.ephemeral ?? found.spot === true,
  };
}

/** All identities of a fleet: servers by region, clients by pool, operators. */
export function identitiesOf(fleet: Fleet): readonly Identity[] {
  return [
    ...Object.keys(fleet.regions).map((region) => serverIdentity(fleet, region)),
    ...Object.keys(fleet.pools).map((pool) => clientIdentity(fleet, pool)),
    { name: "operator", role: "operator" },
  ];
}

/** Identities of the machines of a site: its region's servers, and its pools; retired ones too. */
export function identitiesAt(fleet: Fleet, site: string): readonly MachineIdentity[] {
  const here = (homes: Readonly<Record<string, { readonly site: string }>>) =>
    Object.keys(homes).filter((name) => homes[name]?.site === site);
  return [
    ...here(fleet.regions).map((region) => serverIdentity(fleet, region)),
    ...here(fleet.pools).map((pool) => clientIdentity(fleet, pool)),
  ];
}

/** Tags that a machine of this identity carries. */
export function tagsOf(identity: Identity): readonly Tag[] {
  switch (identity.role) {
    case "server":
      return [tags.server, tags.regionServer(identity.region)];
    case "client":
      return [tags.client, tags.regionClient(identity.region), tags.pool(identity.pool)];
    case "operator":
      return [tags.operator];
  }
}

/** Name of the ephemeral Terraform variable that carries an identity's secrets to its machines. */
export function secretsVariable(identity: Identity): string {
  return `secrets_${identity.name.replaceAll("-", "_")}`;
}
