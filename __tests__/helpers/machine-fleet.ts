import { defineFleet } from "../../model/fleet";
import type { OnPremSite } from "../../model/types";

/** The host that offers storage, and the one that uses it: machines with a kernel of their own. */
export const STORE = "store-1";
export const WORK = "work-1";
export const SERVER = "east-1";
export const DOMAIN = "lab.internal";

const lan = (network: string, hosts: Readonly<Record<string, string>>): OnPremSite<never> => ({
  platform: "onprem",
  networks: [network],
  hosts: Object.fromEntries(Object.entries(hosts).map(([name, address]) => [name, { address }])),
  dataDirectory: "/srv/data",
  install: { kind: "image" },
});

/** One region, whose server is a container, and two pools of one host each. */
export const fleet = defineFleet({
  name: "lab-machines",
  tailnet: {
    domain: DOMAIN,
    controlServer: "http://10.61.0.1:8080",
    dialect: "headscale",
    tagOwners: ["lab@"],
  },
  backend: { kind: "local" },
  versions: { nomad: "1.11.3", tailscale: "1.98.10" },
  sites: {
    "dc-east": lan("10.61.1.0/24", { [SERVER]: "10.61.1.11", [WORK]: "10.61.1.21" }),
    hall: lan("10.61.2.0/24", { [STORE]: "10.61.2.21" }),
  },
  regions: { east: { site: "dc-east", servers: { hosts: [SERVER] }, authoritative: true } },
  pools: {
    storage: {
      region: "east",
      site: "hall",
      hosts: [STORE],
      hardware: { cpuMHz: 1000, memoryMiB: 768 },
      drivers: ["raw_exec", "exec"],
      drainSeconds: 20,
    },
    work: {
      region: "east",
      site: "dc-east",
      hosts: [WORK],
      hardware: { cpuMHz: 1000, memoryMiB: 768 },
      drivers: ["raw_exec", "exec"],
      drainSeconds: 20,
    },
  },
  services: {
    nfs: { port: 2049, pools: ["storage"], callers: ["work"] },
    iscsi: { port: 3260, pools: ["storage"], callers: ["work"] },
  },
});

/** What runs: nothing. */
export const workloads = {};
