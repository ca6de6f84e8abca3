import type { Group } from "../group";
import type { Job } from "../job";
import { isKnownNumber } from "../rules/report";
import { wantsDistinctHosts } from "./constraints";
import type { Doubt, PoolPlacement } from "./findings";
import type { PoolFacts } from "./pool-facts";
import { demandOf } from "./room";

/** Something that the groups of a job share on a machine. */
interface Share {
  readonly name: string;
  /** What a machine has of it. */
  readonly has: number;
  /** What an allocation takes of it, by group. */
  readonly takes: readonly number[];
}

/**
 * Groups that have a place each may still stand in each other's way. Which of them then stays without one depends on the
 * order in which Nomad takes them, so the answer for each is perhaps.
 *
 * @param alone - how each group fares by itself, in the job's order.
 */
export function together(job: Job, facts: PoolFacts, alone: readonly PoolPlacement[]): readonly PoolPlacement[] {
  const groups = Object.values(job.groups);
  const doubts = groups.map((group, index) =>
    mayInherit(groups, group, alone, index) ? inherited(job, index) : undefined,
  );
  const crowd = crowded(job, facts, groups, alone);
  return alone.map((placement, index) => {
    if (placement.verdict !== "yes" && placement.verdict !== "perhaps") return placement;
    const added = [doubts[index], crowd].filter((doubt) => doubt !== undefined);
    return added.length === 0
      ? placement
      : { ...placement, verdict: "perhaps", doubts: [...placement.doubts, ...added] };
  });
}

/** A group without a network block is checked against that of another group: Nomad 1.11 forgets to reset it. */
function mayInherit(groups: readonly Group[], group: Group, alone: readonly PoolPlacement[], index: number): boolean {
  if (group.network !== undefined) return false;
  return groups.some((other, at) => {
    if (at === index || other.network === undefined) return false;
    const { reasons, doubts } = alone[at] ?? { reasons: [], doubts: [] };
    return [...reasons, ...doubts].some(({ check }) => check === "network") || other.network.mode === "none";
  });
}

function inherited(job: Job, index: number): Doubt {
  return {
    check: "network",
    path: `groups.${Object.keys(job.groups)[index] ?? ""}.network`,
    unknown:
      "whether Nomad checks the group against the network of another one, which it does where network is left out",
  };
}

/** A doubt where the groups do not surely fit together. */
function crowded(
  job: Job,
  facts: PoolFacts,
  groups: readonly Group[],
  alone: readonly PoolPlacement[],
): Doubt | undefined {
  const taking = groups.map((group, index) => {
    const { verdict, room } = alone[index] ?? { verdict: "no" };
    const count = group.count ?? group.scaling?.min ?? 1;
    if (verdict === "no") return 0;
    return verdict === "some" ? (room ?? 0) : isKnownNumber(count) ? count : 1;
  });
  if (taking.filter((count) => count > 0).length < 2) return undefined;
  const machines = job.type === "system" || job.type === "sysbatch" ? 1 : (facts.machines ?? 1);
  const shares = sharesOf(job, facts, groups);
  const short = shares
    .filter(({ has, takes }) => takes.reduce((sum, each, at) => sum + each * (taking[at] ?? 0), 0) > has * machines)
    .map(({ name }) => name);
  if (short.length === 0 && surelyFit(shares, taking, machines)) return undefined;
  const doubt: Doubt = { check: "memory", path: "groups", unknown: "which of the groups Nomad places first" };
  if (short.length === 0) return doubt;
  return { ...doubt, sure: `take more ${short.join(", ")} together than pool ${facts.name} has` };
}

function sharesOf(job: Job, facts: PoolFacts, groups: readonly Group[]): readonly Share[] {
  const demands = groups.map(demandOf);
  const { cores, cpuMHz } = facts.pool.hardware;
  const coreMHz = cores === undefined ? 0 : Math.floor(cpuMHz / cores);
  const shares: Share[] = [
    { name: "CPU", has: facts.cpuMHz, takes: demands.map((demand) => demand.cpuMHz + demand.cores * coreMHz) },
    { name: "memory", has: facts.memoryMiB, takes: demands.map((demand) => demand.memoryMiB) },
    { name: "disk", has: facts.diskMiB ?? Infinity, takes: demands.map((demand) => demand.diskMiB) },
    { name: "cores", has: cores ?? Infinity, takes: demands.map((demand) => demand.cores) },
    { name: "GPUs", has: facts.gpu?.count ?? 0, takes: groups.map(gpusOf) },
  ];
  const ports = new Set(groups.flatMap(staticPorts));
  for (const port of ports) {
    const takes = groups.map((group) => (staticPorts(group).includes(port) ? 1 : 0));
    shares.push({ name: `port ${port}`, has: 1, takes });
  }
  if (wantsDistinctHosts(job.constraints) && job.type !== "system" && job.type !== "sysbatch") {
    shares.push({ name: "machines", has: 1, takes: groups.map(() => 1) });
  }
  job.constraints?.forEach((constraint, index) => {
    // Whatever the property is: an allocation of one group may use up what another needs.
    if (constraint.operator === "distinct_property")
      shares.push({ name: `constraints.${index}`, has: 1, takes: groups.map(() => 1) });
  });
  return shares.filter(({ takes }) => takes.some((each) => each > 0));
}

/**
 * True where no order and no choice of machines can leave an allocation without a place: all fit one machine, or they cannot
 * fill every machine so far that what is left of something is too small.
 */
function surelyFit(shares: readonly Share[], taking: readonly number[], machines: number): boolean {
  const total = ({ takes }: Share) => takes.reduce((sum, each, index) => sum + each * (taking[index] ?? 0), 0);
  if (shares.every((share) => total(share) <= share.has)) return true;
  return taking.every((count, index) => {
    if (count === 0) return true;
    let filled = 0;
    for (const share of shares) {
      const own = share.takes[index] ?? 0;
      if (own > 0 && share.has !== Infinity) filled += (total(share) - own) / (share.has - own + 1);
    }
    return filled < machines;
  });
}

function gpusOf(group: Group): number {
  const devices = Object.values(group.tasks).flatMap((task) => task.resources?.devices ?? []);
  const gpus = devices.filter(({ name }) => name === "gpu" || name.split("/")[1] === "gpu");
  return gpus.reduce((sum, { count = 1 }) => sum + (isKnownNumber(count) ? count : 1), 0);
}

function staticPorts(group: Group): readonly number[] {
  return Object.values(group.network?.ports ?? {})
    .filter((port) => port.ignoreCollision !== true)
    .flatMap((port) => (port.static === undefined || port.static === 0 ? [] : [port.static]));
}
