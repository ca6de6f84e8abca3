import type { Group } from "./group";
import type { Affinity, Constraint, Spread } from "./placement";
import type { Migrate, Reschedule, Update } from "./policies";
import type { Secret, Vault } from "./workload";

/** @see https://developer.hashicorp.com/nomad/docs/concepts/scheduling/schedulers */
export type JobType = "service" | "batch" | "system" | "sysbatch";

/** What every schedule has. */
export interface PeriodicOptions {
  /** Skip a run while the one before still runs. @default false */
  readonly prohibitOverlap?: boolean;
  /** IANA name. @default "UTC" */
  readonly timeZone?: string;
  /** Runs begin by themselves. @default true */
  readonly enabled?: boolean;
}

/**
 * Runs a batch job at times: one cron expression of 5 to 7 fields or `@daily` and the like, or several.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/periodic
 */
export type Periodic = PeriodicOptions &
  (
    | {
        /** Cron expression of 5 to 7 fields, or `@daily` and the like. */
        readonly cron: string;
        readonly crons?: never;
      }
    | {
        /** At least one. Since Nomad 1.6.2. */
        readonly crons: readonly string[];
        readonly cron?: never;
      }
  );

/**
 * Makes a batch job a template that is run by `nomad job dispatch`.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/parameterized
 */
export interface Parameterized {
  /** At most 16 KiB. @default "optional" */
  readonly payload?: "optional" | "required" | "forbidden";
  /** Keys that a dispatch must give. @default [] */
  readonly metaRequired?: readonly string[];
  /** Disjoint from `metaRequired`. @default [] */
  readonly metaOptional?: readonly string[];
}

/** A link that Nomad's web interface shows. */
export interface UiLink {
  /** Text of the link. */
  readonly label: string;
  /** Where it leads. */
  readonly url: string;
}

/** What Nomad's web interface shows of a job. Since Nomad 1.8. @see https://developer.hashicorp.com/nomad/docs/job-specification/ui */
export interface Ui {
  /** Markdown. @default "" */
  readonly description?: string;
  /** Links, in the order given. @default [] */
  readonly links?: readonly UiLink[];
}

/**
 * A Nomad job as typed data: Nomad's own names in camelCase, units in the values, labelled blocks as maps.
 *
 * `${...}` in any text is Nomad's. What is left out is left to Nomad.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/job
 */
export interface Job {
  /** Unique in the namespace; no space. */
  readonly id: string;
  /** Name that people see. @default - `id` */
  readonly name?: string;
  /** What the scheduler does with it: keep it running, run it once, or the same on every node. @default "service" */
  readonly type?: JobType;
  /** Nomad region. @default - the region whose stack holds the job */
  readonly region?: string;
  /** Nomad namespace; must exist. @default "default" */
  readonly namespace?: string;
  /** Pool of the fleet that runs it. Since Nomad 1.6. @default - the namespace's, else "default" */
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
  /** Rules that a node must keep. @default [] */
  readonly constraints?: readonly Constraint[];
  /** Wishes about nodes. @default [] */
  readonly affinities?: readonly Affinity[];
  /** Spreads allocations over nodes. @default [] */
  readonly spreads?: readonly Spread[];
  /** How a changed job replaces its allocations. @default - one at a time, by checks */
  readonly update?: Update;
  /** What the scheduler does when an allocation has failed. @default - by job type */
  readonly reschedule?: Reschedule;
  /** How allocations leave a draining node. @default - one at a time */
  readonly migrate?: Migrate;
  /** Runs a batch job at times. @default - runs once */
  readonly periodic?: Periodic;
  /** Makes a batch job a template for dispatches. @default - runs when registered */
  readonly parameterized?: Parameterized;
  /** What Nomad's web interface shows. Since Nomad 1.8. @default - nothing */
  readonly ui?: Ui;
  /** For tasks of groups that have none of their own. @default - none */
  readonly vault?: Vault;
  /** Added to those of every task, by name. Since Nomad 1.11. @default {} */
  readonly secrets?: Readonly<Record<string, Secret>>;
  /**
   * Rules of Steppe that this job breaks on purpose. Nomad never sees it; `./steppe check` lists what is in force.
   *
   * @default []
   */
  readonly allow?: readonly Allowance[];
}

/** A rule that is broken on purpose, and why. */
export interface Allowance {
  /** Name of the rule, as its message shows it. Shape: `floating-image`. */
  readonly rule: string;
  /** One sentence for the reviewer. */
  readonly reason: string;
  /** Where, as a prefix of the problem's path. Shape: `groups.web.tasks.nginx`. @default - anywhere in the job */
  readonly path?: string;
}
