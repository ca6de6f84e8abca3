import type { DeviceAttribute, NodeAttribute } from "./references";

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

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/constraint#operator */
export type ConstraintOperator = AffinityOperator | "is_set" | "is_not_set" | "distinct_hosts" | "distinct_property";

/** Compares an attribute with a value. */
export interface Comparison<Attribute extends string> {
  /** What is looked at. */
  readonly attribute: Attribute;
  /**
   * `set_contains` wants **all** listed members; for "one of these" use `set_contains_any`. `<` and `>` compare numbers
   * only when both sides are numbers, else text. `version` and `semver` take expressions such as `>= 1.6, < 2.0`.
   *
   * @default "="
   */
  readonly operator?: AffinityOperator;
  /** Shape: text; numbers with a unit are fine in devices (`40 GiB`). */
  readonly value: string;
}

/** Asks whether a node has an attribute at all. */
export interface Presence<Attribute extends string> {
  /** What is looked at. */
  readonly attribute: Attribute;
  /** Whether the attribute must be there. */
  readonly operator: "is_set" | "is_not_set";
  readonly value?: never;
}

/** No two allocations on one node. For jobs and groups. */
export interface DistinctHosts {
  /** No two allocations on one node. */
  readonly operator: "distinct_hosts";
  readonly attribute?: never;
  /** `"false"` switches off what the job asks for. @default "true" */
  readonly value?: "true" | "false";
}

/** At most so many allocations per value of an attribute. For jobs and groups. */
export interface DistinctProperty {
  /** At most so many allocations per value. */
  readonly operator: "distinct_property";
  /** Attribute whose values are counted. */
  readonly attribute: NodeAttribute;
  /** Allocations per value. Shape: `"2"`. @default "1" */
  readonly value?: string;
}

/**
 * A rule that a node must keep. Rules are combined with AND.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/constraint
 */
export type Constraint = TaskConstraint | DistinctHosts | DistinctProperty;

/** A rule that a node must keep for one task. */
export type TaskConstraint = Comparison<NodeAttribute> | Presence<NodeAttribute>;

/** A rule that a device must keep. */
export type DeviceConstraint = Comparison<DeviceAttribute> | Presence<DeviceAttribute>;

/** What affinities of nodes and of devices have. */
export interface Wish<Attribute extends string> {
  /** What is looked at. */
  readonly attribute: Attribute;
  /** How it is compared. @default "=" */
  readonly operator?: AffinityOperator;
  /** What the attribute is compared with. */
  readonly value: string;
  /** -100 to 100, not 0; below 0 repels. @default 50 */
  readonly weight?: number;
}

/**
 * A wish: nodes that match score higher, or lower. Not on system jobs.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/affinity
 */
export type Affinity = Wish<NodeAttribute>;

/** A wish about a device. */
export type DeviceAffinity = Wish<DeviceAttribute>;

/**
 * Spreads allocations over the values of an attribute. Not on system jobs.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/spread
 */
export interface Spread {
  /** Attribute over whose values allocations are spread. */
  readonly attribute: NodeAttribute;
  /** 1 to 100. @default 50 */
  readonly weight?: number;
  /** Percent per value, together at most 100. Shape: `{ "rack-1": 60, "rack-2": 40 }`. @default - evenly */
  readonly targets?: Readonly<Record<string, number>>;
}
