import type { HttpCheck, TcpCheck } from "../../constructs/jobspec/check";
import type { Network } from "../../constructs/jobspec/network";
import type { Restart, Update } from "../../constructs/jobspec/policies";
import { env } from "../../constructs/jobspec/references";
import type { DockerTask } from "../../constructs/jobspec/task";
import type { Template } from "../../constructs/jobspec/template";
import type { CsiVolume, VolumeMount } from "../../constructs/jobspec/volume";

/** Where the seeds run their AI jobs. A fleet of one's own has other names: `inPool` of ../place.ts gives them. */
export const seedPlace = { region: "global", datacenters: ["dc1"] } as const;

/** Names that the seeds' Traefik looks for. */
export const traefik = "traefik.enable=true";

/** An image of one's own. */
export const ownImage = "myapp:1.0.0";

/** A dynamic port on the machines' LAN, which leads to a fixed one of the container. */
export function lanPort(to: number): Network {
  return { mode: "host", ports: { http: { to, hostNetwork: "lan" } } };
}

/** Asks a web service whether it can serve. */
export const healthCheck: HttpCheck = { type: "http", path: "/health", interval: "30s", timeout: "3s" };

/** Asks whether a port is open, for what has no health path. */
export const portCheck: TcpCheck = { type: "tcp", interval: "15s", timeout: "3s" };

/** Tries for ten minutes, then begins anew: for services that wait for others. */
export const keepTrying = { attempts: 3, interval: "10m", mode: "delay" } as const;

/** As {@link keepTrying}, with time between the attempts to load a model. */
export const keepLoading: Restart = { ...keepTrying, delay: "30s" };

/** One at a time, and back to the version before when the new one does not become healthy. */
export const oneByOne = { maxParallel: 1, autoRevert: true } as const;

/** As {@link oneByOne}, for models: they take minutes to load. */
export const modelUpdate: Update = {
  ...oneByOne,
  minHealthyTime: "45s",
  healthyDeadline: "30m",
  progressDeadline: "45m",
};

/** What a task may do with its GPU. Which one it sees is the device plugin's business alone. */
export const gpuEnv = { NVIDIA_DRIVER_CAPABILITIES: "compute,utility" } as const;

const cacheDirectory = "/root/.cache/huggingface";

/** The models' cache, shared by all machines. */
export const hfCache: CsiVolume = {
  type: "csi",
  source: "hf-cache",
  accessMode: "multi-node-multi-writer",
  attachmentMode: "file-system",
};

/** The group's volume `hf-cache`, where Hugging Face's libraries look for it. */
export const hfCacheMount: VolumeMount = { volume: "hf-cache", destination: cacheDirectory, readOnly: false };

/** Environment of a task with {@link hfCacheMount}. */
export const hfEnv = { ...gpuEnv, HF_HOME: cacheDirectory } as const;

/** The token for gated models, from the Nomad variable of the job. */
export function hfToken(jobId: string): Template {
  return { ...variables(jobId, { HF_TOKEN: "hf_token" }), destination: "secrets/hf.env" };
}

/** Environment variables from items of the job's Nomad variable, by name. */
export function variables(
  jobId: string,
  items: Readonly<Record<string, string>>,
): { readonly data: string; readonly env: true } {
  const lines = Object.entries(items).map(([name, item]) => `${name}={{ .${item} }}\n`);
  return { data: `{{ with nomadVar "nomad/jobs/${jobId}" }}\n${lines.join("")}{{ end }}\n`, env: true };
}

/** vLLM's server of one model, on the port `http`. */
export function vllmServer(model: string, ...flags: string[]): Pick<DockerTask, "driver" | "killTimeout" | "config"> {
  return {
    driver: "docker",
    killTimeout: "30s",
    config: {
      image: "nvcr.io/nvidia/vllm:25.09-py3",
      imagePullTimeout: "30m",
      runtime: "nvidia",
      ports: ["http"],
      shmSize: "8GiB",
      command: "python3",
      args: [
        ...["-m", "vllm.entrypoints.openai.api_server"],
        ...["--host", "0.0.0.0", "--port", env.port("http")],
        ...["--model", model, ...flags],
      ],
    },
  };
}
