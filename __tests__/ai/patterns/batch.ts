import { BatchInference, EmbeddingJob } from "../../../constructs/ai/batch/batch-inference";
import type { Pattern } from "./pattern";

export const batchPatterns: Readonly<Record<string, Pattern>> = {
  batch: {
    region: "eu-onprem",
    services: {
      chat: { port: 8001, pools: ["h100"], callers: ["h100"] },
      embeddings: { port: 8002, pools: ["h100"], callers: ["h100"] },
    },
    build: (scope) => {
      const volume = "hf-cache";
      new BatchInference(scope, "Label", { name: "label-tickets", service: "chat", pool: "h100", shards: 4, volume });
      new EmbeddingJob(scope, "Embed", {
        name: "embed-documents",
        service: "embeddings",
        model: "BAAI/bge-m3",
        pool: "h100",
        schedule: { cron: "30 2 * * *", input: "documents", output: "embeddings" },
        volume,
      });
    },
  },
};
