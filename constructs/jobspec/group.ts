import type { Duration } from "./duration";
import type { Network } from "./network";
import type { Affinity, Constraint, Spread } from "./placement";
import type { Disconnect, Migrate, Reschedule, Restart, Update } from "./policies";
import type { Scaling } from "./scaling";
import type { Service } from "./service";
import type { Size } from "./size";
import type { Task } from "./task";
import type { Volume } from "./volume";
import type { Consul, Secret, Vault } from "./workload";

/** @see https://developer.hashicorp.com/nomad/docs/job-specification/ephemeral_disk */
export interface EphemeralDisk {
  /** At least `10MiB`. @default "300MiB" */
  readonly size?: Size;
  /** Prefer the node that has the data. @default false */
  readonly sticky?: boolean;
  /** Copy the data to the new node. @default false */
  readonly migrate?: boolean;
}

/**
 * Tasks that are placed together on one node.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/group
 */
export interface Group {
  /** By name, unique in the group; at least one. */
  readonly tasks: Readonly<Record<string, Task>>;
  /** Allocations of the group; 0 or 1 for system jobs. @default - `scaling.min`, else 1 */
  readonly count?: number;
  /** Ports, name resolution and isolation that the tasks share. @default - the host's network, no ports */
  readonly network?: Network;
  /** Services that callers find in discovery. @default [] */
  readonly services?: readonly Service[];
  /** Volumes that tasks may mount, by name. @default {} */
  readonly volumes?: Readonly<Record<string, Volume>>;
  /** Disk that the tasks share; gone with the allocation. @default - 300 MiB, not sticky */
  readonly ephemeralDisk?: EphemeralDisk;
  /** Wait between deregistering services and stopping tasks, so that callers can let go. @default "0s" */
  readonly shutdownDelay?: Duration;
  /** Ends an allocation that runs longer. Batch and sysbatch only. Since Nomad 2.0. @default - no bound */
  readonly maxRunDuration?: Duration;
  /** Tasks see it as `NOMAD_META_<key>`. @default {} */
  readonly meta?: Readonly<Record<string, string>>;
  /** Rules that a node must keep. @default [] */
  readonly constraints?: readonly Constraint[];
  /** Wishes about nodes. @default [] */
  readonly affinities?: readonly Affinity[];
  /** Spreads allocations over nodes. @default [] */
  readonly spreads?: readonly Spread[];
  /** What the client does when a task fails. @default - by job type */
  readonly restart?: Restart;
  /** What the scheduler does when an allocation has failed. @default - the job's */
  readonly reschedule?: Reschedule;
  /** Merged over the job's. @default - the job's */
  readonly update?: Update;
  /** How allocations leave a draining node. @default - the job's */
  readonly migrate?: Migrate;
  /** Since Nomad 1.8. @default - a lost node's work moves at once */
  readonly disconnect?: Disconnect;
  /** Bounds within which the count may be changed from outside. @default - the count changes with the job only */
  readonly scaling?: Scaling;
  /** For the services and tasks of the group. @default - the agent's */
  readonly consul?: Consul;
  /** For tasks that have none of their own. @default - the job's */
  readonly vault?: Vault;
  /** Added to those of every task, by name. Since Nomad 1.11. @default {} */
  readonly secrets?: Readonly<Record<string, Secret>>;
}
