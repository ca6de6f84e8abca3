import type { Size } from "../../jobspec/size";
import type { Runtime } from "../../jobspec/program";

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

export interface RayClusterProps {
  /** Jobs are `<name>-head` and `<name>-workers`. Shape: `ray`. */
  readonly name: string;
  readonly head: RayPart;
  readonly workers: RayWorkers;
  /** How Ray runs; `command` is its program. @default - a container with Ray's image, of the head without GPUs */
  readonly runtime?: Runtime;
  /** Environment of head and workers. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** @default "default" */
  readonly namespace?: string;
}
