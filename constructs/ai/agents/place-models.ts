import { deviceOf } from "../../../model/hardware";
import type { Pool } from "../../../model/types";
import { assertValid, type Problem } from "../../core/problems";
import { shapeOf } from "../models/catalogue";
import { type ModelQuestion, smallestTensorParallel, unknownModel } from "../models/fit";
import { roomOf } from "../models/room";

/** A model that looks for a pool. */
export interface PlacedModelOptions extends Omit<ModelQuestion, "path"> {
  /** Instances. @default 1 */
  readonly count?: number;
}

/** Where a model goes. */
export interface ModelPlace<PoolName extends string> {
  readonly pool: PoolName;
  /** GPUs of each instance. */
  readonly gpus: number;
}

/** Pools as the fleet has them, or is to have them. */
export type PoolHardware = Pick<Pool, "hardware" | "hosts" | "count">;

/** A pool that holds one instance of a model. */
interface Candidate extends ModelPlace<string> {
  /** GPU memory that the instance takes and leaves unused, MiB. */
  readonly unusedMiB: number;
}

/** Choices that are tried before the search gives up. */
const BOUND = 100_000;

/**
 * Finds a pool for each model of a fleet with unlike hardware: the largest first, each where it leaves the least memory unused, so
 * that small models leave the large machines to large ones. Instances that do not all fit a machine are spread over the pool's.
 *
 * @param pools - machines that run nothing else on their GPUs.
 * @throws ValidationError with each model that no pool holds, and with what is left over where they do not all fit together.
 */
export function placeModels<const Name extends string, const PoolName extends string>(
  pools: Readonly<Record<PoolName, PoolHardware>>,
  models: Readonly<Record<Name, PlacedModelOptions>>,
): Readonly<Record<Name, ModelPlace<PoolName>>> {
  const all = Object.entries<PoolHardware>(pools);
  const wanted = Object.entries<PlacedModelOptions>(models).map(([name, model]) => ({
    name,
    count: model.count ?? 1,
    ...candidatesOf(name, model, all),
  }));
  assertValid(
    "placeModels",
    wanted.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
  );
  const largestFirst = wanted.sort((a, b) => b.needMiB * b.count - a.needMiB * a.count || b.needMiB - a.needMiB);
  const free = new Map(all.map(([name, pool]) => [name, freeGpus(pool)]));
  const search = { tried: 0 };
  const places = assign(largestFirst, free, search);
  if (places === undefined) {
    const rule = `do not fit the GPUs of ${all.map(([name]) => name).join(", ")} together${search.tried > BOUND ? ", as far as was tried" : ""}`;
    const got = largestFirst.map(({ name, count }) => `${count} × ${name}`).join(", ");
    assertValid("placeModels", [{ path: "models", rule, got, fix: "add machines, or lower count or contextTokens" }]);
  }
  return Object.fromEntries(places ?? []) as Record<Name, ModelPlace<PoolName>>;
}

interface Wanted {
  readonly name: string;
  readonly count: number;
  readonly candidates: readonly Candidate[];
  readonly needMiB: number;
}

/** Depth first: each model in its best pool that leaves a place for the rest. */
function assign(
  [first, ...rest]: readonly Wanted[],
  free: ReadonlyMap<string, readonly number[]>,
  search: { tried: number },
): readonly (readonly [string, ModelPlace<string>])[] | undefined {
  if (first === undefined) return [];
  for (const { pool, gpus } of first.candidates) {
    if (++search.tried > BOUND) return undefined;
    const left = take(free.get(pool) ?? [], gpus, first.count);
    if (left === undefined) continue;
    const others = assign(rest, new Map([...free, [pool, left]]), search);
    if (others !== undefined) return [[first.name, { pool, gpus }], ...others];
  }
  return undefined;
}

/** Machines' free GPUs after `count` instances, each on the machine with the most; undefined where they do not fit. */
function take(machines: readonly number[], gpus: number, count: number): readonly number[] | undefined {
  const left = [...machines];
  for (let instance = 0; instance < count; instance++) {
    const most = left.indexOf(Math.max(...left));
    const has = left[most] ?? 0;
    if (has < gpus) return undefined;
    left[most] = has - gpus;
  }
  return left;
}

function freeGpus({ hardware, hosts, count }: PoolHardware): readonly number[] {
  return Array.from({ length: hosts?.length ?? count ?? 1 }, () => deviceOf(hardware)?.count ?? 0);
}

function candidatesOf(
  name: string,
  question: PlacedModelOptions,
  pools: readonly (readonly [string, PoolHardware])[],
): { readonly candidates: readonly Candidate[]; readonly needMiB: number; readonly problem?: Problem } {
  const shape = shapeOf(question.model);
  if (shape === undefined) {
    return { candidates: [], needMiB: 0, problem: unknownModel(`models.${name}.model`, question.model as string) };
  }
  const found = pools.flatMap(([pool, { hardware }]) => {
    const gpu = deviceOf(hardware);
    const fit = gpu && smallestTensorParallel(shape, question, gpu, gpu.mig === undefined ? gpu.count : 1);
    if (gpu === undefined || fit === undefined) return [];
    const unusedMiB = fit.gpus * (roomOf(gpu, question.engine, question.utilization).roomMiB - fit.sum.totalMiB);
    return [{ pool, gpus: fit.gpus, unusedMiB, sum: fit.sum }];
  });
  const [one] = found;
  if (one === undefined) {
    const rule = `fits no machine of ${pools.map(([pool]) => pool).join(", ")}`;
    const fix = "add a pool with larger GPUs, lower contextTokens or concurrency, or use a smaller model or format";
    return { candidates: [], needMiB: 0, problem: { path: `models.${name}.model`, rule, got: shape.repository, fix } };
  }
  return {
    candidates: found.sort((a, b) => a.unusedMiB - b.unusedMiB),
    needMiB: Math.min(...found.map(({ gpus, sum }) => gpus * sum.totalMiB)),
  };
}
