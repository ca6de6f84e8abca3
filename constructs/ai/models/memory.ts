import { CACHE_BYTES, WEIGHT_FORMATS } from "./formats";
import type { Engine, ModelRequest, ModelShape, WeightFormat } from "./types";

const MIB = 2 ** 20;

/** What an engine takes beside weights and cache. */
interface EngineCost {
  /** Share of a GPU's memory that it may use; the rest is for CUDA graphs and what else the driver needs. */
  readonly utilization: number;
  /** CUDA context, kernels and libraries, MiB per GPU. */
  readonly contextMiB: number;
  /** Buffers of NCCL where GPUs work together, MiB per GPU. */
  readonly communicationMiB: number;
  /** Tokens of one step. */
  readonly batchedTokens: number;
  /** GPUs share each layer; otherwise layers are dealt out to GPUs. */
  readonly splitsLayers: boolean;
  /** Sequences take of the cache what they need as they grow, and wait where there is none; otherwise it is dealt out at the start. */
  readonly paged: boolean;
}

const SERVER: EngineCost = {
  utilization: 0.9,
  contextMiB: 1024,
  communicationMiB: 512,
  batchedTokens: 8192,
  splitsLayers: true,
  paged: true,
};
const LLAMA_CPP: EngineCost = {
  utilization: 0.95,
  contextMiB: 512,
  communicationMiB: 0,
  batchedTokens: 512,
  splitsLayers: false,
  paged: false,
};

/**
 * Costs of engines. vLLM's are set by what it logs itself (docs/models.md); SGLang and TGI hold about the same.
 *
 * @see https://docs.vllm.ai/en/latest/configuration/conserving_memory.html
 * @see https://github.com/vllm-project/vllm/pull/10511 - vLLM's own account of its memory
 */
export const ENGINES: Readonly<Record<Engine, EngineCost>> = {
  vllm: SERVER,
  sglang: SERVER,
  tgi: SERVER,
  "llama.cpp": LLAMA_CPP,
  ollama: LLAMA_CPP,
};

/** Width of all that lives at once of a token within a layer, in multiples of the hidden size: residual, norm, gate and up. */
const LAYER_WIDTHS = 12;

/**
 * Bytes per sequence and word of the vocabulary while a token is chosen: logits in fp32, sorted, with indices and
 * probabilities. vLLM's own profiles of 256 sequences come to 38.9 (Llama 3.1 8B) and 38.7 (Qwen3 8B).
 */
const SAMPLER_BYTES = 39;

/** What a model takes of one GPU: of the fullest where stages differ. MiB. */
export interface MemorySum {
  readonly repository: string;
  readonly request: Required<Pick<ModelRequest, "contextTokens" | "concurrency" | "engine">> & {
    readonly format: WeightFormat;
    readonly tensorParallel: number;
    readonly pipelineParallel: number;
  };
  readonly weightsMiB: number;
  /** Keys and values of all sequences. */
  readonly cacheMiB: number;
  /** What is computed in one step. */
  readonly activationsMiB: number;
  /** The engine itself. */
  readonly engineMiB: number;
  readonly totalMiB: number;
}

/** How much memory a model takes of each GPU (or, with llama.cpp and Ollama, of the machine). */
export function memoryOf(shape: ModelShape, request: ModelRequest): MemorySum {
  const { tensorParallel = 1, pipelineParallel = 1, concurrency = 1, engine = "vllm" } = request;
  const cost = ENGINES[engine];
  const format = request.format ?? shape.format;
  // What does not share layers holds a part of them on each GPU.
  const stages = cost.splitsLayers ? pipelineParallel : pipelineParallel * tensorParallel;
  const sharers = cost.splitsLayers ? tensorParallel : 1;
  const weightsMiB = weightBytes(shape, format, sharers, stages) / MIB;
  const cacheMiB = cacheBytes(shape, request, format, sharers, stages) / MIB;
  const activationsMiB = activationBytes(shape, request, sharers) / MIB;
  const engineMiB = cost.contextMiB + (tensorParallel * pipelineParallel > 1 ? cost.communicationMiB : 0);
  return {
    repository: shape.repository,
    request: { contextTokens: request.contextTokens, concurrency, engine, format, tensorParallel, pipelineParallel },
    weightsMiB,
    cacheMiB,
    activationsMiB,
    engineMiB,
    totalMiB: weightsMiB + cacheMiB + activationsMiB + engineMiB,
  };
}

/** Bytes of all weights of a model as they lie in memory. @param format - as published where left out. */
export function weightBytesOf(shape: ModelShape, format: WeightFormat = shape.format): number {
  return weightBytes(shape, format, 1, 1);
}

/** Bytes that one token of one sequence takes in the cache of the layers that keep all tokens. */
export function cacheBytesPerToken(shape: ModelShape, bytes = 2): number {
  return fullLayers(shape) * tokenBytes(shape, shape.kvHeads, bytes);
}

