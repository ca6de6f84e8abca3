import type { Size } from "../../jobspec/size";
import type { Runtime } from "../../jobspec/program";
import type { JobMount, PatternMount } from "../../nomad/job-mounts";

/** Part of a Ray cluster. */
export interface RayPart {
  /** Pool that runs it. */
  readonly pool: string;
  /** CPUs that Ray gives to tasks; Nomad reserves 1 GHz for each. @default - 4; 0 for the head, which coordinates */
  readonly cpus?: number;
  /** With the object store. @default - 8 GiB, and 16 GiB for each GPU */
  readonly memory?: Size;
}

export interface RayWorkers extends RayPart {
  /** Each on a machine of its own: two would share the ports of worker processes. */
  readonly count: number;
  /** GPUs of each. @default - all of a machine */
  readonly gpus?: number;
}

/**
 * A store that outlives the head's processes: Ray's RocksDB, which Ray calls alpha. Head and workers need Ray 2.57 or newer.
 *
 * @see https://docs.ray.io/en/master/core/fault-tolerance/gcs.html
 */
export interface GcsFaultTolerance {
  /**
   * Where the store is, in a directory with the cluster's name: a volume of the region's storage that one allocation writes, a host
   * volume of a pool of one machine, or a volume made beside the job.
   */
  readonly volume: JobMount["volume"];
  /** How long workers go on, with their tasks and actors, while there is no head. @default 60 - Ray's own */
  readonly reconnectTimeoutSeconds?: number;
}

export interface RayClusterProps {
  /** Jobs are `<name>-head` and `<name>-workers`. Shape: `ray`. */
  readonly name: string;
  readonly head: RayPart;
  readonly workers: RayWorkers;
  /** How Ray runs; `command` is its program. @default - a container with Ray's image, of the head without GPUs */
  readonly runtime?: Runtime;
  /** Environment of head and workers. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** Jobs, detached actors and placement groups outlive the head. @default - they end with it: the store is in memory */
  readonly gcsFaultTolerance?: GcsFaultTolerance;
  /** Data sets and code, in head and workers: programs that are submitted start in the head. @default [] */
  readonly mounts?: readonly PatternMount[];
  /** @default "default" */
  readonly namespace?: string;
}
