import type { Construct } from "constructs";
import { SglangRouter } from "../../constructs/ai/inference/router";
import { SglangService } from "../../constructs/ai/inference/sglang";

/** Two workers behind a router. The seed's router had no workers, held a GPU, and its image does not exist. */
export function sglang(scope: Construct) {
  const workers = new SglangService(scope, "Workers", {
    name: "sglang-worker",
    model: "mistralai/Mistral-7B-Instruct-v0.3",
    pool: "rigs",
    replicas: 2,
    contextTokens: 16_384,
    cache: "hf-cache",
  });
  return new SglangRouter(scope, "Router", { name: "sglang-gateway", pool: "rigs", workers });
}
