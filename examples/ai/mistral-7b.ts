import type { Construct } from "constructs";
import { VllmService } from "../../constructs/ai/inference/vllm";

/** Weights in 8 bits on a GPU of 16 GB. In 16 bits, as the seed had them, they leave no room for a cache. */
export const mistral7b = (scope: Construct) =>
  new VllmService(scope, "Mistral7b", {
    name: "mistral-7b",
    model: "mistralai/Mistral-7B-Instruct-v0.3",
    pool: "workstations",
    format: "fp8",
    contextTokens: 8192,
    concurrency: 2,
    cache: "hf-cache",
    tokenVariable: "nomad/jobs/mistral-7b",
  });
