import type { Fleet } from "../../../model/types";
import type { Group } from "../group";
import type { Job } from "../job";
import { poolFacts } from "../placement/pool-facts";
import { isKnownNumber } from "../rules/report";

/** How many allocations of a group there may be at a time. */
export interface Demand {
  /** Infinity where nobody can say. */
  readonly allocations: number;
  /** Those that an update adds for a while. */
  readonly canaries: number;
  /** Where the number comes from. Shape: `groups.db.count is 2`. */
  readonly because: string;
}

/** How many allocations a group asks for, at most: scaling may raise it, and a system job runs on every machine. */
export function demandOf(job: Job, name: string, group: Group, fleet: Fleet | undefined): Demand {
  const canaries = known(group.update?.canary ?? job.update?.canary ?? 0);
  if (job.type === "system" || job.type === "sysbatch") {
    const machines = fleet === undefined ? undefined : poolFacts(fleet).get(job.nodePool ?? "")?.machines;
    const because = `a ${job.type} job runs on every machine`;
    return { allocations: machines ?? Infinity, canaries: 0, because };
  }
  const count = known(group.count ?? group.scaling?.min ?? 1);
  const most = known(group.scaling?.max ?? 0);
  if (most > count) return { allocations: most, canaries, because: `groups.${name}.scaling.max is ${most}` };
  const because = group.count === undefined ? `groups.${name} has ${count}` : `groups.${name}.count is ${count}`;
  // A group that is scaled to nothing must have its volume when it is scaled up.
  return { allocations: Math.max(1, count), canaries, because };
}

/** A number that Terraform fills in is taken for the least. */
function known(value: number): number {
  return isKnownNumber(value) ? value : 1;
}
