import { clientConfig } from "../../../constructs/machine/agent-config";
import { reportsGpus } from "../../../model/gpu";
import { deviceOf } from "../../../model/hardware";
import type { Architecture, Fleet, Hardware, OnPremSite, Pool } from "../../../model/types";
import type { ClientOptions } from "../../helpers/nomad-agents";

const hosts = [
  "gpu-1",
  "gpu-2",
  "l4-1",
  "web-1",
  "web-2",
  "web-3",
  "whole-1",
  "amd-1",
  "edge-1",
  "mig-1",
  "spark-1",
  "spark-2",
] as const;
const architecture: Architecture = process.arch === "arm64" ? "arm64" : "amd64";

const site: OnPremSite = {
  platform: "onprem",
  networks: ["10.0.0.0/24"],
  hosts: Object.fromEntries(["s-1", ...hosts].map((name, index) => [name, { address: `10.0.0.${index + 11}` }])),
};

function pool(names: readonly string[], hardware: Partial<Hardware>, more: Partial<Pool> = {}): Pool {
  const base: Hardware = { architecture, cpuMHz: 4000, memoryMiB: 2048, diskMiB: 8000 };
  return {
    region: "east",
    site: "lan",
    hosts: names,
    hardware: { ...base, ...hardware },
    drivers: ["raw_exec"],
    ...more,
  };
}

/**
 * A fleet of pools that differ in all that placement looks at, and that real clients on one machine can be like. Pool `whole`
 * has the machine's own CPU: asking for whole cores makes sense there only.
 */
export function placementFleet(machine: { readonly cpuMHz: number; readonly cores: number }): Fleet {
  return {
    name: "placement",
    tailnet: { domain: "tail0.ts.net" },
    backend: { kind: "local" },
    versions: { nomad: "1.11.3" },
    sites: { lan: site },
    regions: { east: { site: "lan", servers: { hosts: ["s-1"] }, authoritative: true, datacenter: "dc-east" } },
    pools: {
      gpu: pool(
        ["gpu-1", "gpu-2"],
        { cpuMHz: 12_000, memoryMiB: 4096, gpu: { model: "h100-80gb", count: 2 } },
        {
          nodeClass: "hgx",
          nodeMeta: { rack: "r1", size: "9", list: "a, b,c", version: "1.2.3", net: "lan" },
          hostVolumes: { models: { path: "/usr", readOnly: true }, scratch: { path: "/tmp" } },
          hostNetworks: { lan: { cidr: "127.0.0.1/32" } },
        },
      ),
      l4: pool(
        ["l4-1"],
        { gpu: { model: "l4-24gb", count: 1 } },
        {
          nodeMeta: { rack: "r2", size: "10", version: "2.0.0-beta1" },
          drivers: ["raw_exec", "exec"],
          reserved: { cpuMHz: 500, memoryMiB: 256, diskMiB: 1000, ports: "22,8000-8002" },
          hostNetworks: { wide: { cidr: "127.0.0.0/8" } },
        },
      ),
      web: pool(
        ["web-1", "web-2", "web-3"],
        { cpuMHz: 2000, memoryMiB: 1024 },
        {
          nodeClass: "web",
          nodeMeta: { rack: "r3", size: "1e1", list: "b", net: "default" },
          drivers: ["exec"],
          hostVolumes: { scratch: { path: "/tmp" } },
          hostNetworks: { lan: { cidr: "127.0.0.1/32" } },
        },
      ),
      whole: pool(["whole-1"], machine, {
        nodeMeta: { rack: "r2", size: "009", net: "none" },
        drivers: ["raw_exec", "exec"],
      }),
      amd: pool(["amd-1"], {
        gpu: {
          model: { model: "Instinct MI300X", memoryMiB: 196_592, gpuArchitecture: "cdna3", vendor: "amd" },
          count: 4,
        },
      }),
      edge: pool(["edge-1"], { cpuMHz: 1000, memoryMiB: 512, diskMiB: 2000 }, { nodeMeta: { empty: "" } }),
      mig: pool(["mig-1"], {
        gpu: { model: "h100-80gb", count: 2, mig: { profile: "1g.10gb", count: 7, memoryMiB: 9984 } },
      }),
      spark: pool(
        ["spark-1", "spark-2"],
        { gpu: { model: "gb10-128gb", count: 1 } },
        { gpuDriver: { kind: "unmanaged", reason: "DGX OS brings the driver, and no plugin" } },
      ),
    },
  };
}

/** Clients like the machines of the fleet: Steppe's own configuration, on the loopback instead of the tailnet. */
export function clientsOf(fleet: Fleet): readonly ClientOptions[] {
  return Object.entries(fleet.pools).flatMap(([poolName, pool]) => {
    const { client } = clientConfig(fleet, poolName, "/var/lib") as { client: Record<string, unknown> };
    const { node_class, meta, host_volume, host_network, reserved } = client;
    const { cpuMHz, cores, memoryMiB, diskMiB } = pool.hardware;
    const gpu = reportsGpus(pool) ? deviceOf(pool.hardware) : undefined;
    return (pool.hosts ?? []).map((name) => ({
      name,
      nodePool: poolName,
      datacenter: "dc-east",
      drivers: pool.drivers ?? [],
      memoryTotalMiB: memoryMiB,
      ...(cores === undefined && { cpuTotalMHz: cpuMHz }),
      ...(gpu && {
        gpus: [{ name: gpu.model, count: gpu.count, attributes: { memory: `${gpu.memoryMiB} MiB` } }],
        gpuVendor: gpu.vendor ?? "nvidia",
      }),
      clientBlock: {
        ...(node_class !== undefined && { node_class }),
        ...(reserved !== undefined && { reserved }),
        meta,
        host_volume,
        host_network: { ...(host_network as object), tailscale: { cidr: "127.0.0.0/8" } },
        ...(diskMiB !== undefined && { disk_total_mb: diskMiB }),
      },
      agent: { region: "east" },
    }));
  });
}
