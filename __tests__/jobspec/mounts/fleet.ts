import { CsiDriver } from "../../../model/csi-drivers";
import type { CsiDriver as Driver } from "../../../model/csi-driver";
import type { Volume, VolumeAccessMode, VolumeCapability } from "../../../model/volume-types";
import { fileSystem } from "../../../model/csi-drivers";
import type { Fleet } from "../../../model/types";

/** A driver of everything that Nomad has a mode for. */
const anything: Driver = CsiDriver.custom({
  name: "any.example",
  programs: { monolith: { image: "registry.example.com/any:v1", args: [] } },
  capabilities: [
    ...fileSystem(
      "single-node-reader-only",
      "single-node-writer",
      "multi-node-reader-only",
      "multi-node-single-writer",
      "multi-node-multi-writer",
    ),
    { accessMode: "single-node-writer", attachmentMode: "block-device" },
  ],
  creates: true,
  mountsNfs: true,
});

/** A volume of the plugin `any`. */
export function created(...capabilities: readonly (VolumeAccessMode | VolumeCapability)[]) {
  const given = capabilities.map((each) => (typeof each === "string" ? { accessMode: each } : each));
  return { kind: "created", plugin: "any", capacityMinGiB: 1, capabilities: given } as const;
}

/** Volumes of region east: each is there for a rule. */
export const volumes = {
  cache: { kind: "nfs", plugin: "any", server: "nas", share: "/cache" },
  db: created("single-node-writer"),
  raw: created({ accessMode: "single-node-writer", attachmentMode: "block-device" }),
  readers: created("multi-node-reader-only"),
  writer: created("multi-node-single-writer"),
  either: created("single-node-writer", "multi-node-reader-only"),
  parts: { ...created("single-node-writer"), perAlloc: 3 },
  team: { ...created("single-node-writer"), namespace: "ai" },
  old: { ...created("single-node-writer"), retired: { reason: "replaced" } },
  local: { kind: "dynamic-host", pool: "gpu" },
  each: { kind: "dynamic-host", pool: "gpu", machines: 2 },
  alone: {
    kind: "dynamic-host",
    pool: "gpu",
    machines: 2,
    capabilities: [{ accessMode: "single-node-single-writer" }],
  },
} as const satisfies Record<string, Volume>;

const machines = { cpuMHz: 10_000, memoryMiB: 65_536 };

/** Two regions; in east a pool with the plugin, one without, and host volumes. */
export const fleet: Fleet = {
  name: "test",
  tailnet: { domain: "tail.example" },
  backend: { kind: "local" },
  sites: {
    lan: {
      platform: "onprem",
      networks: ["192.168.1.0/24"],
      hosts: Object.fromEntries(
        ["a", "b", "c", "d", "e"].map((name, index) => [name, { address: `192.168.1.${index}` }]),
      ),
    },
  },
  regions: {
    east: {
      site: "lan",
      servers: { hosts: ["a"] },
      authoritative: true,
      storage: { plugins: { any: { driver: anything, pools: ["gpu"] } }, volumes },
    },
    west: {
      site: "lan",
      servers: { hosts: ["a"] },
      storage: {
        plugins: { any: { driver: anything, pools: ["edge"] } },
        volumes: { far: created("single-node-writer"), cache: { ...volumes.cache } },
      },
    },
  },
  pools: {
    gpu: {
      region: "east",
      site: "lan",
      hosts: ["b", "c", "d"],
      hardware: machines,
      drivers: ["docker", "exec", "raw_exec"],
      hostVolumes: { models: { path: "/models", readOnly: true }, scratch: { path: "/scratch" } },
    },
    web: { region: "east", site: "lan", hosts: ["e"], hardware: machines, hostVolumes: { logs: { path: "/var/log" } } },
    edge: { region: "west", site: "lan", hosts: ["a"], hardware: machines },
  },
  namespaces: { ai: {} },
};
