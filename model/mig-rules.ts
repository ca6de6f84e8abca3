import type { Problem } from "../constructs/core/problems";
import { devicePluginOf } from "./gpu";
import { gpuOf } from "./hardware";
import { MIG_PROFILES } from "./mig";
import type { Pool } from "./types";

/** Most slices of any GPU. */
const MOST_SLICES = 7;

/** Problems with how a pool says that its GPUs are cut into slices. @param path - `pools.<name>`. */
export function migProblems(path: string, pool: Pool): Problem[] {
  const { gpu } = pool.hardware;
  if (gpu?.mig === undefined) return [];
  const { profile, count, memoryMiB } = gpu.mig;
  const at = `${path}.hardware.gpu.mig`;
  const problems: Problem[] = [];
  const profiles = typeof gpu.model === "string" ? MIG_PROFILES[gpu.model] : undefined;
  if (typeof gpu.model === "string" && profiles === undefined)
    return [
      {
        path: at,
        rule: `is for GPUs that can be cut into slices: ${Object.keys(MIG_PROFILES).join(", ")}`,
        got: gpu.model,
        fix: "leave it out: jobs get whole GPUs",
      },
    ];
  const known = profiles === undefined ? /^[1-7]g\.\d+gb$/.test(profile) : profiles[profile] !== undefined;
  if (!known)
    problems.push({
      path: `${at}.profile`,
      rule:
        profiles === undefined
          ? "must be a MIG profile"
          : `must be a MIG profile of ${gpu.model as string}: ${Object.keys(profiles).join(", ")}`,
      got: profile,
      ...(profiles === undefined && { fix: "copy it from nvidia-smi mig -lgip" }),
    });
  const most = profiles?.[profile] ?? MOST_SLICES;
  if (!Number.isInteger(count) || count < 1 || count > most)
    problems.push({
      path: `${at}.count`,
      rule: `must be a whole number from 1 to ${most}, as many ${profile} as one GPU has room for`,
      got: count,
      fix: "count the slices of one GPU, not of the machine",
    });
  const whole = gpuOf(pool.hardware)?.memoryMiB;
  if (memoryMiB !== undefined && (!Number.isInteger(memoryMiB) || memoryMiB < 1 || memoryMiB > (whole ?? Infinity)))
    problems.push({
      path: `${at}.memoryMiB`,
      rule: `must be the memory of a slice, a whole number up to the ${whole ?? "memory"} MiB of the GPU`,
      got: memoryMiB,
    });
  if (devicePluginOf(pool) === undefined)
    problems.push({
      path: at,
      rule: "needs a device plugin, which alone can tell slices apart",
      fix: "name it in gpuDriver.devicePlugin, or leave the driver to Steppe",
    });
  return problems;
}
