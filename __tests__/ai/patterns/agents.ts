import { ModelGraph } from "../../../constructs/ai/agents/graph";
import type { Pattern } from "./pattern";

const agents = new ModelGraph({
  orchestrator: {
    model: "mistralai/Mistral-Small-24B-Instruct-2501",
    pool: "edge",
    contextTokens: 16_384,
    callers: ["operators"],
  },
  agent: { model: "mistralai/Mistral-7B-Instruct-v0.3", pool: "h100", count: 4, contextTokens: 8192 },
  planner: {
    pool: "h100",
    program: { image: "registry.example.com/planner:1.4.0", healthPath: "/health" },
    calls: ["orchestrator", { service: "agent", instances: "all" }],
    wiring: "file",
    callers: ["operators"],
  },
});

export const agentPatterns: Readonly<Record<string, Pattern>> = {
  "model-graph": {
    region: "eu-onprem",
    doubts: { orchestrator: ["whether the device plugin of pool edge reports a NVIDIA GB10"] },
    services: agents.services(),
    build: (scope) => {
      agents.deploy(scope);
    },
  },
};
