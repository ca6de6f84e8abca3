import type { CacheFormat, WeightFormat } from "./types";

/** What one stored weight takes. */
interface Stored {
  /** Bits of a weight, its share of scales and zeros included. */
  readonly bits: number;
  /** Embeddings and what else the model says stay at 16 bits. */
  readonly keepsSome: boolean;
}

/**
 * Bits per weight.
 *
 * @see https://arxiv.org/abs/2310.10537 - MX formats: 8 bits of scale per 32 weights
 * @see https://arxiv.org/abs/2306.00978 - AWQ, groups of 128
 * @see https://github.com/ggml-org/llama.cpp/blob/master/tools/quantize/README.md - bits per weight of GGUF files
 */
export const WEIGHT_FORMATS: Readonly<Record<WeightFormat, Stored>> = {
  fp32: { bits: 32, keepsSome: false },
  bf16: { bits: 16, keepsSome: false },
  fp16: { bits: 16, keepsSome: false },
  fp8: { bits: 8, keepsSome: true },
  int8: { bits: 8, keepsSome: true },
  mxfp4: { bits: 4 + 8 / 32, keepsSome: true },
  "awq-int4": { bits: 4 + (16 + 4) / 128, keepsSome: true },
  "gptq-int4": { bits: 4 + (16 + 4) / 128, keepsSome: true },
  "gguf-q8_0": { bits: 8.5, keepsSome: false },
  "gguf-q6_k": { bits: 6.56, keepsSome: false },
  "gguf-q5_k_m": { bits: 5.7, keepsSome: false },
  "gguf-q4_k_m": { bits: 4.89, keepsSome: false },
  "gguf-q4_0": { bits: 4.55, keepsSome: false },
};

/** Bytes of one number in the cache. */
export const CACHE_BYTES: Readonly<Record<CacheFormat, number>> = { fp32: 4, bf16: 2, fp16: 2, fp8: 1 };
