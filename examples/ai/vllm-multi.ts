import type { Construct } from "constructs";
import { VllmService } from "../../constructs/ai/inference/vllm";

/** Two GPUs of one machine. The seed asked for an attribute, an access mode and a machine that cannot be. */
export const vllmMulti = (scope: Construct) =>
  new VllmService(scope, "VllmMulti", {
    name: "vllm-multi",
    model: "Qwen/Qwen3-8B",
    pool: "workstations",
    gpus: 2,
    contextTokens: 16_384,
    concurrency: 2,
    cache: "hf-cache",
    offline: true,
  });
