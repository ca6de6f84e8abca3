import { defineFleet } from "../model/fleet";
import type { OnPremSite } from "../model/types";

export { workloads } from "./workloads";

/** A site without LAN hosts, so that its type names no pools. */
const lan = (network: string, hosts: Readonly<Record<string, string>>): OnPremSite<never> => ({
  platform: "onprem",
  networks: [network],
  ssh: { user: "steppe" },
  hosts: Object.fromEntries(Object.entries(hosts).map(([name, address]) => [name, { address }])),
});

/** What every machine offers: the logs of its agent, and the shared file system's CSI plugin. */
const common = {
  hostVolumes: { "nomad-logs": { path: "/var/log/nomad", readOnly: true } },
  csiPlugins: ["nfs"],
} as const;

/** The LAN of the site "home", where the seeds' clients are. */
const home = { hostNetworks: { lan: { cidr: "192.168.128.0/24" } } } as const;

/** A service at a port of Nomad's choice, in one pool. */
const dynamic = <const Pool extends string, const Caller extends string>(
  pool: Pool,
  ...callers: readonly Caller[]
) => ({
  port: "dynamic" as const,
  pools: [pool],
  callers,
});

/**
 * The machines that the seeds' jobs are written for, all of them one's own: two regions, the names that the jobs' constraints
 * ask for, and a pool per kind of hardware. The pages of this example: ../README.md.
 */
export const fleet = defineFleet({
  name: "seeds",
  tailnet: {
    domain: "tail1a2b3.ts.net",
    groups: { "group:platform": ["ada@example.com", "grace@example.com"] },
    operators: ["group:platform"],
  },
  backend: { kind: "s3", bucket: "seeds-steppe-state", region: "eu-central-1" },
  sites: {
    home: lan("192.168.128.0/24", {
      "home-server-1": "192.168.128.11",
      "home-server-2": "192.168.128.12",
      "home-server-3": "192.168.128.13",
      "home-1": "192.168.128.21",
      "home-2": "192.168.128.22",
      klo01: "192.168.128.31",
      "pop-os-node": "192.168.128.32",
      "spark-node": "192.168.128.33",
      "rig-1": "192.168.128.41",
      "rig-2": "192.168.128.42",
    }),
    campus: lan("10.20.0.0/22", {
      "campus-server-1": "10.20.0.11",
      "campus-server-2": "10.20.0.12",
      "campus-server-3": "10.20.0.13",
      "web-1": "10.20.0.21",
      "web-2": "10.20.0.22",
      "a100-1": "10.20.1.11",
      "a100-2": "10.20.1.12",
      "a100-3": "10.20.1.13",
      "a100-4": "10.20.1.14",
    }),
  },
  regions: {
    home: {
      site: "home",
      servers: { hosts: ["home-server-1", "home-server-2", "home-server-3"] },
      authoritative: true,
      datacenter: "dc1",
    },
    campus: {
      site: "campus",
      servers: { hosts: ["campus-server-1", "campus-server-2", "campus-server-3"] },
      datacenter: "dc2",
    },
  },
  pools: {
    general: {
      ...common,
      ...home,
      region: "home",
      site: "home",
      hosts: ["home-1", "home-2"],
      description: "Databases and small services",
      hardware: { cpuMHz: 32_000, memoryMiB: 65_536 },
      dynamicHostVolumes: ["surrealdb-data"],
    },
    workstations: {
      ...common,
      ...home,
      region: "home",
      site: "home",
      hosts: ["klo01", "pop-os-node"],
      description: "Two GPUs of 16 GB per machine",
      hardware: {
        cpuMHz: 64_000,
        memoryMiB: 131_072,
        gpu: { model: { model: "NVIDIA RTX A4000", memoryMiB: 16_376, gpuArchitecture: "ampere" }, count: 2 },
      },
      nodeMeta: { shared_mount: "true" },
    },
    spark: {
      ...common,
      ...home,
      region: "home",
      site: "home",
      hosts: ["spark-node"],
      description: "DGX Spark: one GB10, memory shared by CPU and GPU",
      hardware: { architecture: "arm64", cpuMHz: 60_000, memoryMiB: 122_880, gpu: { model: "gb10-128gb", count: 1 } },
      gpuDriver: {
        kind: "unmanaged",
        devicePlugin: "nomad-device-nvidia",
        reason: "DGX OS brings driver and runtime; the plugin is built from a commit that knows the GB10",
      },
    },
    rigs: {
      ...common,
      ...home,
      region: "home",
      site: "home",
      hosts: ["rig-1", "rig-2"],
      description: "One GPU of 24 GB per machine",
      hardware: { cpuMHz: 48_000, memoryMiB: 65_536, gpu: { model: "rtx-4090-24gb", count: 1 } },
    },
    web: {
      ...common,
      region: "campus",
      site: "campus",
      hosts: ["web-1", "web-2"],
      description: "Load balancers, caches and metrics",
      hardware: { cpuMHz: 16_000, memoryMiB: 32_768 },
    },
    training: {
      ...common,
      region: "campus",
      site: "campus",
      hosts: ["a100-1", "a100-2", "a100-3", "a100-4"],
      description: "Two A100 per machine",
      hardware: { cpuMHz: 128_000, memoryMiB: 524_288, gpu: { model: "a100-80gb", count: 2 } },
    },
  },
  services: {
    "example-web": dynamic("general", "operators"),
    "my-service": { port: "dynamic", pools: ["general", "workstations"], callers: ["operators"] },
    "app-host-network": { port: 8000, pools: ["general"], callers: ["operators"] },
    "app-prestart": dynamic("general", "operators"),
    neo4j: dynamic("general", "general"),
    surrealdb: { port: 8001, pools: ["general"], callers: ["general", "workstations"] },
    agent: dynamic("workstations", "operators"),
    "mistral-7b": dynamic("workstations", "operators"),
    ollama: dynamic("workstations", "operators"),
    vllm: dynamic("workstations", "operators"),
    "vllm-multi": dynamic("workstations", "operators"),
    "mistral-24b": dynamic("spark", "operators"),
    orchestrator: dynamic("spark", "workstations"),
    "sglang-gateway": dynamic("rigs", "operators"),
    "sglang-worker": dynamic("rigs", "rigs"),
    "ray-head": dynamic("general", "workstations"),
    "ray-dashboard": dynamic("general", "operators"),
    "ray-worker": dynamic("workstations", "general", "workstations"),
    // worker processes of head and workers, which no job registers
    "ray-workers": {
      port: "18000-18999",
      pools: ["general", "workstations"],
      callers: ["general", "workstations"],
    },
    "node-monitor": { port: 9100, pools: ["general", "workstations", "spark", "rigs"], callers: ["operators"] },
    nginx: { port: 8080, pools: ["web"], callers: ["operators"] },
    "demo-webapp": dynamic("web", "web"), // behind nginx; deployed by those who write it
    "example-cache": dynamic("web", "web"),
    monitoring: dynamic("web", "operators"),
    "ml-training": dynamic("training", "training"),
    "distributed-training": dynamic("training", "training"),
  },
  namespaces: { next: { description: "The next version of a job, beside the one that runs" } },
  csiVolumes: {
    "hf-cache": { plugin: "nfs" },
    "sglang-hf-cache": { plugin: "nfs" },
    "app-data": { plugin: "nfs" },
    "neo4j-data": { plugin: "nfs" },
    "volume-name": { plugin: "nfs" },
  },
});
