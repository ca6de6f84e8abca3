import type { Construct } from "constructs";
import { ModelGraph } from "../../constructs/ai/agents/graph";

const small = { model: "Qwen/Qwen3-4B", contextTokens: 8192, cache: "hf-cache" };
const large = { model: "mistralai/Mistral-Small-24B-Instruct-2501", contextTokens: 16_384, cache: "hf-cache" };

/** A model that plans and four small ones that work. The tailnet is open for their calls, and nothing else. */
const graph = new ModelGraph({
  orchestrator: {
    ...large,
    pool: "spark",
    calls: [{ service: "agent", instances: "all" }],
    wiring: "file",
    callers: ["operators"],
  },
  agent: { ...small, pool: "workstations", count: 4, calls: ["orchestrator"] },
});

export const services = graph.services();
export const orchestrator = (scope: Construct): void => void graph.deploy(scope);
