import type { Constraint } from "../../jobspec/placement";
import type { Allowance } from "../../jobspec/job";
import type { Task } from "../../jobspec/task";
import type { Device } from "../../jobspec/resources";
import { gpuMeta, hasNvidiaRuntime, reportsGpus } from "../../../model/gpu";
import { deviceOf, type GpuDevice } from "../../../model/hardware";
import type { Pool } from "../../../model/types";

/** GPUs of one task, as its job asks for them. */
export interface GpuRequest {
  /** Empty without GPUs, and where no device plugin reports them. */
  readonly devices: readonly Device[];
  /** GPU of the pool, or slice of one; undefined without one. */
  readonly gpu: GpuDevice | undefined;
  readonly count: number;
  /** What the group asks of its machine, where the device plugin does not know its GPUs. */
  readonly constraints: readonly Constraint[];
  /** Rules that the job breaks for it. */
  readonly allow: readonly Allowance[];
  /** What a container needs to see them; empty outside of one, and for other vendors. */
  readonly container: { readonly runtime?: "nvidia" };
  /** Environment; never which GPUs: that is the device plugin's. */
  readonly env: NonNullable<Task["env"]>;
}

/**
 * GPUs of a pool's machines for one task. With 0 it runs on the CPU.
 *
 * - Whole GPUs are asked for by vendor, MIG slices by the name of their profile; Nomad gives each to one task.
 * - Where no device plugin reports them, the group goes by the pool's meta and takes a machine for itself. Nomad then keeps
 *   apart the group's own allocations only, and the container sees all GPUs that its image asks for (NVIDIA's base images: all).
 */
export function gpuRequest(pool: Pool, count: number): GpuRequest {
  const gpu = deviceOf(pool.hardware);
  const none = { devices: [], gpu, count, constraints: [], allow: [], container: {}, env: {} };
  if (count === 0) return none;
  const nvidia = hasNvidiaRuntime(pool);
  const request: GpuRequest = {
    ...none,
    container: nvidia ? { runtime: "nvidia" } : {},
    env: nvidia ? { NVIDIA_DRIVER_CAPABILITIES: "compute,utility" } : {},
  };
  if (gpu !== undefined && !reportsGpus(pool)) return { ...request, ...byMeta(pool) };
  const name = `${gpu?.vendor ?? "nvidia"}/gpu`;
  return { ...request, devices: [{ name: gpu?.mig === undefined ? name : `${name}/${gpu.model}`, count }] };
}

function byMeta(pool: Pool): Pick<GpuRequest, "constraints" | "allow"> {
  const constraints = Object.entries(gpuMeta(pool)).map(([key, value]): Constraint => ({
    attribute: `\${meta.${key}}`,
    value,
  }));
  return {
    constraints: [...constraints, { operator: "distinct_hosts" }],
    allow: [
      {
        rule: "gpu-without-device",
        reason: "no device plugin reports this pool's GPUs: the group takes whole machines by their meta",
      },
    ],
  };
}
