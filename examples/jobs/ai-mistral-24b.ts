import type { Job } from "../../constructs/jobspec/job";
import { node } from "../../constructs/jobspec/references";
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

/** The model that fits the memory of a DGX Spark. */
export const mistral24bModel = "mistralai/Mistral-Small-24B-Instruct-2501";

/**
 * A large model on a DGX Spark: one GB10, 128 GB shared by CPU and GPU, arm64. Needs the variable `nomad/jobs/mistral-24b` with
 * `hf_token`, and a device plugin newer than 1.1.0, which does not see a GB10.
 *
 * The seed asked for eight GPUs, and its device block stood outside of any task.
 */
export const mistral24b: Job = {
  id: "mistral-24b",
  ...seedPlace,
  constraints: [{ attribute: node.uniqueName, value: "spark-node" }],
  groups: {
    mistral: {
      count: 1,
      shutdownDelay: "10s",
      network: lanPort(8000),
      volumes: { "hf-cache": hfCache },
      restart: keepLoading,
      update: modelUpdate,
      services: [{ name: "mistral-24b", port: "http", tags: [traefik], checks: [healthCheck] }],
      tasks: {
        vllm: {
          ...vllmServer(mistral24bModel),
          env: hfEnv,
          volumeMounts: [hfCacheMount],
          templates: [hfToken("mistral-24b")],
          resources: { cpu: "8GHz", memory: "96GiB", devices: [{ name: "nvidia/gpu", count: 1 }] },
        },
      },
    },
  },
};
