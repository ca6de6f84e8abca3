import type { Problem } from "../../core/problems";
import { architectureOf, reportsGpus } from "../../../model/gpu";
import { deviceOf } from "../../../model/hardware";
import type { Architecture, Fleet, Pool } from "../../../model/types";

/** GPUs that a pattern wants of a pool. */
export interface GpuWish {
  readonly fleet: Fleet;
  /** Nomad region, whose other pools are proposed. */
  readonly region: string;
  readonly poolName: string;
  readonly pool: Pool;
  /** GPUs or slices of one task. */
  readonly count: number;
  /** Architectures of its image. @default - not looked at */
  readonly architectures?: readonly Architecture[];
  /** Where the number is among the props. @default "gpus" */
  readonly path?: string;
}

/** What keeps a task from having the GPUs that it wants: no GPU, too many, slices, another architecture. */
export function gpuRequestProblems(wish: GpuWish): Problem[] {
  return [...countProblems(wish), ...architectureProblems(wish)];
}

function countProblems(wish: GpuWish): Problem[] {
  const { pool, poolName, count, path = "gpus" } = wish;
  if (!Number.isInteger(count) || count < 0)
    return [{ path, rule: "must be a whole number from 0", got: count, fix: "use 0 to run on the CPU" }];
  if (count === 0) return [];
  const gpu = deviceOf(pool.hardware);
  if (gpu === undefined)
    return pool.hardware.gpu === undefined
      ? [{ path, rule: `must be 0: machines of pool ${poolName} have no GPU`, got: count, fix: proposed(wish, count) }]
      : [];
  if (gpu.mig !== undefined && count > 1)
    return [
      {
        path,
        rule: `must be 1: GPUs of pool ${poolName} are cut into slices (${gpu.mig.profile}), and a program uses one slice`,
        got: count,
        fix: proposed(wish, count),
      },
    ];
  if (count > gpu.count)
    return [
      {
        path,
        rule: `must be at most ${gpu.count}, the GPUs of a machine of pool ${poolName} (${gpu.model})`,
        got: count,
        fix: proposed(wish, count),
      },
    ];
  if (!reportsGpus(pool) && count < gpu.count)
    return [
      {
        path,
        rule: `must be ${gpu.count}: no device plugin reports the GPUs of pool ${poolName}, so a task gets all of its machine's`,
        got: count,
        fix: `use ${gpu.count}, or name the image's plugin in gpuDriver.devicePlugin`,
      },
    ];
  return [];
}

/** Pools of the region that have so many, most fitting first. */
function proposed({ fleet, region, architectures }: GpuWish, count: number): string {
  const pools = Object.entries(fleet.pools)
    .flatMap(([name, pool]) => {
      const gpu = deviceOf(pool.hardware);
      const runs = architectures === undefined || architectures.includes(architectureOf(pool));
      const fits = gpu !== undefined && gpu.count >= count && (gpu.mig === undefined || count === 1);
      return pool.region === region && pool.retired === undefined && runs && fits ? [{ name, gpu }] : [];
    })
    .sort((a, b) => a.gpu.count - b.gpu.count);
  if (pools.length > 0)
    return `run it in ${pools.map(({ name, gpu }) => `${name} (${gpu.count} x ${gpu.model})`).join(" or ")}`;
  return `no pool of region ${region} has ${count === 1 ? "a GPU" : `${count} GPUs in a machine`}: ask for fewer, or use another region`;
}

function architectureProblems({ fleet, region, poolName, pool, architectures }: GpuWish): Problem[] {
  const architecture = architectureOf(pool);
  if (architectures === undefined || architectures.includes(architecture)) return [];
  const others = Object.entries(fleet.pools)
    .filter(([, other]) => other.region === region && other.retired === undefined)
    .filter(([, other]) => architectures.includes(architectureOf(other)))
    .filter(([, other]) => (pool.hardware.gpu === undefined) === (other.hardware.gpu === undefined))
    .map(([name]) => name);
  return [
    {
      path: "pool",
      rule: `has ${architecture} machines, and the image is for ${architectures.join(" and ")}`,
      got: poolName,
      fix: `use an image for ${architecture}${others.length === 0 ? "" : `, or run it in ${others.join(" or ")}`}`,
    },
  ];
}
