import { AclPolicy } from "@cdktf/provider-nomad/lib/acl-policy";
import type { Construct } from "constructs";
import { NomadJob } from "../constructs/nomad/job";
import { Redis } from "../constructs/services/redis";
import { DynamicHostVolume } from "../constructs/storage/dynamic-host-volume";
import { fleet as example } from "../fleets/example";
import type { Fleet } from "../model/types";

const image = (name: string) => `registry.example.com/team/${name}:1.4.2`;

/** The example fleet with endpoints for what runs in it: a fleet to see reviews of. */
export const fleet: Fleet = {
  ...example,
  services: {
    ...example.services,
    gateway: { port: 8443, pools: ["graviton"], callers: ["operators"] },
    embedder: { port: "18000-18010", pools: ["l4-spot"], callers: ["graviton"] },
    sessions: { port: 6379, pools: ["graviton"], callers: ["graviton"] },
  },
};

export const workloads = {
  "eu-aws": (scope: Construct) => {
    new AclPolicy(scope, "Readers", {
      name: "readers",
      rulesHcl: 'namespace "ai" {\n  policy = "read"\n}\n',
    });
    const volume = new DynamicHostVolume(scope, "SessionsData", { volumeName: "sessions", pool: "graviton" });
    new Redis(scope, "Sessions", { name: "sessions", pool: "graviton", volume });
    new NomadJob(scope, "gateway", {
      job: {
        id: "gateway",
        namespace: "ai",
        nodePool: "graviton",
        update: { maxParallel: 1, canary: 1, autoRevert: true },
        groups: {
          gateway: {
            count: 2,
            network: { ports: { https: { static: 8443 } } },
            services: [
              {
                name: "gateway",
                port: "https",
                provider: "nomad",
                checks: [{ type: "tcp", interval: "10s", timeout: "2s" }],
              },
            ],
            tasks: {
              gateway: {
                driver: "docker",
                config: { image: image("gateway"), ports: ["https"] },
                env: { LOG_LEVEL: "info", UPSTREAM_TIMEOUT: "30s" },
                resources: { cpu: "1GHz", memory: "1GiB" },
              },
            },
          },
        },
      },
    });
    new NomadJob(scope, "embedder", {
      job: {
        id: "embedder",
        namespace: "ai",
        nodePool: "l4-spot",
        groups: {
          embedder: {
            count: 3,
            network: { ports: { http: { static: 18000 } } },
            services: [
              {
                name: "embedder",
                port: "http",
                provider: "nomad",
                checks: [{ type: "tcp", interval: "10s", timeout: "2s" }],
              },
            ],
            tasks: {
              embedder: {
                driver: "docker",
                config: { image: image("embedder"), ports: ["http"] },
                resources: { cpu: "8GHz", memory: "16GiB", devices: [{ name: "nvidia/gpu", count: 1 }] },
              },
            },
          },
        },
      },
    });
  },
  "eu-onprem": (scope: Construct) => {
    new NomadJob(scope, "trainer", {
      job: {
        id: "trainer",
        namespace: "ai",
        type: "batch",
        nodePool: "h100",
        periodic: { crons: ["0 3 * * *"], prohibitOverlap: true },
        groups: {
          train: {
            tasks: {
              train: {
                driver: "docker",
                config: { image: image("trainer") },
                resources: { cpu: "64GHz", memory: "512GiB", devices: [{ name: "nvidia/gpu", count: 8 }] },
              },
            },
          },
        },
      },
    });
  },
};
