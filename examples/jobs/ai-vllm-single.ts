import type { Job } from "../../constructs/jobspec/job";
import { gpuEnv, healthCheck, keepLoading, lanPort, modelUpdate, seedPlace, traefik, vllmServer } from "./shared";

/** The model of the seed's vLLM jobs. */
export const defaultModel = "Qwen/Qwen3-4B-Instruct-2507";

/**
 * vLLM on one GPU.
 *
 * The seed set `NVIDIA_VISIBLE_DEVICES=all`, which takes GPUs from others, used variables that it did not declare, checked only
 * that a port is open, and gave a large image and a slow start five minutes.
 */
export function vllmSingleOf(model: string): Job {
  return {
    id: "vllm",
    ...seedPlace,
    groups: {
      vllm: {
        count: 1,
        shutdownDelay: "10s",
        network: lanPort(8000),
        restart: keepLoading,
        update: modelUpdate,
        services: [{ name: "vllm", port: "http", tags: [traefik], checks: [healthCheck] }],
        tasks: {
          vllm: {
            ...vllmServer(model),
            env: gpuEnv,
            resources: { cpu: "2GHz", memory: "16GiB", devices: [{ name: "nvidia/gpu", count: 1 }] },
          },
        },
      },
    },
  };
}

/** As in the seed. */
export const vllmSingle = vllmSingleOf(defaultModel);
