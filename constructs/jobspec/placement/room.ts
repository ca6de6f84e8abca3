import type { Group } from "../group";
import { isKnownNumber } from "../rules/report";
import { parseMebibytes, parseMegahertz } from "../size";
import type { Task } from "../task";
import type { Findings, Limit, Reason } from "./findings";
import type { PoolFacts } from "./pool-facts";

/** What one allocation of a group takes on a machine. */
export interface Demand {
  readonly cpuMHz: number;
  readonly memoryMiB: number;
  readonly diskMiB: number;
  readonly cores: number;
}

const DEFAULT_CPU_MHZ = 100;
const DEFAULT_MEMORY_MIB = 300;
const DEFAULT_DISK_MIB = 300;

/** Disk that every machine is taken to have for an allocation, where the fleet does not say how much there is. */
const TAKEN_FOR_GRANTED_MIB = 10 * 1024;

type Phase = { cpuMHz: number; memoryMiB: number };

/**
 * What the tasks of a group take together: the main tasks with those beside them, or those before or after them where these
 * take more. Whole cores are taken throughout.
 */
export function demandOf(group: Group): Demand {
  const before: Phase = { cpuMHz: 0, memoryMiB: 0 };
  const main: Phase = { cpuMHz: 0, memoryMiB: 0 };
  const after: Phase = { cpuMHz: 0, memoryMiB: 0 };
  let cores = 0;
  for (const task of Object.values(group.tasks)) {
    const { lifecycle, resources } = task;
    if (resources?.cores !== undefined && isKnownNumber(resources.cores)) cores += resources.cores;
    const phases = lifecycle === undefined ? [main] : phasesOf(lifecycle, before, main, after);
    for (const phase of phases) {
      phase.cpuMHz += cpuOf(task);
      phase.memoryMiB += memoryOf(task);
    }
  }
  return {
    cpuMHz: Math.max(before.cpuMHz, main.cpuMHz, after.cpuMHz),
    memoryMiB: Math.max(before.memoryMiB, main.memoryMiB, after.memoryMiB),
    diskMiB: parseMebibytes(group.ephemeralDisk?.size ?? "") ?? DEFAULT_DISK_MIB,
    cores,
  };
}

function phasesOf(lifecycle: NonNullable<Task["lifecycle"]>, before: Phase, main: Phase, after: Phase): Phase[] {
  switch (lifecycle.hook) {
    case "prestart":
      return lifecycle.sidecar === true ? [before, main] : [before];
    case "poststart":
      return [main];
    case "poststop":
      return [after];
  }
}

function cpuOf({ resources }: Task): number {
  if (resources?.cores !== undefined && resources.cores !== 0) return 0;
  return resources?.cpu === undefined ? DEFAULT_CPU_MHZ : (parseMegahertz(resources.cpu) ?? 0);
}

function memoryOf({ resources }: Task): number {
  const memory = resources?.memory === undefined ? DEFAULT_MEMORY_MIB : (parseMebibytes(resources.memory) ?? 0);
  return memory + (resources?.secrets === undefined ? 0 : (parseMebibytes(resources.secrets) ?? 0));
}

/** Checks that a machine of the pool has room for an allocation, and how many it has room for. */
export function checkRoom(findings: Findings, facts: PoolFacts, path: string, demand: Demand): void {
  const { hardware } = facts.pool;
  const { cores } = hardware;
  if (demand.cores > 0) {
    if (cores === undefined) {
      findings.doubt({ check: "cores", path, unknown: `how many cores a machine of pool ${facts.name} has` });
    } else {
      findings.limit(limitOf(facts, path, "cores", demand.cores, cores, "cores", "cores"));
    }
  }
  const cpuOfCores = cores === undefined ? 0 : demand.cores * Math.floor(hardware.cpuMHz / cores);
  findings.limit(limitOf(facts, path, "cpu", demand.cpuMHz + cpuOfCores, facts.cpuMHz, "MHz", "cpu"));
  findings.limit(limitOf(facts, path, "memory", demand.memoryMiB, facts.memoryMiB, "MiB", "memory"));
  if (facts.diskMiB !== undefined) {
    findings.limit(limitOf(facts, path, "disk", demand.diskMiB, facts.diskMiB, "MiB", "ephemeralDisk.size"));
  } else if (demand.diskMiB > TAKEN_FOR_GRANTED_MIB) {
    findings.doubt({ check: "disk", path, unknown: `how much disk a machine of pool ${facts.name} has` });
  }
}

function limitOf(
  facts: PoolFacts,
  path: string,
  kind: "cores" | "cpu" | "memory" | "disk",
  wanted: number,
  has: number,
  unit: string,
  setting: string,
): Limit {
  const fits = wanted === 0 ? Infinity : Math.max(0, Math.floor(has / wanted));
  const reason = (): Reason => ({
    check: kind,
    kind,
    short: `${kind} (${wanted} of ${has} ${unit})`,
    ...(fits === 0
      ? {
          path,
          rule: `must fit the ${has} ${unit} of a machine of pool ${facts.name}`,
          got: `${wanted} ${unit}`,
          fix: `lower ${setting}, or use a larger pool`,
        }
      : {
          path: `${path}.count`,
          rule: `is more than fits pool ${facts.name}: its machines have ${has} ${unit}, each allocation takes ${wanted}`,
          fix: `lower count or ${setting}, or add machines`,
        }),
  });
  return { per: "machine", atLeast: fits, atMost: fits, reason };
}
