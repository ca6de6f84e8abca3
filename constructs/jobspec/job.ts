import type { Group } from "./group";
import type { Affinity, Constraint, Spread } from "./placement";
import type { Migrate, Reschedule, Update } from "./policies";

/** @see https://developer.hashicorp.com/nomad/docs/concepts/scheduling/schedulers */
export type JobType = "service" | "batch" | "system" | "sysbatch";

/**
 * Runs a batch job at times.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/periodic
 */
export interface Periodic {
  /** Cron expressions of 5 to 7 fields, or `@daily` and the like; at least one. */
  readonly crons: readonly string[];
  /** Skip a run while the one before still runs. @default false */
  readonly prohibitOverlap?: boolean;
  /** IANA name. @default "UTC" */
  readonly timeZone?: string;
  /** @default true */
  readonly enabled?: boolean;
}

/**
 * Makes a batch job a template that is run by `nomad job dispatch`.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/parameterized
 */
export interface Parameterized {
  /** @default "optional" */
  readonly payload?: "optional" | "required" | "forbidden";
  /** @default [] */
  readonly metaRequired?: readonly string[];
  /** Disjoint from `metaRequired`. @default [] */
  readonly metaOptional?: readonly string[];
}

/**
 * A Nomad job as typed data: Nomad's own names in camelCase, units in the name, labelled blocks as maps.
 *
 * `${...}` in any text is Nomad's. What is left out is left to Nomad.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/job
 */
export interface Job {
  /** Unique in the namespace; no space. */
  readonly id: string;
  /** @default - `id` */
  readonly name?: string;
  /** @default "service" */
  readonly type?: JobType;
  /** Nomad region. @default - the region whose stack holds the job */
  readonly region?: string;
  /** @default "default" */
  readonly namespace?: string;
  /** Pool of the fleet that runs it. @default - the namespace's, else "default" */
  readonly nodePool?: string;
  /** Datacenters, globs allowed. @default ["*"] */
  readonly datacenters?: readonly string[];
  /** 1 to 100; higher goes first and may preempt. @default 50 */
  readonly priority?: number;
  /** Place all or nothing. @default false */
  readonly allAtOnce?: boolean;
  /** Tasks see it as `NOMAD_META_<key>`. @default {} */
  readonly meta?: Readonly<Record<string, string>>;
  /** By name, unique in the job; at least one. */
  readonly groups: Readonly<Record<string, Group>>;
  /** @default [] */
  readonly constraints?: readonly Constraint[];
  /** @default [] */
  readonly affinities?: readonly Affinity[];
  /** @default [] */
  readonly spreads?: readonly Spread[];
  /** @default - one at a time, by checks */
  readonly update?: Update;
  /** @default - by job type */
  readonly reschedule?: Reschedule;
  /** @default - one at a time */
  readonly migrate?: Migrate;
  /** @default - runs once */
  readonly periodic?: Periodic;
  /** @default - runs when registered */
  readonly parameterized?: Parameterized;
}
