import { ModelCache } from "../../../constructs/ai/model-cache";
import { VllmService } from "../../../constructs/ai/inference/vllm";
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
        concurrency: 64,
        cache,
        tokenVariable: "nomad/jobs/chat",
      });
    },
  },
};
