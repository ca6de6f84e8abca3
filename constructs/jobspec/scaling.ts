import type { Duration } from "./duration";

/**
 * One measurement of the Autoscaler, and what to do about it.
 *
 * @see https://developer.hashicorp.com/nomad/tools/autoscaling/policy
 */
export interface ScalingCheck {
  /** APM plugin that is asked. Shape: `nomad-apm`, `prometheus`. @default "nomad-apm" */
  readonly source?: string;
  /** In the language of the source. @default - none */
  readonly query?: string;
  /** How far back the query looks. @default "1m" */
  readonly queryWindow?: Duration;
  /** Where the result is taken from in a range of values. @default "0s" */
  readonly queryWindowOffset?: Duration;
  /** Checks of one group are decided together. @default - alone */
  readonly group?: string;
  /** What to do when the query fails. @default - the policy's */
  readonly onError?: "ignore" | "fail";
  /** Strategy plugin and its settings, exactly one. Shape: `{ "target-value": { target: 70 } }`. */
  readonly strategy: Readonly<Record<string, Readonly<Record<string, string | number | boolean>>>>;
}

/** What the Autoscaler does with a group. @see https://developer.hashicorp.com/nomad/tools/autoscaling/policy */
export interface AutoscalerPolicy {
  /** Rest after a change. @default "5m" */
  readonly cooldown?: Duration;
  /** Time between evaluations. @default "10s" */
  readonly evaluationInterval?: Duration;
  /** What to do when a check fails. @default "ignore" */
  readonly onCheckError?: "ignore" | "fail";
  /** By name. @default {} */
  readonly checks?: Readonly<Record<string, ScalingCheck>>;
}

/**
 * Bounds within which the group's count may be changed from outside, by `nomad job scale` or the Autoscaler.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/scaling
 */
export interface Scaling {
  /** At most the group's count. @default - the group's count */
  readonly min?: number;
  /** At least the group's count. */
  readonly max: number;
  /** Let the Autoscaler act. @default true */
  readonly enabled?: boolean;
  /** For the Autoscaler; Nomad itself does not read it. @default - none */
  readonly policy?: AutoscalerPolicy;
}
