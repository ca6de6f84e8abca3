import type { Job } from "../../constructs/jobspec/job";
import { defaultModel } from "./ai-vllm-single";
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
 * The next version of `vllm`: with the cache that all machines share, and the token for gated models. Needs the variable
 * `nomad/jobs/vllm` with `hf_token`.
 *
 * The seed had the token as an HCL variable in `env`, where everyone who may read the job can read it.
 */
export function vllmWithCacheOf(model: string): Job {
  return {
    id: "vllm",
    ...seedPlace,
    groups: {
      vllm: {
        count: 1,
        shutdownDelay: "10s",
        network: lanPort(8000),
        volumes: { "hf-cache": hfCache },
        restart: keepLoading,
        update: modelUpdate,
        services: [{ name: "vllm", port: "http", tags: [traefik], checks: [healthCheck] }],
        tasks: {
          vllm: {
            ...vllmServer(model),
            env: hfEnv,
            volumeMounts: [hfCacheMount],
            templates: [hfToken("vllm")],
            resources: { cpu: "2GHz", memory: "16GiB", devices: [{ name: "nvidia/gpu", count: 1 }] },
          },
        },
      },
    },
  };
}

/** As in the seed. */
export const vllmWithCache = vllmWithCacheOf(defaultModel);
