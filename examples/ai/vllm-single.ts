import type { Construct } from "constructs";
import { VllmService } from "../../constructs/ai/inference/vllm";

/** One GPU of 16 GB. The seed took every GPU of the machine, gave loading five minutes and asked only whether a port is open. */
export const vllmSingle = (scope: Construct) =>
  new VllmService(scope, "Vllm", {
    name: "vllm",
    model: "Qwen/Qwen3-4B",
    pool: "workstations",
    contextTokens: 16_384,
  });
