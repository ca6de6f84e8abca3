import { type Change, inFleet, inJobs } from "../types";

/** What adds and takes machines, and what they cost. */
export const CAPACITY: readonly Change[] = [
  {
    name: "half of a cloud pool",
    kind: "risky",
    edits: [inFleet('count: 2,\n      machineType: "g6e.12xlarge"', 'count: 1,\n      machineType: "g6e.12xlarge"')],
    must: ["capacity/reduced"],
    may: ["cost/"],
  },
  {
    name: "a pool twice as large",
    kind: "harmless",
    edits: [inFleet('count: 2,\n      machineType: "g6e.12xlarge"', 'count: 4,\n      machineType: "g6e.12xlarge"')],
    must: ["capacity/grown", "cost/changed"],
    may: ["cost/changed"],
  },
  {
    name: "a machine vanishes from its pool and site",
    kind: "risky",
    edits: [
      inFleet('hosts: ["fra-gpu-1", "fra-gpu-2"]', 'hosts: ["fra-gpu-1"]'),
      inFleet(
        '        "fra-gpu-2": {\n          address: "10.20.1.12",\n          hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk3w0vpR0Yb5l1m5Jw6Zb2mYcJYH8pV5e0l3o9d1a05",\n        },\n',
        "",
      ),
      inFleet("machines: 2, mode", "machines: 1, mode"),
    ],
    must: ["removal/machine", "capacity/reduced", "data/volume-destroyed"],
    may: ["jobs/scaled-down"],
    blocks: true,
  },
  {
    name: "a machine is retired",
    kind: "risky",
    edits: [inFleet('"fra-gpu-2": {\n', '"fra-gpu-2": {\n          retired: { reason: "sold" },\n')],
    must: ["capacity/reduced"],
    may: ["removal/", "data/", "jobs/scaled-down"],
  },
  {
    name: "a pool goes",
    kind: "risky",
    edits: [
      {
        ...inFleet('    "t4-spot": {\n', '    "t4-spot": {\n      retired: { reason: "nobody uses it" },\n'),
      },
    ],
    must: ["capacity/pool-removed|capacity/reduced"],
    may: ["removal/", "reachability/", "cost/", "identity/"],
  },
  {
    name: "GPUs of a pool vanish under a job",
    kind: "risky",
    edits: [inFleet('gpu: { model: "h100-80gb", count: 8 }', 'gpu: { model: "h100-80gb", count: 4 }')],
    refused: /gpu/i,
  },
  {
    name: "a spot pool becomes one on demand",
    kind: "disguised",
    edits: [inFleet('      alternativeTypes: ["g6.4xlarge"],\n      spot: true,\n      onDemandBase: 1,\n', "")],
    must: ["cost/on-demand"],
    may: ["cost/changed"],
  },
  {
    name: "more machines on demand in a spot pool",
    kind: "disguised",
    edits: [inFleet("onDemandBase: 1", "onDemandBase: 4")],
    must: ["cost/on-demand"],
    may: ["cost/changed"],
  },
  {
    name: "a larger machine type",
    kind: "risky",
    edits: [inFleet('machineType: "m7g.2xlarge"', 'machineType: "m7g.4xlarge"')],
    must: ["cost/changed"],
    may: ["cost/changed", "capacity/grown"],
  },
  {
    name: "one more machine of a kind for which nobody asked",
    kind: "harmless",
    edits: [inFleet('count: 3,\n      machineType: "n1-standard-8"', 'count: 4,\n      machineType: "n1-standard-8"')],
    must: ["capacity/grown"],
    may: ["cost/changed"],
  },
  {
    name: "an edge machine vanishes with its pool and site",
    kind: "risky",
    edits: [
      inFleet(
        '    workshop: {\n      platform: "onprem",\n      networks: ["192.168.1.0/24"],\n      ssh: { user: "steppe" },\n      hosts: {\n        "edge-spark": {\n          address: "192.168.1.20",\n          hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk3w0vpR0Yb5l1m5Jw6Zb2mYcJYH8pV5e0l3o9d1a06",\n        },\n      },\n    },\n',
        "",
      ),
      inFleet(
        '    edge: {\n      region: "eu-onprem",\n      site: "workshop",\n      hosts: ["edge-spark"],\n      description: "One GB10 with unified memory",\n      hardware: { architecture: "arm64", cpuMHz: 60_000, memoryMiB: 122_880, gpu: { model: "gb10-128gb", count: 1 } },\n      gpuDriver: {\n        kind: "unmanaged",\n        devicePlugin: "nomad-device-nvidia",\n        reason: "DGX OS brings driver and runtime; the plugin is built from a commit that knows the GB10",\n      },\n      edge: { toleratedDisconnectSeconds: 3600 },\n    },\n',
        "",
      ),
      inFleet('nfs("h100", "edge")', 'nfs("h100")'),
      inFleet('pools: ["h100", "edge"] } },', 'pools: ["h100"] } },'),
      inFleet('callers: ["edge", "group:research", "operators"]', 'callers: ["group:research", "operators"]'),
      inFleet('pools: ["h100", "edge"], callers', 'pools: ["h100"], callers'),
    ],
    must: ["removal/machine|removal/stack", "capacity/pool-removed"],
    may: ["removal/", "reachability/closed", "jobs/", "identity/"],
    blocks: true,
  },
  {
    name: "another instance type will do as well",
    kind: "harmless",
    edits: [inFleet('alternativeTypes: ["g6.4xlarge"]', 'alternativeTypes: ["g6.4xlarge", "g6.8xlarge"]')],
    may: ["cost/changed"],
  },
  {
    name: "a job moves to a pool with fewer GPUs than it has copies",
    kind: "risky",
    edits: [inJobs('nodePool: "l4-spot"', 'nodePool: "a100"')],
    refused: /./,
  },
];
