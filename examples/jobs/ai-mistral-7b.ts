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

/** A model and its flags for GPUs of 16 GB: weights in 8 bits, since in 16 they leave no room for a cache. */
export const mistral7bServer = vllmServer(
  "mistralai/Mistral-7B-Instruct-v0.3",
  ...["--quantization", "fp8", "--max-model-len", "8192"],
);

/**
 * A small model on a GPU of 16 GB. Needs the variable `nomad/jobs/mistral-7b` with `hf_token`.
 *
 * The seed asked for a node with both names at once (`set_contains`), and put 16-bit weights on a 16 GB GPU.
 */
export const mistral7b: Job = {
  id: "mistral-7b",
  ...seedPlace,
  constraints: [{ attribute: node.uniqueName, operator: "set_contains_any", value: "klo01,pop-os-node" }],
  groups: {
    mistral: {
      count: 1,
      shutdownDelay: "10s",
      network: lanPort(8000),
      volumes: { "hf-cache": hfCache },
      restart: keepLoading,
      update: modelUpdate,
      services: [{ name: "mistral-7b", port: "http", tags: [traefik], checks: [healthCheck] }],
      tasks: {
        vllm: {
          ...mistral7bServer,
          env: hfEnv,
          volumeMounts: [hfCacheMount],
          templates: [hfToken("mistral-7b")],
          resources: { cpu: "2GHz", memory: "16GiB", devices: [{ name: "nvidia/gpu", count: 1 }] },
        },
      },
    },
  },
};
