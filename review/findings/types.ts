import type { ResourceChange } from "../change/types";
import type { JobChange } from "../jobs/changes";
import type { Plan } from "../source/plan";
import type { Snapshot, StackPair } from "../source/snapshot";

/** What a finding is about. */
export const DOMAINS = [
  "quorum",
  "data",
  "reachability",
  "capacity",
  "jobs",
  "secrets",
  "identity",
  "cost",
  "ids",
  "removal",
  "supply",
] as const;
export type Domain = (typeof DOMAINS)[number];

/**
 * How much a finding matters.
 *
 * - `blocking`: not to be merged, unless somebody says why.
 * - `warning`: a reviewer should look at it.
 * - `notice`: good to know.
 */
export const SEVERITIES = ["blocking", "warning", "notice"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What a change means, in one respect. */
export interface Finding {
  /** Stable name of what was found. Shape: `data/volume-destroyed`. */
  readonly id: `${Domain}/${string}`;
  readonly severity: Severity;
  /** Stack that it is about. Absent where it is about the fleet. */
  readonly stack?: string;
  /** Terraform's address, or a path in the fleet's data. Shape: `aws_ebs_volume.data`, `pools.h100`. */
  readonly resource: string;
  /** What people know it by, where that is something else. Shape: `job gateway`, `volume scratch`. */
  readonly about?: string;
  /** One sentence, which follows the resource. */
  readonly reason: string;
  /** What to do, as an imperative. */
  readonly fix: string;
}

/** What a review looks at. */
export interface Subject {
  /**
   * - `synth diff`: what two commits synthesize, compared; nobody knows the state.
   * - `plan`: what Terraform says that it will do.
   */
  readonly source: "synth diff" | "plan";
  /** Absent for plans without one, and for the first commit of a fleet. */
  readonly base?: Snapshot;
  /** Absent for plans of another program. */
  readonly head?: Snapshot;
  readonly stacks: readonly StackPair[];
  readonly changes: readonly ResourceChange[];
  readonly jobs: readonly JobChange[];
  /** The plans themselves. @default - none: a synth diff */
  readonly plans?: readonly Plan[];
}

/** Looks at a change from one side. */
export type Examiner = (subject: Subject) => readonly Finding[];
