import { GCP_MACHINE_TYPES, seriesOf } from "./gcp-machine-types";
import { GPU_CATALOGUE } from "./hardware";
import type { Hardware } from "./types";

/** A GPU that machines of the N1 series get beside their type. */
export interface Accelerator {
  /** Shape: `nvidia-tesla-t4`. */
  readonly type: string;
  /** Most vCPUs of a machine, by the numbers of GPUs that it may have. */
  readonly maximumVcpus: ReadonlyMap<number, number>;
}

/**
 * Accelerators of the N1 series, by model as `GPU_CATALOGUE` names it.
 *
 * @see https://cloud.google.com/compute/docs/gpus#n1-gpus
 */
export const N1_ACCELERATORS: Readonly<Record<string, Accelerator>> = {
  "t4-16gb": {
    type: "nvidia-tesla-t4",
    maximumVcpus: new Map([
      [1, 48],
      [2, 48],
      [4, 96],
    ]),
  },
};

/** Series whose types bring their GPUs. */
const GPU_SERIES = /^(a\d|g\d)/;

/** Whether a type gets its GPUs beside it: the N1 series alone. */
export function takesAccelerators(machineType: string): boolean {
  return seriesOf(machineType) === "n1";
}

/** The accelerator that is a GPU model; undefined for models that machines of the N1 series cannot have. */
export function acceleratorOf({ gpu }: Hardware): Accelerator | undefined {
  if (gpu === undefined) return undefined;
  const { model } = gpu;
  if (typeof model === "string") return N1_ACCELERATORS[model];
  return Object.entries(N1_ACCELERATORS).find(([name]) => GPU_CATALOGUE[name]?.model === model.model)?.[1];
}

/** Whether machines of a type have GPUs, be they built in or beside it: the cloud cannot move such a machine while it runs. */
export function hasGpus(machineType: string, hardware?: Hardware): boolean {
  if (hardware?.gpu !== undefined || GCP_MACHINE_TYPES.get(machineType)?.gpu !== undefined) return true;
  return GPU_SERIES.test(seriesOf(machineType) ?? "");
}
