import { defineFleet } from "../model/fleet";
import { nfs, nodeExporter, rayServices } from "../model/well-known";

/**
 * The seeds' fleet, as far as its platforms exist here: the on-prem sites. The AWS and GCP regions join it with their
 * platforms.
 */
export const fleet = defineFleet({
  name: "example",
  tailnet: {
    domain: "tail1a2b3.ts.net",
    groups: {
      "group:platform": ["ada@example.com", "grace@example.com"],
      "group:research": ["alan@example.com", "barbara@example.com"],
    },
    operators: ["group:platform"],
    otherTags: { "tag:monitoring": ["group:platform"], "tag:backup": ["group:platform"] },
    ssh: { users: ["steppe"], action: "check", checkPeriod: "12h" },
    extraGrants: [
      {
        reason: "the backup host fetches models from the NAS, by rsync over SSH",
        src: ["tag:backup"],
        dst: ["nas"],
        ip: ["tcp:22"],
      },
    ],
  },
  backend: { kind: "s3", bucket: "example-steppe-state", region: "eu-central-1" },
  sites: {
    frankfurt: {
      platform: "onprem",
      networks: ["10.20.0.0/22"],
      ssh: { user: "steppe" },
      hosts: {
        "fra-server-1": {
          address: "10.20.0.11",
          hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk3w0vpR0Yb5l1m5Jw6Zb2mYcJYH8pV5e0l3o9d1a01",
        },
        "fra-server-2": {
          address: "10.20.0.12",
          hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk3w0vpR0Yb5l1m5Jw6Zb2mYcJYH8pV5e0l3o9d1a02",
        },
        "fra-server-3": {
          address: "10.20.0.13",
          hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk3w0vpR0Yb5l1m5Jw6Zb2mYcJYH8pV5e0l3o9d1a03",
        },
        "fra-gpu-1": {
          address: "10.20.1.11",
          hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk3w0vpR0Yb5l1m5Jw6Zb2mYcJYH8pV5e0l3o9d1a04",
        },
        "fra-gpu-2": {
          address: "10.20.1.12",
          hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk3w0vpR0Yb5l1m5Jw6Zb2mYcJYH8pV5e0l3o9d1a05",
        },
      },
      lanHosts: {
        nas: { address: "10.20.2.5", routers: ["h100"], services: { nfs: nfs("h100", "edge") } },
      },
    },
    workshop: {
      platform: "onprem",
      networks: ["192.168.1.0/24"],
      ssh: { user: "steppe" },
      hosts: {
        "edge-spark": {
          address: "192.168.1.20",
          hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk3w0vpR0Yb5l1m5Jw6Zb2mYcJYH8pV5e0l3o9d1a06",
        },
      },
    },
  },
  regions: {
    "eu-onprem": {
      site: "frankfurt",
      servers: { hosts: ["fra-server-1", "fra-server-2", "fra-server-3"] },
      authoritative: true,
      scheduler: { memoryOversubscription: true },
    },
  },
  pools: {
    h100: {
      region: "eu-onprem",
      site: "frankfurt",
      hosts: ["fra-gpu-1", "fra-gpu-2"],
      description: "Eight H100 per machine: training and large models",
      hardware: { cpuMHz: 256_000, memoryMiB: 2_000_000, gpu: { model: "h100-80gb", count: 8 } },
      hostVolumes: { models: { path: "/srv/models" } },
    },
    edge: {
      region: "eu-onprem",
      site: "workshop",
      hosts: ["edge-spark"],
      description: "One GB10 with unified memory",
      hardware: { architecture: "arm64", cpuMHz: 60_000, memoryMiB: 122_880, gpu: { model: "gb10-128gb", count: 1 } },
      gpuDriver: {
        kind: "unmanaged",
        devicePlugin: "nomad-device-nvidia",
        reason: "DGX OS brings driver and runtime; the plugin is built from a commit that knows the GB10",
      },
      edge: { toleratedDisconnectSeconds: 3600 },
    },
  },
  services: {
    vllm: { port: 8000, pools: ["h100"], callers: ["edge", "group:research", "operators"] },
    ...rayServices({
      head: "h100",
      workers: ["h100"],
      clients: ["group:research", "operators"],
      workerPorts: "18000-18999",
    }),
    "node-exporter": nodeExporter({ pools: ["h100", "edge"], callers: ["tag:monitoring"] }),
  },
  metrics: { scrapers: ["tag:monitoring"] },
  namespaces: { ai: { description: "Inference and training" } },
});
