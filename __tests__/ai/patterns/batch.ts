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
      const input = { kind: "volume", volume: "hf-cache" } as const;
      new BatchInference(scope, "Label", { name: "label-tickets", service: "chat", pool: "h100", shards: 4, input });
      new EmbeddingJob(scope, "Embed", {
        name: "embed-documents",
        service: "embeddings",
        model: "BAAI/bge-m3",
        pool: "h100",
        schedule: { cron: "30 2 * * *", input: "documents", output: "embeddings" },
        input,
      });
    },
  },
  "batch-bucket": {
    region: "eu-aws",
    services: { chat: { port: 8001, pools: ["l40s"], callers: ["l40s"] } },
    build: (scope) => {
      new BatchInference(scope, "Label", {
        name: "label-tickets",
        service: "chat",
        pool: "l40s",
        input: {
          kind: "s3",
          bucket: "acme-tickets",
          prefix: "support",
          region: "garage",
          endpoint: "https://garage.example.com:3900",
          credentials: { kind: "variable", path: "nomad/jobs/label-tickets/tickets" },
        },
        output: { kind: "s3", bucket: "acme-labels", region: "eu-central-1" },
        shards: 4,
      });
    },
  },
};
