import type { Problem } from "../constructs/core/problems";
import { activeHosts } from "./names";
import { callerProblems } from "./service-rules";
import type { Fleet, Pool } from "./types";

/** Problems with who reaches the API of agents: collectors of metrics, and machines that fetch each other's disks. */
export function agentAccessProblems(fleet: Fleet): Problem[] {
  return [
    ...callerProblems("metrics.scrapers", fleet.metrics?.scrapers ?? [], fleet),
    ...Object.entries(fleet.pools).flatMap(([name, pool]): Problem[] =>
      pool.migratesDisks === true && machineCount(fleet, pool) < 2
        ? [
            {
              path: `pools.${name}.migratesDisks`,
              rule: "has no effect: a disk moves between machines of a pool, and this one has a single machine",
              got: true,
              fix: "leave it out until there are two",
              severity: "warning",
            },
          ]
        : [],
    ),
  ];
}

function machineCount(fleet: Fleet, pool: Pool): number {
  return pool.hosts === undefined ? (pool.count ?? 0) : activeHosts(fleet.sites[pool.site], pool.hosts).length;
}
