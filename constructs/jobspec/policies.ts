import type { Duration } from "./duration";

/**
 * How a changed job replaces its running allocations.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/update
 */
export interface Update {
  /** Allocations replaced at a time; 0 replaces all at once, without a deployment. @default 1 */
  readonly maxParallel?: number;
  /** What makes a new allocation healthy. @default "checks" */
  readonly healthCheck?: "checks" | "task_states" | "manual";
  /** How long an allocation must stay healthy to count. Less than `healthyDeadline`. @default "10s" */
  readonly minHealthyTime?: Duration;
  /** How long an allocation may take to become healthy. Less than `progressDeadline`. @default "5m" */
  readonly healthyDeadline?: Duration;
  /** How long a deployment may go without progress; 0 means that the first unhealthy allocation fails it. @default "10m" */
  readonly progressDeadline?: Duration;
  /** Go back to the last stable version when a deployment fails. @default false */
  readonly autoRevert?: boolean;
  /** Promote canaries once all are healthy. Needs `canary` on every group. @default false */
  readonly autoPromote?: boolean;
  /** Allocations of the new version started before any old one stops; on system jobs percent of the nodes (Nomad 1.11). @default 0 */
  readonly canary?: number;
  /** Pause between replacements of a system job. @default "30s" */
  readonly stagger?: Duration;
}

/**
 * How allocations leave a draining node. Service jobs only.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/migrate
 */
export interface Migrate {
  /** Allocations moved at a time. @default 1 */
  readonly maxParallel?: number;
  /** What makes a moved allocation healthy. @default "checks" */
  readonly healthCheck?: "checks" | "task_states";
  /** How long an allocation must stay healthy to count. @default "10s" */
  readonly minHealthyTime?: Duration;
  /** How long an allocation may take to become healthy. @default "5m" */
  readonly healthyDeadline?: Duration;
}

/**
 * What the client does when a task fails, on the same node.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/restart
 */
export interface Restart {
  /** Restarts allowed within `interval`. @default 2 for service and system jobs, 3 for batch */
  readonly attempts?: number;
  /** At least `5s`, and long enough for all attempts: attempts × delay. @default "30m" for service jobs, "24h" for batch */
  readonly interval?: Duration;
  /** Wait before a restart. @default "15s" */
  readonly delay?: Duration;
  /** `fail` gives the allocation up (and reschedules it); `delay` waits for the next interval. @default "fail" */
  readonly mode?: "fail" | "delay";
  /** Render templates again before a restart. Since Nomad 1.6. @default false */
  readonly renderTemplates?: boolean;
}

/**
 * What the scheduler does when an allocation has failed: place it elsewhere.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/reschedule
 */
export interface Reschedule {
  /** Either this above 0, or `unlimited`. @default 0 (unlimited) for service jobs, 1 for batch */
  readonly attempts?: number;
  /** Window of `attempts`. @default "24h" for batch */
  readonly interval?: Duration;
  /** At least `5s`. @default "30s" for service jobs, "5s" for batch */
  readonly delay?: Duration;
  /** How the delay grows. @default "exponential" for service jobs, "constant" for batch */
  readonly delayFunction?: "constant" | "exponential" | "fibonacci";
  /** Upper bound of a growing delay. @default "1h" for service jobs */
  readonly maxDelay?: Duration;
  /** Try for ever. @default true for service jobs, false for batch */
  readonly unlimited?: boolean;
}

/** What groups have whose node loses contact. Since Nomad 1.8. */
export interface DisconnectOptions {
  /** Start a replacement while the node is away. @default true */
  readonly replace?: boolean;
  /** Which allocation stays when the node comes back. @default "best_score" */
  readonly reconcile?: "best_score" | "keep_original" | "keep_replacement" | "longest_running";
}

/**
 * What happens when a node loses contact. Groups that run across sites should set `lostAfter`.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/disconnect
 */
export type Disconnect = DisconnectOptions &
  (
    | {
        /** How long an allocation stays "unknown" before it counts as lost. @default - at once */
        readonly lostAfter?: Duration;
        readonly stopOnClientAfter?: never;
      }
    | {
        /** The client itself stops the allocation after this time without contact. Service and batch only. */
        readonly stopOnClientAfter: Duration;
        readonly lostAfter?: never;
      }
  );
