import { type PoolFacts, poolFacts } from "../../../constructs/jobspec/placement/pool-facts";
import type { Fleet } from "../../../model/types";
import { isEqual } from "../../json";
import type { Finding, Subject } from "../types";
import { counted, short, some } from "../words";

/** What a pool has for jobs, over all of its machines that are in service. */
interface Capacity {
  readonly machines: number;
  /** By what it is and its unit. Shape: `{ "NVIDIA H100 80GB HBM3 GPUs": 16, "MHz": 512000, "MiB memory": 4000000 }`. */
  readonly amounts: ReadonlyMap<string, number>;
}

/** Pools that come, go, or have more or less for jobs than before. */
export function examinePools({ base, head }: Subject): readonly Finding[] {
  const [old, now] = [base?.fleet, head?.fleet];
  if (old === undefined || now === undefined || isEqual([old.pools, old.sites], [now.pools, now.sites])) return [];
  const [was, is] = [capacities(old), capacities(now)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((pool) => poolChange(pool, was.get(pool), is.get(pool)));
}

/** Names of pools that have less of something than before, or are gone. */
export function reducedPools(old: Fleet, now: Fleet): readonly string[] {
  const [was, is] = [capacities(old), capacities(now)];
  return [...was].filter(([pool, before]) => differences(before, is.get(pool)).less.length > 0).map(([pool]) => pool);
}

/** What every pool of a fleet has, without retired ones. */
function capacities(fleet: Fleet): ReadonlyMap<string, Capacity> {
  return new Map(
    [...poolFacts(fleet).values()]
      .filter(({ pool }) => pool.retired === undefined)
      .map((facts) => [facts.name, capacityOf(facts)]),
  );
}

function capacityOf({ machines = 0, gpu, cpuMHz, memoryMiB }: PoolFacts): Capacity {
  return {
    machines,
    amounts: new Map([
      ...(gpu === undefined ? [] : [[`GPUs ${short(gpu.model)}`, gpu.count * machines] as const]),
      ["MHz", cpuMHz * machines],
      ["MiB memory", memoryMiB * machines],
    ]),
  };
}

function poolChange(pool: string, was: Capacity | undefined, is: Capacity | undefined): readonly Finding[] {
  const resource = `pools.${pool}`;
  if (is === undefined)
    return [
      {
        id: "capacity/pool-removed",
        severity: "warning",
        resource,
        reason: `goes, with ${was === undefined ? "all that it has" : told(was)}`,
        fix: "drain its machines first, and make sure that no job names it",
      },
    ];
  if (was === undefined)
    return [
      {
        id: "capacity/grown",
        severity: "notice",
        resource,
        reason: `is new: ${told(is)}`,
        fix: "nothing, if it is meant",
      },
    ];
  const { less, more } = differences(was, is);
  if (less.length > 0)
    return [
      {
        id: "capacity/reduced",
        severity: "warning",
        resource,
        reason: `has less for jobs: ${some([...less, ...more])}${machinesOf(was, is)}`,
        fix: "make sure that what runs there has a place on the rest, and drain the machines that go",
      },
    ];
  if (more.length === 0) return [];
  const reason = `has more for jobs: ${some(more)}${machinesOf(was, is)}`;
  return [{ id: "capacity/grown", severity: "notice", resource, reason, fix: "nothing, if it is meant" }];
}

function differences(was: Capacity, is: Capacity | undefined): { readonly less: string[]; readonly more: string[] } {
  const less: string[] = [];
  const more: string[] = [];
  for (const name of new Set([...was.amounts.keys(), ...(is?.amounts.keys() ?? [])])) {
    const [before, after] = [was.amounts.get(name) ?? 0, is?.amounts.get(name) ?? 0];
    if (before !== after) (after < before ? less : more).push(`${before} → ${after} ${name}`);
  }
  return { less, more };
}

function machinesOf(was: Capacity, is: Capacity): string {
  return was.machines === is.machines ? "" : `, by ${was.machines} → ${counted(is.machines, "machine")}`;
}

function told({ machines, amounts }: Capacity): string {
  return some([counted(machines, "machine"), ...[...amounts].map(([name, amount]) => `${amount} ${name}`)]);
}
