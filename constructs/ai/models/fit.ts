import type { Problem } from "../../core/problems";
import { deviceOf, type GpuDevice } from "../../../model/hardware";
import type { Fleet, GpuSpec } from "../../../model/types";
import { MODEL_CATALOGUE, shapeOf } from "./catalogue";
import { ENGINES, type MemorySum, memoryOf, sumLine } from "./memory";
import { parallelism, parallelismProblems, tensorParallelSizes } from "./parallelism";
import { type GpuRoom, roomOf } from "./room";
import type { ModelRequest, ModelShape } from "./types";

/** Left of the room below which a model is tight, as a share. */
const TIGHT = 0.05;

/** A model and what is asked of it. */
export interface ModelQuestion extends Omit<ModelRequest, "tensorParallel" | "pipelineParallel"> {
  /** Repository of the catalogue, or a shape given in full. */
  readonly model: string | ModelShape;
  /** Share of a GPU's memory that the engine may use. @default - the engine's */
  readonly utilization?: number;
  /** Where problems are: the props of a construct. @default "" */
  readonly path?: string;
}

/** A model and the GPUs for it. */
export interface FitQuestion extends ModelQuestion {
  readonly gpu: GpuSpec & Pick<GpuDevice, "mig">;
  /** GPUs of one instance, on all its machines together. */
  readonly gpus: number;
  /** GPUs that a machine has. @default - `gpus` */
  readonly gpusPerMachine?: number;
  /** Machines of one instance. @default - as few as hold the GPUs */
  readonly machines?: number;
  /** Where to look for a pool that would do. @default - nowhere */
  readonly fleet?: Fleet;
  /** Nomad region whose pools are looked at. @default - all */
  readonly region?: string;
}

/** A pool on which a model fits. */
export interface FittingPool {
  readonly pool: string;
  /** Fewest GPUs of one machine that hold the model. */
  readonly gpus: number;
  readonly sum: MemorySum;
}

/**
 * Whether a model fits its GPUs: errors with the sum, the room and what would help. Warnings where it is tight, and where an
 * engine that shares out its cache as sequences grow has no room for all of them at full length: some then wait. A model that the
 * catalogue does not know cannot be checked, which is an error: give its shape.
 */
export function modelFits(question: FitQuestion): Problem[] {
  const shape = shapeOf(question.model);
  const at = pathsOf(question.path);
  if (shape === undefined) return [unknownModel(at("model"), question.model as string)];
  const { gpu, gpus, gpusPerMachine = gpus, machines } = question;
  const spread = { model: shape, gpus, gpusPerMachine, path: at("gpus"), ...(machines !== undefined && { machines }) };
  const problems = [...requestProblems(question, shape), ...parallelismProblems(spread)];
  if (gpu.mig !== undefined && gpus > 1)
    problems.push({
      path: at("gpus"),
      rule: "must be 1 with MIG slices, which cannot work together on one model",
      got: gpus,
      fix: "use a larger slice, or whole GPUs",
    });
  if (problems.length > 0) return problems;
  const sum = memoryOf(shape, { ...question, ...parallelism(spread) });
  const room = roomOf(gpu, question.engine, question.utilization);
  if (sum.totalMiB > room.roomMiB) {
    const whole = wholeSequences(shape, { ...question, ...sum.request }, room.roomMiB);
    if (whole > 0 && ENGINES[sum.request.engine].paged) return [crowded(at("concurrency"), whole, sum, room)];
    return [tooLarge(question, shape, sum, room)];
  }
  if (sum.totalMiB > room.roomMiB * (1 - TIGHT)) return [tight(at("model"), gpu, sum, room)];
  return [];
}

/** Whether a model fits the memory of a machine without GPUs, or the part of it that its task asks for. */
export function modelFitsMemory(question: ModelQuestion & { readonly memoryMiB: number }): Problem[] {
  const shape = shapeOf(question.model);
  const at = pathsOf(question.path);
  if (shape === undefined) return [unknownModel(at("model"), question.model as string)];
  const problems = requestProblems(question, shape);
  if (problems.length > 0) return problems;
  const asked = { engine: "llama.cpp", ...question } as const;
  const sum = memoryOf(shape, asked);
  if (sum.totalMiB <= question.memoryMiB) return [];
  const context = largestContext(shape, asked, question.memoryMiB);
  const fixes = [
    `ask for ${Math.ceil(sum.totalMiB)} MiB`,
    ...(context === undefined ? [] : [`set contextTokens to ${context}`]),
    "use a smaller model or format",
  ];
  return [
    {
      path: at("model"),
      rule: `must fit the task's memory of ${gib(question.memoryMiB)} GiB, and takes ${gib(sum.totalMiB)}: ${sumLine(sum)}`,
      got: shape.repository,
      fix: fixes.join(", or "),
      name: "model-memory",
    },
  ];
}

/** Pools of a region whose machines hold a model, with the fewest GPUs of one machine that do; those that need fewest first. */
export function poolsThatFit(
  fleet: Fleet,
  region: string | undefined,
  question: ModelQuestion,
): readonly FittingPool[] {
  const shape = shapeOf(question.model);
  if (shape === undefined) return [];
  return Object.entries(fleet.pools)
    .filter(([, pool]) => pool.retired === undefined && (region === undefined || pool.region === region))
    .flatMap(([name, pool]) => {
      const gpu = deviceOf(pool.hardware);
      const found = gpu && smallestTensorParallel(shape, question, gpu, gpu.mig === undefined ? gpu.count : 1);
      return found === undefined ? [] : [{ pool: name, ...found }];
    })
    .sort((a, b) => a.gpus - b.gpus);
}

