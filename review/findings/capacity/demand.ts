import { poolFacts } from "../../../constructs/jobspec/placement/pool-facts";
import type { Fleet } from "../../../model/types";
import { jobsIn, type SnapshotJob } from "../../jobs/changes";
import { partOf } from "../../jobs/effective";
import { list } from "../../json";
import type { Snapshot } from "../../source/snapshot";
import type { Finding, Subject } from "../types";
import { reducedPools } from "./pools";

/** What services of a pool ask for together. Batch work waits for its turn, and is left out. */
interface Demand {
  readonly gpus: number;
  readonly memoryMiB: number;
}

/**
 * Pools that get smaller than what services ask of them: each of the jobs has a place, and not all of them at once.
 *
 * @param stuck - addresses of jobs that have no place even alone; what they ask for is told there.
 */
export function examineDemand({ base, head }: Subject, stuck: ReadonlySet<string>): readonly Finding[] {
  const [old, now] = [base?.fleet, head?.fleet];
  if (base === undefined || head === undefined || old === undefined || now === undefined) return [];
  const reduced = reducedPools(old, now).filter((pool) => now.pools[pool]?.retired === undefined && pool in now.pools);
  if (reduced.length === 0) return [];
  const [asked, had] = [demands(head, stuck), demands(base, new Set())];
  return reduced.flatMap((pool): readonly Finding[] => {
    const over = overbooked(pool, now, asked);
    const before = new Set(overbooked(pool, old, had).map(({ what }) => what));
    const told = over.filter(({ what }) => !before.has(what));
    if (told.length === 0) return [];
    return [
      {
        id: "capacity/overbooked",
        severity: "warning",
        resource: `pools.${pool}`,
        reason: `has ${told.map(({ what, has, wanted }) => `${has} ${what} left where its services ask for ${wanted}`).join(", and ")}`,
        fix: "expect that some of them wait: lower counts, or keep the machines",
      },
    ];
  });
}

interface Over {
  readonly what: string;
  readonly has: number;
  readonly wanted: number;
}

function overbooked(pool: string, fleet: Fleet, demands: ReadonlyMap<string, Demand>): readonly Over[] {
  const facts = poolFacts(fleet).get(pool);
  const wanted = demands.get(pool);
  if (facts?.machines === undefined || wanted === undefined) return [];
  const gpus = (facts.gpu?.count ?? 0) * facts.machines;
  const memory = facts.memoryMiB * facts.machines;
  return [
    { what: "GPUs", has: gpus, wanted: wanted.gpus },
    { what: "MiB memory", has: memory, wanted: wanted.memoryMiB },
  ].filter((one) => one.wanted > one.has);
}

function demands(snapshot: Snapshot, without: ReadonlySet<string>): ReadonlyMap<string, Demand> {
  const found = new Map<string, Demand>();
  for (const one of jobsIn(snapshot)) {
    const pool = one.job["NodePool"];
    if (typeof pool !== "string" || without.has(`${one.stack}\n${one.address}`)) continue;
    const { gpus, memoryMiB } = found.get(pool) ?? { gpus: 0, memoryMiB: 0 };
    const more = demandOf(one);
    found.set(pool, { gpus: gpus + more.gpus, memoryMiB: memoryMiB + more.memoryMiB });
  }
  return found;
}

function demandOf({ job }: SnapshotJob): Demand {
  let [gpus, memoryMiB] = [0, 0];
  if ((job["Type"] ?? "service") !== "service") return { gpus, memoryMiB };
  for (const group of job.TaskGroups) {
    const count = numberOf(group["Count"], 1);
    for (const task of list(group["Tasks"]).map(partOf)) {
      const resources = partOf(task["Resources"]);
      memoryMiB += count * numberOf(resources["MemoryMB"], 300);
      for (const device of list(resources["Devices"]).map(partOf))
        if (/\bgpu\b/.test(String(device["Name"]))) gpus += count * numberOf(device["Count"], 1);
    }
  }
  return { gpus, memoryMiB };
}

function numberOf(value: unknown, unset: number): number {
  return typeof value === "number" && value >= 0 ? value : unset;
}
