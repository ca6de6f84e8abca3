import type { Task } from "../../jobspec/task";
import type { Device } from "../../jobspec/resources";
import { hasNvidiaRuntime } from "../../../model/gpu";
import { gpuOf } from "../../../model/hardware";
import type { GpuSpec, Pool } from "../../../model/types";

/** GPUs of one task, as its job asks for them. */
export interface GpuRequest {
  /** Empty without GPUs. */
  readonly devices: readonly Device[];
  /** GPU of the pool; undefined without one. */
  readonly gpu: GpuSpec | undefined;
  readonly count: number;
  /** What a container needs to see them; empty outside of one, and for other vendors. */
  readonly container: { readonly runtime?: "nvidia" };
  /** Environment; never which GPUs: that is the device plugin's. */
  readonly env: NonNullable<Task["env"]>;
}

/** Whole GPUs of a pool's machines. With 0 the task runs on the CPU. */
export function gpuRequest(pool: Pool, count: number): GpuRequest {
  const gpu = gpuOf(pool.hardware);
  if (count === 0) return { devices: [], gpu, count, container: {}, env: {} };
  const nvidia = hasNvidiaRuntime(pool);
  return {
    devices: [{ name: `${gpu?.vendor ?? "nvidia"}/gpu`, count }],
    gpu,
    count,
    container: nvidia ? { runtime: "nvidia" } : {},
    env: nvidia ? { NVIDIA_DRIVER_CAPABILITIES: "compute,utility" } : {},
  };
}
