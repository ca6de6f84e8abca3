import { LlamaCppService } from "../../../constructs/ai/inference/llama-cpp";
import { OllamaService } from "../../../constructs/ai/inference/ollama";
import { SglangRouter } from "../../../constructs/ai/inference/router";
import { SglangService } from "../../../constructs/ai/inference/sglang";
import { TgiService } from "../../../constructs/ai/inference/tgi";
import { VllmService } from "../../../constructs/ai/inference/vllm";
import { ModelCache } from "../../../constructs/ai/model-cache";
import type { Pattern } from "./pattern";

export const inferencePatterns: Readonly<Record<string, Pattern>> = {
  vllm: {
    region: "eu-onprem",
    services: { chat: { port: 8001, pools: ["h100"], callers: ["operators"] } },
    build: (scope) => {
      const cache = new ModelCache(scope, "Models", { name: "models", volume: "hf-cache", nodePool: "h100" });
      new VllmService(scope, "Chat", {
        name: "chat",
        model: "mistralai/Mistral-Small-24B-Instruct-2501",
        pool: "h100",
        gpus: 2,
        contextTokens: 32_768,
        concurrency: 16,
        cache,
        tokenVariable: "nomad/jobs/chat",
      });
    },
  },
  "vllm-scaled": {
    region: "eu-aws",
    services: { chat: { port: "dynamic", pools: ["l40s"], callers: ["operators"] } },
    build: (scope) => {
      new VllmService(scope, "Chat", {
        name: "chat",
        model: "Qwen/Qwen3-8B",
        revision: "b968826d9c46dd6066d109eabc6255188de91218",
        pool: "l40s",
        replicas: 2,
        scaling: { max: 6, requestsPerReplica: 16 },
      });
    },
  },
  "sglang-router": {
    region: "eu-aws",
    services: {
      chat: { port: 8000, pools: ["graviton"], callers: ["operators"] },
      "chat-workers": { port: "dynamic", pools: ["l40s"], callers: ["graviton"] },
    },
    build: (scope) => {
      const workers = new SglangService(scope, "Workers", {
        name: "chat-workers",
        model: "Qwen/Qwen3-32B",
        pool: "l40s",
        gpus: 2,
        replicas: 2,
        format: "fp8",
        contextTokens: 8192,
        concurrency: 16,
      });
      new SglangRouter(scope, "Router", { name: "chat", pool: "graviton", workers });
    },
  },
  ollama: {
    region: "eu-onprem",
    services: { assistant: { port: 11_434, pools: ["h100"], callers: ["operators"] } },
    build: (scope) => {
      new OllamaService(scope, "Assistant", {
        name: "assistant",
        model: "llama3.2:3b",
        moreModels: ["codellama:7b"],
        pool: "h100",
        cache: "hf-cache",
      });
    },
  },
  tgi: {
    region: "eu-gcp",
    services: { summaries: { port: "dynamic", pools: ["t4-spot"], callers: ["operators"] } },
    build: (scope) => {
      new TgiService(scope, "Summaries", {
        name: "summaries",
        model: "Qwen/Qwen3-0.6B",
        pool: "t4-spot",
        contextTokens: 4096,
        concurrency: 8,
      });
    },
  },
  "llama-cpp": {
    region: "eu-onprem",
    services: { "edge-chat": { port: 8080, pools: ["edge"], callers: ["operators"] } },
    build: (scope) => {
      new LlamaCppService(scope, "EdgeChat", {
        name: "edge-chat",
        model: "Qwen/Qwen3-4B",
        ggufRepository: "Qwen/Qwen3-4B-GGUF",
        file: "Qwen3-4B-Q4_K_M.gguf",
        pool: "edge",
        gpus: 0,
        contextTokens: 8192,
        concurrency: 2,
      });
    },
  },
  "llama-cpp-installed": {
    region: "eu-onprem",
    services: { "edge-chat": { port: 8080, pools: ["edge"], callers: ["operators"] } },
    build: (scope) => {
      new LlamaCppService(scope, "EdgeChat", {
        name: "edge-chat",
        model: "Qwen/Qwen3-4B",
        contextTokens: 16_384,
        file: "/opt/models/qwen3-4b-q4_k_m.gguf",
        pool: "edge",
        gpus: 0,
        runtime: { kind: "installed" },
      });
    },
  },
};
