import type { DeviceAffinity, DeviceConstraint } from "./placement";
import type { Frequency, Size } from "./size";

/**
 * A device of the node, for example a GPU. Its plugin sets what the task sees: never mount `/dev/nvidia*` or set
 * `NVIDIA_VISIBLE_DEVICES` beside it.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/device
 */
export interface Device {
  /** Shape: `nvidia/gpu`, `gpu`, `nvidia/gpu/NVIDIA H100 80GB HBM3`. */
  readonly name: string;
  /** Devices for the task. @default 1 */
  readonly count?: number;
  /** On `device.attr.…`, `device.model` …. @default [] */
  readonly constraints?: readonly DeviceConstraint[];
  /** Wishes about devices. @default [] */
  readonly affinities?: readonly DeviceAffinity[];
}

/** What every task may reserve beside its CPU. */
export interface ResourcesOptions {
  /** At least `10MiB`; a task that needs more is killed. @default "300MiB" */
  readonly memory?: Size;
  /**
   * Upper bound where the region allows oversubscription (`scheduler.memoryOversubscription`); `unlimited` since Nomad
   * 1.11.2. @default - `memory`
   */
  readonly memoryMax?: Size | "unlimited";
  /** Size of the tmpfs for secrets. Since Nomad 1.11. @default "1MiB" */
  readonly secrets?: Size;
  /** Devices for the task alone, such as GPUs. @default [] */
  readonly devices?: readonly Device[];
}

/** CPU as a share of a machine. */
export interface CpuShare {
  /** Share of a machine's CPU. @default "100MHz" */
  readonly cpu?: Frequency;
  readonly cores?: never;
}

/** CPU as whole cores. */
export interface CpuCores {
  /** Whole cores for this task alone. */
  readonly cores: number;
  readonly cpu?: never;
}

/**
 * What a task reserves.
 *
 * @see https://developer.hashicorp.com/nomad/docs/job-specification/resources
 */
export type Resources = ResourcesOptions & (CpuShare | CpuCores);
