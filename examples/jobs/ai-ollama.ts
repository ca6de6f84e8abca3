import type { Job } from "../../constructs/jobspec/job";
import { env } from "../../constructs/jobspec/references";
import { gpuEnv, seedPlace, traefik } from "./shared";

const image = "ollama/ollama:0.15.2";

/** What differs from place to place. */
export interface OllamaOptions {
  /** Name server of the LAN. */
  readonly dnsServer: string;
  /** Directory of the machine that keeps the models. */
  readonly dataDirectory: string;
  /** Pulled by a task once the server is up. */
  readonly models: readonly string[];
}

/**
 * Ollama with its models. The allocation counts as healthy when they are there.
 *
 * In the seed the image had no tag, `OLLAMA_MODELS` was a list of models where Ollama expects a directory, and it took every GPU
 * without reserving one.
 */
export function ollamaOf({ dnsServer, dataDirectory, models }: OllamaOptions): Job {
  const pulls = models.map((model) => `ollama pull ${model}`).join(" && ");
  return {
    id: "ollama",
    ...seedPlace,
    groups: {
      web: {
        count: 1,
        shutdownDelay: "10s",
        network: { mode: "host", ports: { web: { to: 11_434, hostNetwork: "lan" } } },
        update: { healthyDeadline: "30m", progressDeadline: "45m", autoRevert: true },
        services: [
          {
            name: "ollama",
            port: "web",
            tags: [traefik],
            checks: [{ type: "http", path: "/", port: "web", interval: "30s", timeout: "2s" }],
          },
        ],
        tasks: {
          ollama: {
            driver: "docker",
            killTimeout: "30s",
            config: {
              image,
              imagePullTimeout: "30m",
              runtime: "nvidia",
              dnsServers: [dnsServer],
              volumes: [`${dataDirectory}:/root/.ollama`],
              ports: ["web"],
            },
            env: { ...gpuEnv, OLLAMA_MODELS: "/root/.ollama/models", OLLAMA_KEEP_ALIVE: "30m" },
            resources: { cpu: "200MHz", memory: "30000MiB", devices: [{ name: "nvidia/gpu", count: 1 }] },
          },
          "pull-models": {
            driver: "docker",
            lifecycle: { hook: "poststart" },
            config: {
              image,
              entrypoint: ["/bin/sh", "-c"],
              args: [`until ollama list; do sleep 2; done; ${pulls}`],
            },
            env: { OLLAMA_HOST: env.addr("web") },
            resources: { cpu: "100MHz", memory: "256MiB" },
          },
        },
      },
    },
  };
}

/** As in the seed. */
export const ollama = ollamaOf({
  dnsServer: "192.168.128.111",
  dataDirectory: "/srv/ollama",
  models: ["llama3.2:3b", "codellama:7b"],
});
