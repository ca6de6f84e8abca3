import { formatProblem } from "../../constructs/core/problems";
import { jobFitsFleet } from "../../constructs/jobspec/fleet-fit";
import type { Job } from "../../constructs/jobspec/job";
import type { Fleet } from "../../model/types";
import { job } from "./refused";

const fleet: Fleet = {
  name: "test",
  tailnet: { domain: "tail.example" },
  backend: { kind: "local" },
  sites: { lan: { platform: "onprem", networks: ["192.168.1.0/24"], hosts: { a: { address: "192.168.1.2" } } } },
  regions: {
    east: { site: "lan", servers: { hosts: ["a"] }, authoritative: true },
    west: { site: "lan", servers: { hosts: ["a"] } },
  },
  pools: {
    gpu: {
      region: "east",
      site: "lan",
      hardware: { cpuMHz: 10_000, memoryMiB: 65_536, gpu: { model: "h100-80gb", count: 2 } },
      drivers: ["docker", "exec"],
      hostVolumes: { models: { path: "/models", readOnly: true } },
      nodeMeta: { rack: "r1" },
    },
    edge: { region: "west", site: "lan", hardware: { architecture: "arm64", cpuMHz: 4000, memoryMiB: 4096 }, edge: {} },
  },
  services: {
    web: { port: 8080, pools: ["gpu"], callers: ["operators"] },
    api: { port: "dynamic", pools: ["gpu"], callers: ["operators"] },
  },
  namespaces: { ai: { enabledTaskDrivers: ["docker"] } },
};

const fits = (changes: Partial<Job>, group: object = {}, task: object = {}) =>
  jobFitsFleet(job({ region: "east", nodePool: "gpu", ...changes }, group, task), fleet).map(formatProblem);
const withDevice = (device: object) => fits({}, {}, { resources: { devices: [{ name: "nvidia/gpu", ...device }] } });

