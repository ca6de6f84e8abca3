import type { GpuSpec } from "../../../model/types";
import { ENGINES } from "./memory";
import type { Engine } from "./types";

/** What a machine with unified memory keeps for its own system, MiB. */
const UNIFIED_SYSTEM_MIB = 8192;

/** What of a GPU's memory a model may take. */
export interface GpuRoom {
  readonly roomMiB: number;
  /** Share of the GPU's whole memory that the engine is told (vLLM's `--gpu-memory-utilization`), rounded down to hundredths. */
  readonly utilization: number;
  /** How the room comes about, in a few words. */
  readonly because: string;
}

/** @param utilization - share of the memory that the engine may use, where not its default. */
export function roomOf(gpu: GpuSpec, engine: Engine = "vllm", utilization = ENGINES[engine].utilization): GpuRoom {
  const system = gpu.unifiedMemory === true ? UNIFIED_SYSTEM_MIB : 0;
  const share = Math.floor(((gpu.memoryMiB - system) / gpu.memoryMiB) * utilization * 100) / 100;
  const less = system === 0 ? "" : ", less 8 GiB for the system that shares it";
  return {
    roomMiB: gpu.memoryMiB * share,
    utilization: share,
    because: `${(gpu.memoryMiB / 1024).toFixed(1)} GiB × ${share}${less}`,
  };
}
