import { MODEL_CATALOGUE } from "./catalogue";
import type { ModelShape, WeightFormat } from "./types";

/** Repository and format behind names of Ollama's library. @see https://ollama.com/library */
const OLLAMA_MODELS: Readonly<Record<string, readonly [repository: string, format: WeightFormat]>> = {
  "bge-m3:567m": ["BAAI/bge-m3", "fp16"],
  "codellama:7b": ["codellama/CodeLlama-7b-Instruct-hf", "gguf-q4_0"],
  "gemma3:27b": ["google/gemma-3-27b-it", "gguf-q4_k_m"],
  "gpt-oss:20b": ["openai/gpt-oss-20b", "mxfp4"],
  "gpt-oss:120b": ["openai/gpt-oss-120b", "mxfp4"],
  "llama3.1:8b": ["meta-llama/Llama-3.1-8B-Instruct", "gguf-q4_k_m"],
  "llama3.1:70b": ["meta-llama/Llama-3.1-70B-Instruct", "gguf-q4_k_m"],
  "llama3.2:3b": ["meta-llama/Llama-3.2-3B-Instruct", "gguf-q4_k_m"],
  "mistral:7b": ["mistralai/Mistral-7B-Instruct-v0.3", "gguf-q4_k_m"],
  "mistral-small:24b": ["mistralai/Mistral-Small-24B-Instruct-2501", "gguf-q4_k_m"],
  "mixtral:8x7b": ["mistralai/Mixtral-8x7B-Instruct-v0.1", "gguf-q4_0"],
  "phi4:14b": ["microsoft/phi-4", "gguf-q4_k_m"],
  "qwen3:0.6b": ["Qwen/Qwen3-0.6B", "gguf-q4_k_m"],
  "qwen3:4b": ["Qwen/Qwen3-4B", "gguf-q4_k_m"],
  "qwen3:8b": ["Qwen/Qwen3-8B", "gguf-q4_k_m"],
  "qwen3:14b": ["Qwen/Qwen3-14B", "gguf-q4_k_m"],
  "qwen3:30b": ["Qwen/Qwen3-30B-A3B", "gguf-q4_k_m"],
  "qwen3:32b": ["Qwen/Qwen3-32B", "gguf-q4_k_m"],
};

/**
 * The shape behind a name of Ollama's library, in the format that the name stands for there. Ollama asks for no token.
 *
 * @param name - with its tag, `llama3.2:3b`.
 */
export function ollamaShape(name: string): ModelShape | undefined {
  const [repository = "", format] = OLLAMA_MODELS[name] ?? [];
  const shape = MODEL_CATALOGUE[repository];
  return shape === undefined || format === undefined ? undefined : { ...shape, format, gated: false };
}

/** Names of Ollama's library that {@link ollamaShape} knows. */
export const OLLAMA_NAMES: readonly string[] = Object.keys(OLLAMA_MODELS);
