import { defineFleet } from "../../model/fleet";
import { validateFleet } from "../../model/validate";
import { ingressServices, iscsi, nfs, nodeExporter, rayServices } from "../../model/well-known";

const base = {
  name: "presets",
  tailnet: { domain: "tail0.ts.net" },
  backend: { kind: "local" },
  regions: { north: { site: "north", servers: { hosts: ["n-1"] }, authoritative: true } },
  pools: {
    general: { region: "north", site: "north", hosts: ["n-2"], hardware: { cpuMHz: 8000, memoryMiB: 65_536 } },
    gpu: { region: "north", site: "north", hosts: ["n-3"], hardware: { cpuMHz: 8000, memoryMiB: 65_536 } },
  },
} as const;

const lan = {
  platform: "onprem",
  networks: ["10.1.0.0/24"],
  hosts: { "n-1": { address: "10.1.0.11" }, "n-2": { address: "10.1.0.12" }, "n-3": { address: "10.1.0.13" } },
} as const;

describe("well-known services", () => {
  test("make a valid fleet, each in one line", () => {
    const fleet = defineFleet({
      ...base,
      sites: {
        north: {
          ...lan,
          lanHosts: {
            nas: { address: "10.1.0.5", routers: ["general"], services: { nfs: nfs("gpu"), iscsi: iscsi("general") } },
          },
        },
      },
      services: {
        ...rayServices({ head: "general", workers: ["gpu"], clients: ["operators", "group:ml@example.com"] }),
        ...ingressServices({ pools: ["general"], callers: ["autogroup:member"] }),
        "node-exporter": nodeExporter({ pools: ["general", "gpu"], callers: ["general"] }),
      },
    });
    expect(validateFleet(fleet)).toEqual([]);
    expect(fleet.services).toMatchObject({
      "ray-gcs": { port: 6379, pools: ["general"], callers: ["general", "gpu"] },
      "ray-dashboard": { port: 8265, callers: ["operators", "group:ml@example.com"] },
      "ray-client": { port: 10_001 },
      "ray-node": { port: "dynamic", pools: ["general", "gpu"], callers: ["general", "gpu"] },
      "ray-workers": { port: "10002-19999" },
      "ingress-https": { port: 443 },
      "node-exporter": { port: 9100 },
    });
  });

  test("take the worker ports that jobs use", () => {
    const services = rayServices({ head: "gpu", workers: ["gpu"], clients: [], workerPorts: "18000-18999" });
    expect(services["ray-workers"]).toEqual({ port: "18000-18999", pools: ["gpu"], callers: ["gpu"] });
  });

  test("name pools and callers of the fleet alone", () => {
    const sites = { north: lan };
    // @ts-expect-error no such pool
    defineFleet({ ...base, sites, services: { ...rayServices({ head: "web", workers: ["gpu"], clients: [] }) } });
    // @ts-expect-error no such caller
    defineFleet({ ...base, sites, services: { exporter: nodeExporter({ pools: ["gpu"], callers: ["web"] }) } });
    // @ts-expect-error no such pool
    defineFleet({ ...base, sites, services: { exporter: nodeExporter({ pools: ["web"], callers: ["gpu"] }) } });
    const nas = { address: "10.1.0.5", routers: ["gpu"], services: { nfs: nfs("web") } } as const;
    // @ts-expect-error no such caller
    const broken = defineFleet({ ...base, sites: { north: { ...lan, lanHosts: { nas } } } });
    expect(validateFleet(broken).map(({ path }) => path)).toEqual(["sites.north.lanHosts.nas.services.nfs.callers[0]"]);
  });
});
