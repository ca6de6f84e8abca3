/**
 * How weights are stored. Hugging Face's names, and llama.cpp's with `gguf-` before them.
 *
 * - `fp8`: one byte with a scale per tensor, channel or block of 128 × 128.
 * - `mxfp4`: 4 bits with an 8-bit scale per 32 weights (OCP Microscaling).
 * - `awq-int4`, `gptq-int4`: 4 bits with a 16-bit scale and a 4-bit zero per group of 128.
 * - `gguf-…`: a mix of block formats; the mean of a whole file.
 */
export type WeightFormat =
  | "fp32"
  | "bf16"
  | "fp16"
  | "fp8"
  | "int8"
  | "mxfp4"
  | "awq-int4"
  | "gptq-int4"
  | "gguf-q8_0"
  | "gguf-q6_k"
  | "gguf-q5_k_m"
  | "gguf-q4_k_m"
  | "gguf-q4_0";

/** How keys and values of past tokens are stored. */
export type CacheFormat = "fp32" | "bf16" | "fp16" | "fp8";

/** What a model keeps of past tokens. */
export type Attention =
  /** Keys and values of every token in every layer. */
  | { readonly kind: "full" }
  /** All tokens in some layers, the last ones of a window in the others. */
  | { readonly kind: "sliding-window"; readonly windowTokens: number; readonly fullLayers: number }
  /** Multi-head latent attention: one compressed vector per token and layer, the same for all heads. */
  | { readonly kind: "latent"; readonly latentDimension: number; readonly ropeDimension: number }
  /** Nothing: an encoder reads its input at once (embedding models). */
  | { readonly kind: "encoder" };

/** What of a model decides how much memory it takes. All of it is in its `config.json` and on its model card. */
export interface ModelShape {
  /** Repository on Hugging Face. Shape: `Qwen/Qwen3-8B`. */
  readonly repository: string;
  /** All parameters: of a mixture of experts those of every expert, since all are in memory. */
  readonly parameters: number;
  /** Parameters that work on one token, of a mixture of experts. Takes no part in the sum. @default - all */
  readonly activeParameters?: number;
  /**
   * Parameters that stay at 16 bits when the rest is quantized; not with `gguf-…`, which quantizes all.
   *
   * @default - the embeddings
   */
  readonly unquantizedParameters?: number;
  /** `num_hidden_layers`. */
  readonly layers: number;
  /** `num_attention_heads`. */
  readonly attentionHeads: number;
  /** `num_key_value_heads`. */
  readonly kvHeads: number;
  /** `head_dim`; where there is none, `hidden_size` / `num_attention_heads`. */
  readonly headDimension: number;
  /** `hidden_size`. */
  readonly hiddenSize: number;
  /** `vocab_size`. */
  readonly vocabulary: number;
  /** `tie_word_embeddings`: one matrix serves input and output. @default false */
  readonly tiedEmbeddings?: boolean;
  readonly attention: Attention;
  /** Longest context that the model is made for, tokens. */
  readonly maxContextTokens: number;
  /** How its weights are published. */
  readonly format: WeightFormat;
  /** Hugging Face gives it only to accounts that have accepted its terms: needs a token. @default false */
  readonly gated?: boolean;
  /** Where the numbers are from. */
  readonly source: string;
}

/** A program that serves models. */
export type Engine = "vllm" | "sglang" | "tgi" | "llama.cpp" | "ollama";

/** How a model is to be served. */
export interface ModelRequest {
  /** Longest sequence, prompt and answer together, tokens. */
  readonly contextTokens: number;
  /** Sequences at once that may all have the whole context. @default 1 */
  readonly concurrency?: number;
  /** @default - as the model is published */
  readonly format?: WeightFormat;
  /** @default - 16 bits; 32 for a model in fp32 */
  readonly cacheFormat?: CacheFormat;
  /** @default "vllm" */
  readonly engine?: Engine;
  /** GPUs that share each layer. @default 1 */
  readonly tensorParallel?: number;
  /** Stages that each hold a part of the layers. @default 1 */
  readonly pipelineParallel?: number;
  /** Tokens that the engine works on in one step (vLLM's `--max-num-batched-tokens`). @default - the engine's */
  readonly batchedTokens?: number;
}
