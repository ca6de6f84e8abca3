import type { Job } from "../../constructs/jobspec/job";
import { node } from "../../constructs/jobspec/references";
import { mistral24bModel } from "./ai-mistral-24b";
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
  vllmServer,
} from "./shared";

/**
 * The model that plans the work of the agents, on a DGX Spark. Needs the variable `nomad/jobs/orchestrator` with `hf_token`.
 *
 * The seed asked for eight GPUs and all memory of the machine, for a model that does not exist, and nothing checked it.
 */
export const orchestrator: Job = {
  id: "orchestrator",
  ...seedPlace,
  constraints: [{ attribute: node.uniqueName, value: "spark-node" }],
  groups: {
    orchestrator: {
      count: 1,
      shutdownDelay: "10s",
      network: lanPort(8001),
      volumes: { "hf-cache": hfCache },
      restart: keepLoading,
      update: modelUpdate,
      services: [{ name: "orchestrator", port: "http", tags: [traefik, "orchestrator"], checks: [healthCheck] }],
      tasks: {
        orchestrator: {
          ...vllmServer(mistral24bModel),
          env: hfEnv,
          volumeMounts: [hfCacheMount],
          templates: [hfToken("orchestrator")],
          resources: { cpu: "8GHz", memory: "96GiB", devices: [{ name: "nvidia/gpu", count: 1 }] },
        },
      },
    },
  },
};
