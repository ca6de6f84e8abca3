import type { Problem } from "../../core/problems";
import type { ModelShape } from "./types";

/** How one instance of a model is spread over GPUs. */
export interface Parallelism {
  /** GPUs that share each layer: vLLM's `--tensor-parallel-size`. Inside one machine. */
  readonly tensorParallel: number;
  /** Stages, each with a part of the layers: `--pipeline-parallel-size`. Across machines. */
  readonly pipelineParallel: number;
}

/** Which GPUs one instance of a model has. */
export interface ParallelismOptions {
  readonly model: ModelShape;
  /** GPUs that a machine has. */
  readonly gpusPerMachine: number;
  /** GPUs of the instance, on all its machines together. */
  readonly gpus: number;
  /** Machines of the instance. @default - as few as hold the GPUs */
  readonly machines?: number;
  /** Where problems are. @default "gpus" */
  readonly path?: string;
}

/**
 * Whether so many GPUs can share the layers of a model: they share out its attention heads evenly, and of the heads for keys
 * and values each has as many as the others, or several have the same one.
 *
 * @see https://docs.vllm.ai/en/latest/serving/parallelism_scaling.html
 */
export function canShareLayers({ attentionHeads, kvHeads, attention }: ModelShape, gpus: number): boolean {
  if (attentionHeads % gpus !== 0) return false;
  return attention.kind === "latent" || kvHeads % gpus === 0 || gpus % kvHeads === 0;
}

/** Numbers of GPUs of one machine that can share the layers of a model, in order. */
export function tensorParallelSizes(model: ModelShape, gpusPerMachine: number): readonly number[] {
  return Array.from({ length: gpusPerMachine }, (_, index) => index + 1).filter((gpus) => canShareLayers(model, gpus));
}

/**
 * Tensor parallel as far as the model allows within a machine, since it talks at every layer; stages for the rest, which talk
 * once per step.
 *
 * @throws RangeError where {@link parallelismProblems} has some.
 */
export function parallelism(options: ParallelismOptions): Parallelism {
  const [problem] = parallelismProblems(options);
  if (problem !== undefined) throw new RangeError(`${problem.path}: ${problem.rule}`);
  const { model, gpus, machines = machinesFor(options) } = options;
  const each = gpus / machines;
  const tensorParallel = tensorParallelSizes(model, each).findLast((size) => each % size === 0) ?? 1;
  return { tensorParallel, pipelineParallel: gpus / tensorParallel };
}

function machinesFor({ gpus, gpusPerMachine }: ParallelismOptions): number {
  return Math.ceil(gpus / Math.max(gpusPerMachine, 1));
}

/** What keeps a model from being spread so. */
export function parallelismProblems(options: ParallelismOptions): Problem[] {
  const { model, gpus, gpusPerMachine, machines = machinesFor(options), path = "gpus" } = options;
  if (!Number.isInteger(gpus) || gpus < 1)
    return [{ path, rule: "must be a whole number from 1", got: gpus, fix: "set how many GPUs one instance has" }];
  if (!Number.isInteger(machines) || machines < 1)
    return [{ path: "machines", rule: "must be a whole number from 1", got: machines }];
  if (gpus % machines !== 0)
    return [
      {
        path,
        rule: `must be a multiple of the ${machines} machines that it is spread over`,
        got: gpus,
        fix: `use ${Math.ceil(gpus / machines) * machines}`,
      },
    ];
  if (gpus / machines > gpusPerMachine)
    return [
      {
        path,
        rule: `must be at most ${gpusPerMachine * machines}: a machine has ${gpusPerMachine}`,
        got: gpus,
        fix: `spread it over ${Math.ceil(gpus / Math.max(gpusPerMachine, 1))} machines, or use a pool with more GPUs per machine`,
      },
    ];
  const each = gpus / machines;
  const tensorParallel = tensorParallelSizes(model, each).findLast((size) => each % size === 0) ?? 1;
  if (gpus / tensorParallel <= model.layers) return [];
  return [
    { path, rule: `makes ${gpus / tensorParallel} stages of ${model.layers} layers`, got: gpus, fix: "use fewer GPUs" },
  ];
}
