import type { Job } from "../../constructs/jobspec/job";
import { device, meta, node } from "../../constructs/jobspec/references";
import { defaultModel } from "./ai-vllm-single";
import {
  healthCheck,
  hfCache,
  hfCacheMount,
  hfEnv,
  keepLoading,
  lanPort,
  modelUpdate,
  seedPlace,
  traefik,
  vllmServer,
} from "./shared";

/**
 * vLLM over two GPUs of one machine, on models that are in the cache already.
 *
 * The seed asked for an attribute that does not exist (`attr.nvidia.gpu.count`), for a node with both names at once
 * (`set_contains`), and for an access mode that does not exist (`multi-node-reader`).
 */
export function vllmMultiOf(model: string): Job {
  return {
    id: "vllm-multi",
    ...seedPlace,
    constraints: [
      { attribute: node.uniqueName, operator: "set_contains_any", value: "klo01,pop-os-node" },
      { attribute: meta("shared_mount"), value: "true" },
    ],
    groups: {
      vllm: {
        count: 1,
        shutdownDelay: "10s",
        network: lanPort(8000),
        volumes: { "hf-cache": { ...hfCache, accessMode: "multi-node-reader-only", readOnly: true } },
        restart: keepLoading,
        update: modelUpdate,
        services: [{ name: "vllm-multi", port: "http", tags: [traefik], checks: [healthCheck] }],
        tasks: {
          vllm: {
            ...vllmServer(model, "--tensor-parallel-size", "2"),
            env: { ...hfEnv, HF_HUB_OFFLINE: "1" },
            volumeMounts: [{ ...hfCacheMount, readOnly: true }],
            resources: {
              cpu: "2GHz",
              memory: "32GiB",
              devices: [
                {
                  name: "nvidia/gpu",
                  count: 2,
                  constraints: [{ attribute: device.attr.memory, operator: ">=", value: "15 GiB" }],
                },
              ],
            },
          },
        },
      },
    },
  };
}

/** As in the seed. */
export const vllmMulti = vllmMultiOf(defaultModel);
