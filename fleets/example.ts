import { CsiDriver } from "../model/csi-drivers";
import { defineFleet } from "../model/fleet";
import type { JoinMethod } from "../model/tailnet-types";
import { nfs, nodeExporter, rayServices } from "../model/well-known";

/** The account vouches for machines by their role, so that they hold no key of the tailnet. */
function vouchedForByAws(identity: string): JoinMethod {
  return {
    kind: "workload-identity",
    issuer: "https://1a2b3c4d-5e6f-7081-92a3-b4c5d6e7f809.tokens.sts.global.api.aws",
    subject: `arn:aws:iam::123456789012:role/example-${identity}`,
  };
}

/** Google vouches for machines by their service account, whose id it makes up. */
const vouchedForByGoogle: JoinMethod = { kind: "workload-identity" };

/** The seeds' fleet: a region on AWS, one on Google Cloud and one on-prem, federated, with an edge site. */
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
    "aws-frankfurt": {
      platform: "aws",
      awsRegion: "eu-central-1",
      networks: ["10.40.0.0/16"],
      zones: {
        "eu-central-1a": { cidr: "10.40.0.0/20" },
        "eu-central-1b": { cidr: "10.40.16.0/20" },
        "eu-central-1c": { cidr: "10.40.32.0/20" },
      },
      images: { amd64: "ami-0a1b2c3d4e5f60718", arm64: "ami-0a1b2c3d4e5f60719" },
      // tailscaled answers SSH on 22 itself (tailnet.ssh); servers take their bundle on another port.
      ssh: {
        port: 2222,
        authorizedKeys: [
          "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk3w0vpR0Yb5l1m5Jw6Zb2mYcJYH8pV5e0l3o9d1aff ada@example.com",
        ],
      },
      vpcEndpoints: true,
      flowLogs: { retentionDays: 30 },
      tags: { "cost-center": "ai-platform" },
    },
    "gcp-eemshaven": {
      platform: "gcp",
      project: "example-fleet",
      gcpRegion: "europe-west4",
      networks: ["10.60.0.0/20"],
      zones: ["europe-west4-a", "europe-west4-b", "europe-west4-c"],
      images: {
        amd64: "projects/debian-cloud/global/images/debian-12-bookworm-v20250610",
        arm64: "projects/debian-cloud/global/images/debian-12-bookworm-arm64-v20250610",
      },
      ssh: {
        port: 2222,
        authorizedKeys: [
          "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk3w0vpR0Yb5l1m5Jw6Zb2mYcJYH8pV5e0l3o9d1aff ada@example.com",
        ],
      },
      flowLogs: { flowSampling: 0.1, aggregationInterval: "INTERVAL_1_MIN" },
      labels: { "cost-center": "ai-platform" },
    },
  },
  regions: {
    "eu-aws": {
      site: "aws-frankfurt",
      servers: { count: 3, machineType: "m7i.large" },
      join: vouchedForByAws("server-eu-aws"),
      backups: { store: { kind: "s3", operatorArns: ["arn:aws:iam::123456789012:role/platform-team"] } },
    },
    "eu-gcp": {
      site: "gcp-eemshaven",
      servers: { count: 3, machineType: "n2-standard-2" },
      join: vouchedForByGoogle,
    },
    "eu-onprem": {
      site: "frankfurt",
      servers: { hosts: ["fra-server-1", "fra-server-2", "fra-server-3"] },
      authoritative: true,
      scheduler: { memoryOversubscription: true },
      backups: { store: { kind: "directory", path: "/mnt/backups" }, everyMinutes: 30, keepDays: 14 },
      storage: {
        plugins: { nfs: { driver: CsiDriver.nfs(), pools: ["h100", "edge"] } },
        volumes: {
          "hf-cache": { kind: "nfs", plugin: "nfs", server: "nas", share: "/mnt/pool0/share/hf-cache" },
          "database-backups": { kind: "nfs", plugin: "nfs", server: "nas", share: "/mnt/pool0/share/backups" },
          scratch: { kind: "dynamic-host", pool: "h100", machines: 2, mode: "0770", gid: 1000 },
        },
      },
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
    l40s: {
      region: "eu-aws",
      site: "aws-frankfurt",
      count: 2,
      machineType: "g6e.12xlarge",
      image: "ami-0a1b2c3d4e5f60720",
      description: "Four L40S per machine: inference",
      hardware: { cpuMHz: 120_000, memoryMiB: 380_000, gpu: { model: "l40s-48gb", count: 4 } },
      join: vouchedForByAws("client-l40s"),
    },
    "l4-spot": {
      region: "eu-aws",
      site: "aws-frankfurt",
      count: 4,
      machineType: "g6.2xlarge",
      alternativeTypes: ["g6.4xlarge"],
      spot: true,
      onDemandBase: 1,
      image: "ami-0a1b2c3d4e5f60720",
      description: "One L4 per machine: batch work that may be interrupted",
      hardware: { cpuMHz: 20_000, memoryMiB: 31_000, gpu: { model: "l4-24gb", count: 1 } },
      join: vouchedForByAws("client-l4-spot"),
    },
    graviton: {
      region: "eu-aws",
      site: "aws-frankfurt",
      count: 2,
      machineType: "m7g.2xlarge",
      description: "ARM machines without GPUs: routers, agents, databases",
      hardware: { architecture: "arm64", cpuMHz: 20_000, memoryMiB: 31_000 },
      join: vouchedForByAws("client-graviton"),
    },
    a100: {
      region: "eu-gcp",
      site: "gcp-eemshaven",
      count: 1,
      machineType: "a2-ultragpu-4g",
      zones: ["europe-west4-a"],
      gpuDriver: { kind: "repository", branch: 580 },
      description: "Four A100 per machine: fine-tuning",
      hardware: { cpuMHz: 100_000, memoryMiB: 680_000, gpu: { model: "a100-80gb", count: 4 } },
      join: vouchedForByGoogle,
    },
    "t4-spot": {
      region: "eu-gcp",
      site: "gcp-eemshaven",
      count: 3,
      machineType: "n1-standard-8",
      spot: true,
      gpuDriver: { kind: "repository", branch: 580 },
      description: "One T4 per machine: embeddings and tests",
      hardware: { cpuMHz: 16_000, memoryMiB: 29_000, gpu: { model: "t4-16gb", count: 1 } },
      join: vouchedForByGoogle,
    },
    axion: {
      region: "eu-gcp",
      site: "gcp-eemshaven",
      count: 2,
      machineType: "c4a-standard-4",
      description: "ARM machines without GPUs: routers and agents",
      hardware: { architecture: "arm64", cpuMHz: 12_000, memoryMiB: 15_000 },
      join: vouchedForByGoogle,
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
