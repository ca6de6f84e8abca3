import type { Problem } from "../constructs/core/problems";
import { acceleratorOf, takesAccelerators } from "./gcp-gpus";
import { GCP_MACHINE_TYPES } from "./gcp-machine-types";
import { gpuProblems } from "./machine-type-rules";
import type { Pool } from "./types";

/** Parts of an A3 machine are sold as Spot and Flex-start alone. @see https://cloud.google.com/compute/docs/accelerator-optimized-machines#a3-high-vms */
const SPOT_ONLY = ["a3-highgpu-1g", "a3-highgpu-2g", "a3-highgpu-4g"];

/** Problems with the GPUs of a pool's machines: built into the type, or beside one of the N1 series. */
export function gcpGpuProblems(path: string, type: string, pool: Pool): Problem[] {
  const { gpu } = pool.hardware;
  const accelerator = acceleratorOf(pool.hardware);
  const problems: Problem[] = [];
  if (SPOT_ONLY.includes(type) && pool.spot !== true)
    problems.push({
      path,
      rule: "is sold as Spot and Flex-start alone",
      got: type,
      fix: "set spot: true, or use a3-highgpu-8g",
      severity: "warning",
    });
  if (gpu === undefined) return problems;
  if (takesAccelerators(type)) return [...problems, ...besideProblems(path, type, pool)];
  if (accelerator !== undefined && GCP_MACHINE_TYPES.get(type)?.gpu === undefined)
    return [
      ...problems,
      {
        path,
        rule: `takes no ${accelerator.type} beside it: the N1 series alone does`,
        got: type,
        fix: "use n1-standard-8, or correct hardware.gpu",
      },
    ];
  return [...problems, ...gpuProblems(path, type, pool, GCP_MACHINE_TYPES)];
}

function besideProblems(path: string, type: string, pool: Pool): Problem[] {
  const { gpu } = pool.hardware;
  const accelerator = acceleratorOf(pool.hardware);
  if (gpu === undefined) return [];
  const model = typeof gpu.model === "string" ? gpu.model : gpu.model.model;
  if (accelerator === undefined)
    return [
      {
        path,
        rule: `takes no ${model} beside it`,
        got: type,
        fix: "use a type that brings it, such as g2-standard-8, a2-highgpu-1g or a3-highgpu-8g",
      },
    ];
  const maximum = accelerator.maximumVcpus.get(gpu.count);
  if (maximum === undefined)
    return [
      {
        path,
        rule: `takes ${[...accelerator.maximumVcpus.keys()].join(", ")} of ${accelerator.type}, where hardware.gpu says ${gpu.count}`,
        got: type,
        fix: "correct hardware.gpu.count",
      },
    ];
  const vcpus = GCP_MACHINE_TYPES.get(type)?.vcpus ?? 0;
  if (vcpus <= maximum) return [];
  return [
    {
      path,
      rule: `has ${vcpus} vCPUs, where ${gpu.count} x ${accelerator.type} allow ${maximum}`,
      got: type,
      fix: "choose a smaller type, or more GPUs",
    },
  ];
}
