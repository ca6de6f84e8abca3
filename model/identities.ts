import { type Tag, tags } from "./names";
import type { Fleet } from "./types";

/** Who a machine is in the tailnet and which secrets it gets: one per server region, one per pool, one for operators. */
export type Identity =
  | { readonly name: string; readonly role: "server"; readonly region: string }
  | {
      readonly name: string;
      readonly role: "client";
      readonly region: string;
      readonly pool: string;
      /** The machine leaves the tailnet when it is gone. Never for servers. */
      readonly ephemeral: boolean;
    }
  | { readonly name: "operator"; readonly role: "operator" };

export function serverIdentity(region: string): Identity & { role: "server" } {
  return { name: `server-${region}`, role: "server", region };
}

export function clientIdentity(fleet: Fleet, pool: string): Identity & { role: "client" } {
  const found = fleet.pools[pool];
  if (found === undefined) throw new RangeError(`no pool ${pool} in fleet ${fleet.name}`);
  return {
    name: `client-${pool}`,
    role: "client",
    region: found.region,
    pool,
    ephemeral: found.ephemeral ?? found.spot === true,
  };
}

/** All identities of a fleet: servers by region, clients by pool, operators. */
export function identitiesOf(fleet: Fleet): readonly Identity[] {
  return [
    ...Object.keys(fleet.regions).map(serverIdentity),
    ...Object.keys(fleet.pools).map((pool) => clientIdentity(fleet, pool)),
    { name: "operator", role: "operator" },
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
