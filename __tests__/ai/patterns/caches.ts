import { ModelCache } from "../../../constructs/ai/model-cache";
import type { Pattern } from "./pattern";

export const cachePatterns: Readonly<Record<string, Pattern>> = {
  "model-cache": {
    region: "eu-onprem",
    build: (scope) => {
      new ModelCache(scope, "Models", {
        name: "models",
        volume: "hf-cache",
        nodePool: "h100",
        models: [{ repository: "Qwen/Qwen3-8B", files: ["*.safetensors", "*.json"] }],
        tokenVariable: "nomad/jobs/prewarm-models",
      });
    },
  },
};
