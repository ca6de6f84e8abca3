import { deviceOf } from "../../../model/hardware";
import type { Problem } from "../../core/problems";
import type { PatternPlace } from "../../nomad/pattern-place";
import { shapeOf } from "../models/catalogue";
import { type FitQuestion, modelFits, modelFitsMemory, type ModelQuestion } from "../models/fit";
import { type MemorySum, memoryOf } from "../models/memory";
import { parallelism, parallelismProblems, type Parallelism } from "../models/parallelism";
import type { Engine as EngineName, ModelShape, WeightFormat } from "../models/types";
import { parseMebibytes } from "../../jobspec/size";
import type { InferenceOptions } from "./options";

/** What of an engine decides how much memory a model takes. */
export interface ModelEngine<O> {
  /** Whose costs are counted. */
  readonly costs: EngineName;
  /** What the model is, where its repository does not say. @default - the catalogue's */
  readonly shape?: (options: O) => ModelShape | undefined;
  /** How the weights are stored. @default - as `format` says, else as published */
  readonly format?: (options: O) => WeightFormat | undefined;
}

/** What is known of a model as it is to be served. */
export interface ServedModel {
  readonly shape: ModelShape;
  readonly question: ModelQuestion;
  readonly parallelism: Parallelism;
  /** Of each GPU; without GPUs of the machine. */
  readonly sum: MemorySum;
}

/** Repository of the model. */
export function repositoryOf({ model }: Pick<InferenceOptions, "model">): string {
  return typeof model === "string" ? model : model.repository;
}

/** @returns undefined for a model that neither the catalogue nor the user describes, and for GPUs that cannot share it. */
export function servedModelOn<O extends InferenceOptions>(
  engine: ModelEngine<O>,
  options: O,
  { pool }: PatternPlace,
): ServedModel | undefined {
  const found = questionOf(engine, options);
  if (found === undefined) return undefined;
  const { shape, question } = found;
  const gpus = Math.max(1, options.gpus ?? 1);
  const spread = { model: shape, gpus, gpusPerMachine: deviceOf(pool.hardware)?.count ?? gpus };
  if (parallelismProblems(spread).length > 0) return undefined;
  const parallel = parallelism(spread);
  return { shape, question, parallelism: parallel, sum: memoryOf(shape, { ...question, ...parallel }) };
}

/** What is wrong with the model on these GPUs, or in this memory: too large, too tight, not known, its token missing. */
export function modelProblems<O extends InferenceOptions>(
  engine: ModelEngine<O>,
  options: O,
  { pool, fleet, region }: PatternPlace,
): readonly Problem[] {
  const found = questionOf(engine, options);
  if (found === undefined) return [unknown(options)];
  const { question, shape } = found;
  const gpus = options.gpus ?? 1;
  const gpu = deviceOf(pool.hardware);
  return [...tokenProblems(shape, options), ...(options.unchecked === undefined ? fitProblems() : [])];

  function fitProblems(): Problem[] {
    if (gpus === 0) {
      const memory = options.memory === undefined ? pool.hardware.memoryMiB : parseMebibytes(options.memory);
      return memory === undefined ? [] : modelFitsMemory({ ...question, memoryMiB: memory });
    }
    if (gpu === undefined) return [];
    const asked: FitQuestion = { ...question, gpu, gpus, gpusPerMachine: gpu.count, fleet, region };
    return modelFits(asked);
  }
}

function questionOf<O extends InferenceOptions>(engine: ModelEngine<O>, options: O) {
  const shape = engine.shape === undefined ? shapeOf(options.model) : engine.shape(options);
  if (shape === undefined) return undefined;
  const { contextTokens = shape.maxContextTokens, concurrency = 1 } = options;
  const format = options.format ?? engine.format?.(options);
  const question: ModelQuestion = {
    model: shape,
    contextTokens,
    concurrency,
    engine: engine.costs,
    ...(format === undefined ? {} : { format }),
  };
  return { shape, question };
}

function unknown(options: InferenceOptions): Problem {
  return {
    path: "model",
    rule: "is not in the catalogue, so nobody knows whether it fits",
    got: repositoryOf(options),
    fix: "give a ModelShape with the numbers of its config.json",
    severity: "warning",
  };
}

function tokenProblems({ gated }: ModelShape, options: InferenceOptions): Problem[] {
  const { tokenVariable, offline, runtime, name } = options;
  if (gated !== true || tokenVariable !== undefined || offline === true || runtime?.kind === "installed") return [];
  const rule = "is gated: Hugging Face gives it only to accounts that have accepted its terms";
  const fix = `add tokenVariable: "nomad/jobs/${name}" and write it with ./steppe secret put variable`;
  return [{ path: "model", rule, got: repositoryOf(options), fix }];
}