describe("jobFitsFleet", () => {
  test("accepts what the fleet has", () => {
    const group = {
      network: { ports: { http: { static: 8080 }, rpc: {} } },
      services: [
        { name: "web", port: "http" },
        { name: "api", port: "rpc" },
      ],
      volumes: { models: { type: "host", source: "models", readOnly: true } },
      constraints: [{ attribute: "${meta.rack}", value: "r1" }],
    };
    const devices = [
      {
        name: "nvidia/gpu",
        count: 2,
        constraints: [{ attribute: "${device.attr.memory}", operator: ">=", value: "70 GiB" }],
      },
    ];
    expect(fits({}, group, { resources: { devices } })).toEqual([]);
  });

  test("takes the pool of all nodes, as long as one pool can run it", () => {
    const system = { type: "system", nodePool: "all" } as const;
    expect(fits(system)).toEqual([]);
    expect(fits(system, {}, { driver: "java", config: { jarPath: "local/a.jar" } })).toEqual([
      "groups.web: has no place in any pool of the region: gpu lacks driver java; ask for less, or add a pool that has it",
    ]);
    expect(fits(system, { network: { ports: { http: {} } }, services: [{ name: "web", port: "http" }] })).toEqual([
      'groups.web.services.0.port: must be the fleet\'s port 8080 of web, got "dynamic"; set static: 8080 on the port',
    ]);
  });

  test.each<[string, Partial<Job>, string]>([
    ["no pool", { nodePool: undefined }, "nodePool: must name the pool that runs the job; use one of: gpu"],
    ["an unknown pool", { nodePool: "gpus" }, 'nodePool: must be a pool of the fleet, got "gpus"; use one of: gpu'],
    [
      "a pool elsewhere",
      { nodePool: "edge" },
      'nodePool: must be in region east, but is in west, got "edge"; use one of: gpu',
    ],
    [
      "an unknown region",
      { region: "north" },
      'region: must be a region of the fleet, got "north"; use one of: east, west',
    ],
    [
      "an unknown namespace",
      { namespace: "ml" },
      'namespace: must be a namespace of the fleet, got "ml"; add `ml: {}` to the fleet\'s namespaces',
    ],
    [
      "a driver the namespace refuses",
      { namespace: "ai" },
      'groups.web.tasks.web.driver: is not enabled in namespace ai, got "exec"; use one of: docker',
    ],
    [
      "another datacenter",
      { datacenters: ["west-*"] },
      'datacenters: must match east, where pool gpu is, got ["west-*"]; leave it out',
    ],
    [
      "another architecture",
      { constraints: [{ attribute: "${attr.cpu.arch}", value: "arm64" }] },
      'constraints.0: cannot be met in pool gpu, where ${attr.cpu.arch} is amd64, got "arm64"; change it, or use another pool',
    ],
  ])("refuses %s", (_name, changes, expected) => {
    expect(fits(changes)).toContain(expected);
  });

  test("refuses a driver that the pool lacks", () => {
    expect(fits({}, {}, { driver: "java", config: {} })).toEqual([
      'groups.web.tasks.web.driver: is not enabled in pool gpu, got "java"; use one of: docker, exec',
    ]);
  });

  test("refuses more GPUs, another model and more memory than a machine has", () => {
    expect(withDevice({ count: 3 })).toEqual([expect.stringContaining("devices.0.count: must be at most 2")]);
    expect(withDevice({ name: "nvidia/gpu/Tesla T4" })).toEqual([expect.stringContaining("NVIDIA H100 80GB HBM3")]);
    expect(
      withDevice({ constraints: [{ attribute: "${device.attr.memory}", operator: ">=", value: "96 GiB" }] }),
    ).toEqual([expect.stringContaining("a NVIDIA H100 80GB HBM3 has 81559 MiB")]);
    expect(
      fits(
        { region: "west", nodePool: "edge" },
        { disconnect: { lostAfter: "1h" } },
        { resources: { devices: [{ name: "gpu" }] } },
      ),
    ).toEqual([expect.stringContaining("its machines have no GPU")]);
  });

  test("refuses more memory and CPU than a machine has", () => {
    expect(fits({}, {}, { resources: { memory: "70000MiB", cpu: "20000MHz" } })).toEqual([
      'groups.web: must fit the 10000 MHz of a machine of pool gpu, which also lacks memory (70000 of 65536 MiB), got "20000 MHz"; lower cpu, or use a larger pool',
    ]);
  });

  test("names the pools that can run it, else the one that comes closest", () => {
    const big = { region: "east", site: "lan", drivers: ["docker", "java"] } as const;
    const pools: Fleet["pools"] = {
      ...fleet.pools,
      big: { ...big, hardware: { cpuMHz: 40_000, memoryMiB: 131_072 } },
      bigger: { ...big, hardware: { cpuMHz: 80_000, memoryMiB: 262_144 }, nodeMeta: { rack: "r9" } },
    };
    const within = (task: object, group: object = {}) =>
      jobFitsFleet(job({ region: "east", nodePool: "gpu" }, group, task), { ...fleet, pools }).map(formatProblem);
    const java = { driver: "java", config: { jarPath: "a.jar" } };
    expect(within({ ...java, resources: { memory: "100000MiB" } })).toEqual([
      'groups.web.tasks.web.driver: is not enabled in pool gpu, which also lacks memory (100000 of 65536 MiB), got "java"; use one of: docker, exec; or run it in big or bigger',
    ]);
    expect(within({ ...java, resources: { memory: "300000MiB" } })).toEqual([
      'groups.web.tasks.web.driver: is not enabled in pool gpu, which also lacks memory (300000 of 65536 MiB); closest is pool big, which lacks memory (300000 of 131072 MiB), got "java"; use one of: docker, exec',
    ]);
    const constraints = [{ attribute: "${meta.rack}", value: "r2" }];
    expect(within({ ...java, resources: { memory: "1GiB" } }, { constraints })).toEqual([
      'groups.web.tasks.web.driver: is not enabled in pool gpu, which also lacks ${meta.rack} = r2; closest is pool big, which lacks ${meta.rack} = r2, got "java"; use one of: docker, exec',
    ]);
  });

  test("says once what is wrong with the job, and names able pools only where none is named", () => {
    const { web } = job().groups;
    expect(fits({ datacenters: ["west"], groups: { a: web, b: web } as never })).toEqual([
      'datacenters: must match east, where pool gpu is, got ["west"]; leave it out',
    ]);
    expect(fits({ nodePool: undefined }, {}, { driver: "docker", config: { image: "a" } })).toEqual([
      "nodePool: must name the pool that runs the job; use one of: gpu",
    ]);
  });

  test("lets a batch job wait for its turn, but no service", () => {
    const two = { ...fleet, pools: { gpu: { ...fleet.pools["gpu"], hosts: ["a"] } } } as Fleet;
    const asked = (type: "batch" | "service") =>
      jobFitsFleet(
        job({ region: "east", nodePool: "gpu", type }, { count: 9 }, { resources: { memory: "8GiB" } }),
        two,
      );
    expect(asked("batch")).toEqual([]);
    expect(asked("service").map(formatProblem)).toEqual([
      "groups.web.count: is more than fits pool gpu: its machines have 65536 MiB, each allocation takes 8192; lower count or memory, or add machines",
    ]);
  });

  test("warns of groups that fit one by one, but not together", () => {
    const one = { ...fleet, pools: { gpu: { ...fleet.pools["gpu"], hosts: ["a"] } } } as Fleet;
    const half = job({}, {}, { resources: { memory: "40GiB" } }).groups["web"];
    const two = job({ region: "east", nodePool: "gpu", groups: { a: half, b: half } as never });
    expect(jobFitsFleet(two, one).map(formatProblem)).toEqual([
      "groups: take more memory together than pool gpu has; lower count or resources, or give each its own job and pool [no-room-together]",
    ]);
  });

  test("does not refuse what the fleet does not say, but warns of a port that would be on two addresses", () => {
    const one = { ...fleet, pools: { gpu: { ...fleet.pools["gpu"], hosts: ["a"] } } } as Fleet;
    const constraints = [{ attribute: "${attr.os.name}", value: "debian" }];
    expect(fits({}, { constraints, network: { mode: "bridge" } })).toEqual([]);
    const group = {
      count: 2,
      network: { ports: { http: { static: 8080 } } },
      services: [{ name: "web", port: "http" }],
    };
    expect(jobFitsFleet(job({ region: "east", nodePool: "gpu" }, group), one)).toEqual([
      expect.objectContaining({ path: "groups.web.network.ports.http.static", severity: "warning" }),
    ]);
  });

  test("refuses a host volume that the pool lacks or offers read-only", () => {
    expect(fits({}, { volumes: { d: { type: "host", source: "data" } } })).toEqual([
      'groups.web.volumes.d.source: must be a host volume of pool gpu, got "data"; use one of: models',
    ]);
    expect(fits({}, { volumes: { d: { type: "host", source: "models" } } })).toEqual([
      "groups.web.volumes.d.readOnly: must be true: pool gpu offers models read-only; add readOnly: true",
    ]);
  });

  test("prints the line that declares a service", () => {
    const group = { network: { ports: { http: { static: 9090 } } }, services: [{ name: "my-app", port: "http" }] };
    expect(fits({}, group)).toEqual([
      'groups.web.services.0.name: must be declared by the fleet, else nothing can reach it, got "my-app"; add `"my-app": { port: 9090, pools: ["gpu"], callers: ["operators"] }` to the fleet\'s services',
    ]);
  });

  test("refuses a service on another port than declared, and a static port that nobody declared", () => {
    const group = {
      network: { ports: { http: {}, debug: { static: 6060 } } },
      services: [{ name: "web", port: "http" }],
    };
    expect(fits({}, group)).toEqual([
      'groups.web.services.0.port: must be the fleet\'s port 8080 of web, got "dynamic"; set static: 8080 on the port',
      'groups.web.network.ports.debug.static: must be declared by the fleet, else nothing can reach it, got 6060; add `debug: { port: 6060, pools: ["gpu"], callers: ["operators"] }` to the fleet\'s services',
    ]);
  });

  test("warns of an edge pool without a disconnect block", () => {
    expect(fits({ region: "west", nodePool: "edge" })).toEqual([
      'groups.web.disconnect: should be set: pool edge is at the edge and loses contact; add disconnect: { lostAfter: "3600s" } [edge-disconnect]',
    ]);
  });
});
