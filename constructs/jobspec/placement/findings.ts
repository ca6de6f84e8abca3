import type { Problem } from "../../core/problems";

/**
 * What is looked at, in the order in which Nomad looks at it: what belongs to the job, then what filters machines, then the
 * room on them.
 */
export const CHECKS = [
  "namespace",
  "nodePool",
  "datacenter",
  "machines",
  "jobConstraint",
  "driver",
  "constraint",
  "device",
  "network",
  "hostVolume",
  "csiVolume",
  "distinctHosts",
  "distinctProperty",
  "staticPort",
  "deviceRoom",
  "cores",
  "cpu",
  "memory",
  "disk",
] as const;

/** Where in Nomad's order a group fails. */
export type Check = (typeof CHECKS)[number];

/** What is missing, in the words of the fleet. */
export type ReasonKind =
  | "namespace"
  | "nodePool"
  | "datacenter"
  | "machines"
  | "constraint"
  | "architecture"
  | "driver"
  | "device"
  | "gpuModel"
  | "gpuMemory"
  | "gpuCount"
  | "network"
  | "hostNetwork"
  | "hostVolume"
  | "csiVolume"
  | "staticPort"
  | "cores"
  | "cpu"
  | "memory"
  | "disk";

/** Why a pool cannot run a group, or not all of it. */
export interface Reason extends Problem {
  readonly check: Check;
  readonly kind: ReasonKind;
  /** The same in a few words, for a list: `driver java`. */
  readonly short: string;
}

/** What the fleet does not say and the answer depends on. */
export interface Doubt {
  readonly check: Check;
  readonly path: string;
  /** Worded to follow "not known:". */
  readonly unknown: string;
  /** What is sure all the same: that not all groups of the job have a place. Worded to follow the path. */
  readonly sure?: string;
}

/**
 * - `yes`: the pool's machines can run the whole group when nothing else runs there.
 * - `some`: they can run a part of its allocations.
 * - `perhaps`: it depends on something that the fleet does not say.
 * - `no`: no machine can.
 */
export type Verdict = "yes" | "some" | "perhaps" | "no";

/** How a group fares in one pool. */
export interface PoolPlacement {
  readonly pool: string;
  readonly verdict: Verdict;
  /** For `no` and `some`: what is missing, in Nomad's order; Nomad reports the first. */
  readonly reasons: readonly Reason[];
  /**
   * For `perhaps`: what would have to be known. For `no`: at what Nomad may stop before the first reason; for `some`: what may
   * leave room for fewer still.
   */
  readonly doubts: readonly Doubt[];
  /** For `some`: how many allocations fit at most. */
  readonly room?: number;
}

/** A bound of how many allocations fit: on each machine, or in the pool as a whole. */
export interface Limit {
  readonly per: "machine" | "pool";
  /** What surely fits; more may, up to `atMost`. */
  readonly atLeast: number;
  readonly atMost: number;
  readonly reason: () => Reason;
  readonly doubt?: () => Doubt;
}

/** Collects what the checks find about one group in one pool. */
export class Findings {
  public readonly reasons: Reason[] = [];
  public readonly doubts: Doubt[] = [];
  public readonly limits: Limit[] = [];

  /** Machines that no check has ruled out so far. */
  constructor(public machines: { atLeast: number; atMost: number }) {}

  public fail(reason: Reason): void {
    this.reasons.push(reason);
  }

  /** The same from parts, which is quicker than to spread an object. */
  public failAt(
    [check, kind, short]: readonly [Check, ReasonKind, string],
    path: string,
    rule: string,
    got: unknown,
    fix: string,
  ): void {
    this.reasons.push({ check, kind, path, rule, got, fix, short });
  }

  public doubt(doubt: Doubt): void {
    this.doubts.push(doubt);
  }

  public limit(limit: Limit): void {
    if (Number.isFinite(limit.atLeast)) this.limits.push(limit);
  }

  /** Whether so many allocations find a place. */
  public conclude(pool: string, count: number): PoolPlacement {
    const atMost = (limit: Limit) => limit.atMost * (limit.per === "machine" ? this.machines.atMost : 1);
    const atLeast = (limit: Limit) => limit.atLeast * (limit.per === "machine" ? this.machines.atLeast : 1);
    const impossible = this.limits.filter((limit) => limit.atMost === 0).map((limit) => limit.reason());
    const reasons = [...this.reasons, ...impossible].sort((a, b) => CHECKS.indexOf(a.check) - CHECKS.indexOf(b.check));
    if (reasons.length > 0) return { pool, verdict: "no", reasons, doubts: before(reasons[0], this.doubts) };
    const room = Math.min(...this.limits.map(atMost));
    const doubts = [...this.doubts];
    for (const limit of this.limits) {
      if (atLeast(limit) < count && limit.doubt !== undefined) doubts.push(limit.doubt());
    }
    if (room >= count) return { pool, verdict: doubts.length === 0 ? "yes" : "perhaps", reasons, doubts };
    const reason = this.limits.find((limit) => atMost(limit) === room)?.reason();
    return {
      pool,
      verdict: "some",
      reasons: reason === undefined ? [] : [reason],
      doubts: before(reason, doubts),
      room,
    };
  }
}

/** What Nomad looks at no later than at a reason. */
function before(reason: Reason | undefined, doubts: readonly Doubt[]): readonly Doubt[] {
  if (doubts.length === 0 || reason === undefined) return [];
  return doubts.filter(({ check }) => CHECKS.indexOf(check) <= CHECKS.indexOf(reason.check));
}
