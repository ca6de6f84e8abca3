import type { MigPartition } from "./gpu-types";
import type { GpuSpec, Hardware } from "./types";

/**
 * GPU models that a fleet may name. Memory as the device plugin reports it, MiB.
 *
 * @see https://www.nvidia.com/en-us/data-center/ - product pages of each model
 */
export const GPU_CATALOGUE: Readonly<Record<string, GpuSpec>> = {
  "t4-16gb": { model: "Tesla T4", memoryMiB: 15360, gpuArchitecture: "turing" },
  "a10g-24gb": { model: "NVIDIA A10G", memoryMiB: 23028, gpuArchitecture: "ampere" },
  "l4-24gb": { model: "NVIDIA L4", memoryMiB: 23034, gpuArchitecture: "ada" },
  "l40s-48gb": { model: "NVIDIA L40S", memoryMiB: 46068, gpuArchitecture: "ada" },
  "a100-40gb": { model: "NVIDIA A100-SXM4-40GB", memoryMiB: 40960, gpuArchitecture: "ampere" },
  "a100-80gb": { model: "NVIDIA A100-SXM4-80GB", memoryMiB: 81920, gpuArchitecture: "ampere" },
  "h100-80gb": { model: "NVIDIA H100 80GB HBM3", memoryMiB: 81559, gpuArchitecture: "hopper" },
  "h200-141gb": { model: "NVIDIA H200", memoryMiB: 143771, gpuArchitecture: "hopper" },
  "b200-180gb": { model: "NVIDIA B200", memoryMiB: 183359, gpuArchitecture: "blackwell" },
  "rtx-4090-24gb": { model: "NVIDIA GeForce RTX 4090", memoryMiB: 24564, gpuArchitecture: "ada" },
  "rtx-5090-32gb": { model: "NVIDIA GeForce RTX 5090", memoryMiB: 32607, gpuArchitecture: "blackwell" },
  "gb10-128gb": { model: "NVIDIA GB10", memoryMiB: 122880, gpuArchitecture: "blackwell", unifiedMemory: true },
};

/** The GPU of a pool's machines as it is built in; undefined without one, or when the catalogue does not know the model. */
export function gpuOf(hardware: Hardware): (GpuSpec & { readonly count: number }) | undefined {
  if (hardware.gpu === undefined) return undefined;
  const { model, count } = hardware.gpu;
  const spec = typeof model === "string" ? GPU_CATALOGUE[model] : model;
  return spec === undefined ? undefined : { ...spec, count };
}

/** What jobs get of a pool's GPUs: whole ones, or slices. */
export interface GpuDevice extends GpuSpec {
  /** On one machine. */
  readonly count: number;
  /** The slices, where GPUs are cut. */
  readonly mig?: MigPartition;
}

/** MiB that a slice has at least for each GB of its profile's name. H200's are the smallest: 16 GiB in `1g.18gb`. */
const MIG_MIB_PER_GB = 900;

/** GPUs of a pool's machines as Nomad's device plugin reports them. */
export function deviceOf(hardware: Hardware): GpuDevice | undefined {
  const gpu = gpuOf(hardware);
  const mig = hardware.gpu?.mig;
  if (gpu === undefined || mig === undefined) return gpu;
  const nominalGB = Number(/\.(\d+)gb/.exec(mig.profile)?.[1] ?? 0);
  return {
    ...gpu,
    model: `${gpu.model} MIG ${mig.profile}`,
    memoryMiB: mig.memoryMiB ?? nominalGB * MIG_MIB_PER_GB,
    count: gpu.count * mig.count,
    mig,
  };
}