function embeddingsOf({ vocabulary, hiddenSize, tiedEmbeddings = false }: ModelShape): number {
  return vocabulary * hiddenSize * (tiedEmbeddings ? 1 : 2);
}

function weightBytes(shape: ModelShape, format: WeightFormat, sharers: number, stages: number): number {
  const { bits, keepsSome } = WEIGHT_FORMATS[format];
  const embeddings = embeddingsOf(shape);
  const kept = keepsSome ? Math.min(shape.unquantizedParameters ?? embeddings, shape.parameters) : 0;
  const bytes = ((shape.parameters - kept) * bits) / 8 + kept * 2;
  if (stages === 1) return bytes / sharers;
  // The first stage holds the input's embeddings, the last one those of the output; both as much as one matrix.
  const matrix = shape.vocabulary * shape.hiddenSize * (keepsSome ? 2 : bits / 8);
  const ends = Math.min(matrix * (embeddings / (shape.vocabulary * shape.hiddenSize)), bytes);
  return ((bytes - ends) * stageShare(shape, stages) + matrix) / sharers;
}

/** Share of the layers that the fullest stage has. */
function stageShare({ layers }: ModelShape, stages: number): number {
  return Math.ceil(layers / stages) / layers;
}

function fullLayers({ attention, layers }: ModelShape): number {
  switch (attention.kind) {
    case "encoder":
      return 0;
    case "sliding-window":
      return attention.fullLayers;
    case "full":
    case "latent":
      return layers;
  }
}

/** Bytes of a token in one layer. @param kvHeads - those of one GPU. */
function tokenBytes({ attention, headDimension }: ModelShape, kvHeads: number, bytes: number): number {
  if (attention.kind === "latent") return (attention.latentDimension + attention.ropeDimension) * bytes;
  return 2 * kvHeads * headDimension * bytes;
}

function cacheBytes(
  shape: ModelShape,
  { contextTokens, concurrency = 1, cacheFormat }: ModelRequest,
  format: WeightFormat,
  sharers: number,
  stages: number,
): number {
  const bytes = CACHE_BYTES[cacheFormat ?? (format === "fp32" ? "fp32" : "bf16")];
  const full = fullLayers(shape);
  const windowed =
    shape.attention.kind === "sliding-window"
      ? (shape.layers - full) * Math.min(contextTokens, shape.attention.windowTokens)
      : 0;
  // A GPU has one head at least: fewer heads than GPUs are held twice, and a latent vector by every GPU.
  const heads = Math.ceil(shape.kvHeads / sharers);
  const tokens = (full * contextTokens + windowed) * concurrency;
  return tokens * tokenBytes(shape, heads, bytes) * stageShare(shape, stages);
}

function activationBytes(shape: ModelShape, request: ModelRequest, sharers: number): number {
  const { concurrency = 1, engine = "vllm", batchedTokens = ENGINES[engine].batchedTokens } = request;
  const layer = (batchedTokens * LAYER_WIDTHS * shape.hiddenSize * 2) / sharers + batchedTokens * shape.hiddenSize * 2;
  if (shape.attention.kind === "encoder") return layer;
  return Math.max(layer, concurrency * shape.vocabulary * SAMPLER_BYTES);
}

const gib = (mib: number): string => (mib / 1024).toFixed(1);

/** A sum as lines for people, one per term. */
export function explain(sum: MemorySum): string {
  const { format, contextTokens, concurrency, tensorParallel, pipelineParallel, engine } = sum.request;
  const gpus = tensorParallel * pipelineParallel;
  const parts = [
    ...(tensorParallel > 1 ? [`${tensorParallel} GPUs share each layer`] : []),
    ...(pipelineParallel > 1 ? [`${pipelineParallel} stages`] : []),
  ];
  const line = (mib: number, text: string) => `${gib(mib).padStart(8)} GiB  ${text}`;
  return [
    `${sum.repository}${gpus > 1 ? `, on each of ${gpus} GPUs (${parts.join(", ")})` : ""}:`,
    line(sum.weightsMiB, `weights, ${format}`),
    line(sum.cacheMiB, `KV cache, ${concurrency} × ${contextTokens} tokens`),
    line(sum.activationsMiB, "activations"),
    line(sum.engineMiB, engine),
    line(sum.totalMiB, "in all"),
  ].join("\n");
}

/** A sum in one line, for messages. */
export function sumLine(sum: MemorySum): string {
  const { contextTokens, concurrency, format } = sum.request;
  return `weights ${gib(sum.weightsMiB)} (${format}) + KV cache ${gib(sum.cacheMiB)} (${concurrency} × ${contextTokens} tokens) + activations ${gib(sum.activationsMiB)} + engine ${gib(sum.engineMiB)} = ${gib(sum.totalMiB)} GiB`;
}
