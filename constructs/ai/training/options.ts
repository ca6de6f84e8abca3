import type { Frequency, Size } from "../../jobspec/size";
import type { Runtime } from "../../jobspec/program";
import type { Task } from "../../jobspec/task";
import type { JobMount, PatternMount } from "../../nomad/job-mounts";

/** The program that trains: its text, or where it is in the image or on a volume. */
export type TrainingScript = { readonly text: string } | { readonly path: string };

/** What every training job is made from. */
export interface TrainingOptions {
  /** Id of the job. Shape: `ml-training`. */
  readonly name: string;
  /** Pool that runs it. */
  readonly pool: string;
  /** Python script. Shape: `{ path: "/workspace/train.py" }`. */
  readonly script: TrainingScript;
  /** Arguments of the script. @default [] */
  readonly args?: readonly string[];
  /**
   * Volume for checkpoints, of the region's storage or a host volume of the pool: `/checkpoints` for the task, by the name
   * `CHECKPOINT_DIR`. The newest `step-<number>` in it when the script starts is `RESUME_FROM`.
   *
   * @default - none: a run that is interrupted begins again
   */
  readonly checkpoints?: JobMount["volume"];
  /** Directory of the run below the volume's, made where it is missing. @default - `name` */
  readonly checkpointDirectory?: string;
  /** Data sets and code. @default [] */
  readonly mounts?: readonly PatternMount[];
  /** How Python with PyTorch runs. @default - a container with PyTorch's image for CUDA 12.8 */
  readonly runtime?: Runtime;
  /** @default {} */
  readonly env?: NonNullable<Task["env"]>;
  /** How long the whole run may take, with restarts. @default - as long as it takes */
  readonly timeLimitHours?: number;
  /** How often a run that failed begins again, from its newest checkpoint, before the job has failed. @default 3 */
  readonly maxRestarts?: number;
  /** Of each worker. @default - 4 GHz, and 2 GHz for each GPU */
  readonly cpu?: Frequency;
  /** The machine's memory for each worker, not that of its GPUs. @default - 8 GiB, and 16 GiB for each GPU */
  readonly memory?: Size;
  /** @default "default" */
  readonly namespace?: string;
}

export interface TrainingJobProps extends TrainingOptions {
  /** GPUs of the one machine; each has a process of torchrun. @default 1, 0 on a pool without GPUs */
  readonly gpus?: number;
}

export interface DistributedTrainingProps extends TrainingOptions {
  /** Workers, which run at once, and start and fail together. */
  readonly workers: number;
  /** GPUs of each worker, one process of torchrun for each. @default - all of a machine */
  readonly gpusPerWorker?: number;
  /** Processes of each worker without GPUs. @default 1 */
  readonly processesPerWorker?: number;
  /** Service of the fleet by which workers find each other. @default - `name` */
  readonly service?: string;
  /**
   * Host network over which ranks talk: the tailnet, or a LAN of the pool's `hostNetworks`, which is faster by far. NCCL between
   * machines that the tailnet joins by a relay is of no use.
   *
   * @default "tailscale"
   */
  readonly network?: string;
  /** Workers go to as many machines as there are, not to as few as will do. @default false */
  readonly spread?: boolean;
  /** How long workers wait until all are there; then all give up, and the job has failed. @default 15 */
  readonly gangTimeoutMinutes?: number;
}
