import type { GpuRequest } from "../base/gpus";
import { roomOf } from "../models/room";
import type { Engine as EngineName } from "../models/types";
import type { ServedModel } from "./model";
import type { InferenceOptions } from "./options";

/** Arguments for GPUs that share a model: its layers as far as it can be, and stages for the rest. */
export function parallelArgs(
  [tensor, pipeline]: readonly [tensor: string, pipeline: string],
  { count }: GpuRequest,
  served: ServedModel | undefined,
): readonly string[] {
  const { tensorParallel, pipelineParallel } = served?.parallelism ?? { tensorParallel: count, pipelineParallel: 1 };
  return [
    ...(tensorParallel > 1 ? [tensor, String(tensorParallel)] : []),
    ...(pipelineParallel > 1 ? [pipeline, String(pipelineParallel)] : []),
  ];
}

/** Arguments for weights that are made smaller while they load. Those that are published smaller, engines know by themselves. */
export function quantizedArgs(
  argument: string,
  { format }: InferenceOptions,
  served: ServedModel | undefined,
): readonly string[] {
  return format === "fp8" && served?.shape.format !== "fp8" ? [argument, "fp8"] : [];
}

/** A GPU that shares its memory with the system has less room than engines take for granted. */
export function sharedMemoryArgs(argument: string, { gpu, count }: GpuRequest, engine: EngineName): readonly string[] {
  if (count === 0 || gpu?.unifiedMemory !== true) return [];
  return [argument, String(roomOf(gpu, engine).utilization)];
}
