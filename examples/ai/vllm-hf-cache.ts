import type { Construct } from "constructs";
import { VllmService } from "../../constructs/ai/inference/vllm";
import { ModelCache } from "../../constructs/ai/model-cache";

/** A gated model from a cache that all machines share. The seed had the token where everyone who may read the job can read it. */
export function vllmWithCache(scope: Construct) {
  const cache = new ModelCache(scope, "Models", { name: "models", volume: "hf-cache", nodePool: "general" });
  return new VllmService(scope, "Vllm", {
    name: "vllm",
    model: "meta-llama/Llama-3.2-3B-Instruct",
    pool: "workstations",
    contextTokens: 16_384,
    cache,
    tokenVariable: "nomad/jobs/vllm",
  });
}
