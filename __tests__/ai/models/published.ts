import { MODEL_CATALOGUE } from "../../../constructs/ai/models/catalogue";
import { cacheBytesPerToken, memoryOf, weightBytesOf } from "../../../constructs/ai/models/memory";
import { roomOf } from "../../../constructs/ai/models/room";
import type { ModelShape, WeightFormat } from "../../../constructs/ai/models/types";

/** A figure that somebody published, and ours for the same. */
export interface Published {
  readonly model: string;
  readonly what: string;
  readonly unit: "GB" | "GiB" | "KB";
  readonly ours: number;
  readonly published: number;
  readonly source: string;
}

export const shape = (model: string): ModelShape => {
  const found = MODEL_CATALOGUE[model];
  if (found === undefined) throw new RangeError(`no ${model} in the catalogue`);
  return found;
};

/** Size of a repository's weight files, bytes, as its `model.safetensors.index.json` or its file listing says. */
const weights = (model: string, bytes: number, format?: WeightFormat, repository = model): Published => ({
  model,
  what: `weights, ${format ?? shape(model).format}`,
  unit: "GB",
  ours: weightBytesOf(shape(model), format) / 1e9,
  published: bytes / 1e9,
  source: `https://huggingface.co/${repository}/tree/main`,
});

const cacheOfToken = (model: string, published: number, source: string): Published => ({
  model,
  what: "KV cache of one token",
  unit: "KB",
  ours: cacheBytesPerToken(shape(model)) / 1e3,
  published,
  source,
});

const cacheOf = (model: string, tokens: number, published: number): Published => ({
  model,
  what: `KV cache of ${tokens} tokens`,
  unit: "GiB",
  ours: memoryOf(shape(model), { contextTokens: tokens }).cacheMiB / 1024,
  published,
  source: "https://huggingface.co/blog/llama31#inference-memory-requirements",
});

/** What vLLM has left for its cache on a GPU, in its own log; with its 256 sequences at once. */
function leftForCache(model: string, gpuGiB: number, published: number, source: string): Published {
  const gpu = { model: "", memoryMiB: gpuGiB * 1024, gpuArchitecture: "" };
  const sum = memoryOf(shape(model), { contextTokens: 1, concurrency: 256 });
  const rest = sum.totalMiB - sum.cacheMiB;
  return {
    model,
    what: `left for the cache by vLLM on ${gpuGiB} GiB`,
    unit: "GiB",
    ours: (roomOf(gpu).roomMiB - rest) / 1024,
    published,
    source,
  };
}

const DEEPSEEK_PAPER = "https://arxiv.org/abs/2505.09343";
const gb = (mib: number) => (mib * 2 ** 20) / 1e9;

/** Figures of publishers, of engines' own logs and of papers. */
export const PUBLISHED: readonly Published[] = [
  weights("Qwen/Qwen3-4B", 8_044_936_192),
  weights("Qwen/Qwen3-8B", 16_381_470_720),
  weights("Qwen/Qwen3-32B", 65_524_246_528),
  weights("Qwen/Qwen2.5-72B-Instruct", 145_412_407_296),
  weights("Qwen/Qwen2.5-72B-Instruct", 41_570_000_000, "awq-int4", "Qwen/Qwen2.5-72B-Instruct-AWQ"),
  weights("meta-llama/Llama-3.2-3B-Instruct", 2_019_377_696, "gguf-q4_k_m", "bartowski/Llama-3.2-3B-Instruct-GGUF"),
  weights("meta-llama/Llama-3.1-8B-Instruct", 16_060_522_496),
  weights(
    "meta-llama/Llama-3.1-8B-Instruct",
    4_920_000_000,
    "gguf-q4_k_m",
    "bartowski/Meta-Llama-3.1-8B-Instruct-GGUF",
  ),
  weights("meta-llama/Llama-3.1-70B-Instruct", 141_107_412_992),
  {
    ...weights("meta-llama/Llama-3.1-405B-Instruct", 810e9),
    source: "https://huggingface.co/blog/llama31#inference-memory-requirements",
  },
  {
    ...weights("meta-llama/Llama-3.1-405B-Instruct", 405e9, "fp8"),
    source: "https://huggingface.co/blog/llama31#inference-memory-requirements",
  },
  weights("mistralai/Mistral-7B-Instruct-v0.3", 14_496_047_104),
  weights("mistralai/Mixtral-8x7B-Instruct-v0.1", 93_405_585_408),
  weights("openai/gpt-oss-20b", 13_761_264_768),
  weights("openai/gpt-oss-120b", 65_248_815_744),
  weights("deepseek-ai/DeepSeek-V3", 688_586_727_753),
  weights("google/gemma-3-27b-it", 54_864_813_280),
  weights("microsoft/phi-4", 29_319_014_400),
  weights("BAAI/bge-m3", 2_271_071_852),
  cacheOfToken("deepseek-ai/DeepSeek-V3", 70.272, DEEPSEEK_PAPER),
  cacheOfToken("Qwen/Qwen2.5-72B-Instruct", 327.68, DEEPSEEK_PAPER),
  cacheOfToken("meta-llama/Llama-3.1-405B-Instruct", 516.096, DEEPSEEK_PAPER),
  cacheOfToken(
    "openai/gpt-oss-120b",
    36,
    "https://docs.gitlab.com/administration/gitlab_duo_self_hosted/vllm_gpt_oss_120b/",
  ),
  cacheOf("meta-llama/Llama-3.1-8B-Instruct", 128_000, 15.62),
  cacheOf("meta-llama/Llama-3.1-70B-Instruct", 128_000, 39.06),
  leftForCache("meta-llama/Llama-3.1-8B-Instruct", 79.22, 53.29, "https://github.com/vllm-project/vllm/pull/10511"),
  {
    model: "mistralai/Mistral-Small-24B-Instruct-2501",
    what: "GPU memory in all, 32768 tokens",
    unit: "GB",
    ours: gb(memoryOf(shape("mistralai/Mistral-Small-24B-Instruct-2501"), { contextTokens: 32_768 }).totalMiB),
    published: 55,
    source: "https://huggingface.co/mistralai/Mistral-Small-24B-Instruct-2501",
  },
  {
    model: "openai/gpt-oss-20b",
    what: "GPU memory in all, 8192 tokens",
    unit: "GB",
    ours: gb(memoryOf(shape("openai/gpt-oss-20b"), { contextTokens: 8192 }).totalMiB),
    published: 16,
    source: "https://cookbook.openai.com/articles/gpt-oss/run-vllm",
  },
];

/** How far ours is from what was published, per cent. */
export const deviation = ({ ours, published }: Published): number => ((ours - published) / published) * 100;
