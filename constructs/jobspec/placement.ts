/** @see https://developer.hashicorp.com/nomad/docs/job-specification/constraint#operator */
export type ConstraintOperator = AffinityOperator | "is_set" | "is_not_set" | "distinct_hosts" | "distinct_property";

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/affinity#operator */
export type AffinityOperator =
  | "="
  | "!="
  | ">"
  | ">="
  | "<"
  | "<="
  | "regexp"
  | "set_contains"
  | "set_contains_all"
  | "set_contains_any"
  | "version"
  | "semver";

/**
 * A rule that a node must keep. Rules are combined with AND.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/constraint
 */
export interface Constraint {
  /** Shape: `${attr.kernel.name}`, `${meta.rack}`, `${node.class}`; in a device `${device.attr.memory}`. @default - none */
  readonly attribute?: string;
  /**
   * `set_contains` wants **all** listed members; for "one of these" use `set_contains_any`. `<` and `>` compare numbers
   * only when both sides are numbers.
   *
   * @default "="
   */
  readonly operator?: ConstraintOperator;
  /** Shape: text; numbers with a unit are fine in devices (`16 GiB`). @default "" */
  readonly value?: string;
}

/**
 * A wish: nodes that match score higher, or lower.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/affinity
 */
export interface Affinity {
  readonly attribute: string;
  /** @default "=" */
  readonly operator?: AffinityOperator;
  readonly value: string;
  /** -100 to 100, not 0; below 0 repels. @default 50 */
  readonly weight?: number;
}

/**
 * Spreads allocations over the values of an attribute. Not for system jobs.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/spread
 */
export interface Spread {
  readonly attribute: string;
  /** 1 to 100. @default 50 */
  readonly weight?: number;
  /** Percent per value, together at most 100. Shape: `{ "rack-1": 60, "rack-2": 40 }`. @default - evenly */
  readonly targets?: Readonly<Record<string, number>>;
}
