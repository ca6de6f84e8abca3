import { tags } from "../../../model/names";
import type { Fleet } from "../../../model/types";
import type { GrantRule } from "../language/policy-file";
import { HTTP, RPC } from "./ports";
import type { Reasoned } from "./reasoned";

/** Clients connect to the servers of their own region; servers never connect to clients, they answer on that connection. */
export function clientGrants(fleet: Fleet): Reasoned<GrantRule>[] {
  const regions = new Set(Object.values(fleet.pools).map(({ region }) => region));
  return [...regions].map((region) => ({
    rule: { src: [tags.regionClient(region)], dst: [tags.regionServer(region)], ip: [RPC] },
    reason: `clients of region ${region} talk RPC to the servers of their own region`,
    from: `regions.${region}`,
  }));
}

/**
 * An allocation that moves fetches its disk from the agent that had it.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/ephemeral_disk#migrate
 */
export function diskGrants(fleet: Fleet): Reasoned<GrantRule>[] {
  return Object.entries(fleet.pools).flatMap(([name, pool]) =>
    pool.migratesDisks === true
      ? [
          {
            rule: { src: [tags.pool(name)], dst: [tags.pool(name)], ip: [HTTP] },
            reason: `machines of pool ${name} fetch the ephemeral disks of allocations that move from each other`,
            from: `pools.${name}.migratesDisks`,
          },
        ]
      : [],
  );
}
