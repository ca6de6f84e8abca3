import type { Job } from "../../constructs/jobspec/job";
import { node } from "../../constructs/jobspec/references";
import type { Template } from "../../constructs/jobspec/template";
import { mistral7bServer } from "./ai-mistral-7b";
import {
  healthCheck,
  hfCache,
  hfCacheMount,
  hfEnv,
  hfToken,
  keepLoading,
  lanPort,
  modelUpdate,
  seedPlace,
  traefik,
} from "./shared";

/** A moved orchestrator restarts the agents, four of which would otherwise start in the same second. */
const orchestratorUrl: Template = {
  destination: "local/orchestrator.env",
  env: true,
  splay: "60s",
  data: `{{ range nomadService "orchestrator" }}
ORCHESTRATOR_URL=http://{{ .Address }}:{{ .Port }}
{{ end }}
`,
};

/**
 * Four agents with a small model each, which find the orchestrator by name. Needs the variable `nomad/jobs/agent` with
 * `hf_token`.
 *
 * The seed gave them the orchestrator's port inside its container, and asked for nodes with both names at once.
 */
export const agent: Job = {
  id: "agent",
  ...seedPlace,
  constraints: [{ attribute: node.uniqueName, operator: "set_contains_any", value: "klo01,pop-os-node" }],
  groups: {
    agents: {
      count: 4,
      shutdownDelay: "10s",
      network: lanPort(8002),
      volumes: { "hf-cache": hfCache },
      restart: keepLoading,
      update: modelUpdate,
      services: [{ name: "agent", port: "http", tags: [traefik, "agent"], checks: [healthCheck] }],
      tasks: {
        agent: {
          ...mistral7bServer,
          env: hfEnv,
          volumeMounts: [hfCacheMount],
          templates: [hfToken("agent"), orchestratorUrl],
          resources: { cpu: "2GHz", memory: "16GiB", devices: [{ name: "nvidia/gpu", count: 1 }] },
        },
      },
    },
  },
};