/** Fewest GPUs of a machine that hold a model together; undefined where not even all of them do. */
export function smallestTensorParallel(
  shape: ModelShape,
  question: Omit<ModelQuestion, "model">,
  gpu: GpuSpec,
  gpusPerMachine: number,
): { readonly gpus: number; readonly sum: MemorySum } | undefined {
  const { roomMiB } = roomOf(gpu, question.engine, question.utilization);
  for (const gpus of tensorParallelSizes(shape, gpusPerMachine)) {
    const sum = memoryOf(shape, { ...question, tensorParallel: gpus });
    if (sum.totalMiB <= roomMiB) return { gpus, sum };
  }
  return undefined;
}

/** Longest context that fits so much memory, in steps of 1024 tokens; undefined where not even the shortest does. */
export function largestContext(shape: ModelShape, request: ModelRequest, roomMiB: number): number | undefined {
  const fits = (steps: number) => memoryOf(shape, { ...request, contextTokens: steps * 1024 }).totalMiB <= roomMiB;
  if (!fits(1)) return undefined;
  let low = 1;
  let high = Math.max(1, Math.floor(shape.maxContextTokens / 1024));
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low * 1024;
}

/** How many sequences of full length fit so much memory. */
export function wholeSequences(shape: ModelShape, request: ModelRequest, roomMiB: number): number {
  const fits = (concurrency: number) => memoryOf(shape, { ...request, concurrency }).totalMiB <= roomMiB;
  let [low, high] = [0, request.concurrency ?? 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

const gib = (mib: number): string => (mib / 1024).toFixed(1);

function pathsOf(path = ""): (name: string) => string {
  return (name) => (path === "" ? name : `${path}.${name}`);
}

/** A model that the catalogue does not know, with those that it may have meant. */
export function unknownModel(path: string, got: string): Problem {
  const short = got.toLowerCase().split("/").at(-1) ?? "";
  const like = Object.keys(MODEL_CATALOGUE).filter((name) => short !== "" && name.toLowerCase().includes(short));
  const hint = like.length === 0 ? "" : `write ${like.join(" or ")}, or `;
  return {
    path,
    rule: "must be a model of the catalogue or a shape given in full, so that its memory can be told",
    got,
    fix: `${hint}give a ModelShape with the numbers of its config.json`,
  };
}

function requestProblems({ contextTokens, concurrency = 1, path }: ModelQuestion, shape: ModelShape): Problem[] {
  const at = pathsOf(path);
  const problems: Problem[] = [];
  if (!Number.isInteger(contextTokens) || contextTokens < 1 || contextTokens > shape.maxContextTokens)
    problems.push({
      path: at("contextTokens"),
      rule: `must be a whole number from 1 to ${shape.maxContextTokens}, the longest context of ${shape.repository}`,
      got: contextTokens,
    });
  if (!Number.isInteger(concurrency) || concurrency < 1)
    problems.push({ path: at("concurrency"), rule: "must be a whole number from 1", got: concurrency });
  return problems;
}

function tooLarge(question: FitQuestion, shape: ModelShape, sum: MemorySum, room: GpuRoom): Problem {
  const { gpu, gpus, gpusPerMachine = gpus, fleet, region, path } = question;
  const perMachine = gpu.mig === undefined ? gpusPerMachine : 1;
  const more = smallestTensorParallel(shape, question, gpu, perMachine);
  const context = largestContext(shape, { ...question, ...sum.request }, room.roomMiB);
  const pools = fleet === undefined ? [] : poolsThatFit(fleet, region, question);
  const fixes = [
    ...(more === undefined || more.gpus <= gpus ? [] : [`use ${more.gpus} GPUs`]),
    ...(context === undefined ? [] : [`set contextTokens to ${context}`]),
    ...(pools.length === 0
      ? []
      : [`run it in ${pools.map(({ pool, gpus: n }) => `${pool} (${count(n)})`).join(" or ")}`]),
    ...(fleet !== undefined && pools.length === 0
      ? [
          `no pool${region === undefined ? "" : ` of region ${region}`} holds it on one machine: use a smaller model or format`,
        ]
      : []),
  ];
  return {
    path: pathsOf(path)("model"),
    rule: `must fit ${count(gpus)} ${gpu.model}, each of which has ${gib(room.roomMiB)} GiB for it (${room.because}): it takes ${sumLine(sum)}${gpus > 1 ? " of each" : ""}`,
    got: shape.repository,
    fix: fixes.length === 0 ? "use a larger GPU, or a smaller model or format" : fixes.join(", or "),
    name: "model-memory",
  };
}

function count(gpus: number): string {
  return gpus === 1 ? "1 GPU" : `${gpus} GPUs`;
}

function crowded(path: string, whole: number, sum: MemorySum, room: GpuRoom): Problem {
  const { concurrency, contextTokens } = sum.request;
  return {
    path,
    rule: `has memory for ${whole} of ${concurrency} sequences of ${contextTokens} tokens, and lets others wait when they are so long: ${sumLine(sum)}, of ${gib(room.roomMiB)} (${room.because})`,
    got: concurrency,
    fix: `lower it to ${whole}, or contextTokens, or use more GPUs`,
    severity: "warning",
    name: "model-concurrency",
  };
}

function tight(path: string, gpu: GpuSpec, sum: MemorySum, room: GpuRoom): Problem {
  return {
    path,
    rule: `leaves ${Math.floor(room.roomMiB - sum.totalMiB)} MiB of the ${gib(room.roomMiB)} GiB of a ${gpu.model} (${room.because}), less than the sum can be off: ${sumLine(sum)}`,
    got: sum.repository,
    fix: "lower contextTokens or concurrency",
    severity: "warning",
    name: "model-tight",
  };
}
