import type { Construct } from "constructs";
import { VllmService } from "../../constructs/ai/inference/vllm";

/** A large model on a DGX Spark. The seed asked for eight GPUs of a machine that has one, and did so outside of any task. */
export const mistral24b = (scope: Construct) =>
  new VllmService(scope, "Mistral24b", {
    name: "mistral-24b",
    model: "mistralai/Mistral-Small-24B-Instruct-2501",
    pool: "spark",
    contextTokens: 32_768,
    concurrency: 4,
    cache: "hf-cache",
    tokenVariable: "nomad/jobs/mistral-24b",
  });
