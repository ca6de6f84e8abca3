import type { Group } from "../../../constructs/jobspec/group";
import type { Job } from "../../../constructs/jobspec/job";
import type { ReasonKind, Verdict } from "../../../constructs/jobspec/placement/findings";
import { placeable } from "../../../constructs/jobspec/placement/placeable";
import type { Fleet } from "../../../model/types";
import { jobIn } from "./edge-jobs";
import { placementFleet } from "./fleet";

const fleet = placementFleet({ cpuMHz: 4000, cores: 2 });

/** How the only group of a job fares in the pool that it names. */
function own(job: Job, within: Fleet = fleet) {
  const found = placeable(job, within)[0]?.pools.find(({ pool }) => pool === job.nodePool);
  if (found === undefined) throw new Error(`no pool ${job.nodePool ?? ""}`);
  return found;
}

const withPort = (pool: string, port: object, group: Partial<Group> = {}) =>
  jobIn(pool, { ...group, network: { ports: { http: port } } });
const withDevice = (pool: string, device: object) =>
  jobIn(pool, {}, { resources: { devices: [{ name: "gpu", ...device }] } });
const withVolume = (pool: string, volume: object) =>
  jobIn(pool, { volumes: { v: { type: "host", source: "models", ...volume } as never } });
const constrained = (pool: string, attribute: string, operator: string, value?: string) =>
  jobIn(pool, { constraints: [{ attribute, operator, ...(value !== undefined && { value }) } as never] });
const csi = (source: string) =>
  jobIn("gpu", {
    volumes: { v: { type: "csi", source, accessMode: "single-node-writer", attachmentMode: "file-system" } },
  });

describe("placeable", () => {
  test.each<[string, Job, ReasonKind, string]>([
    [
      "a datacenter",
      jobIn("gpu", {}, {}, { datacenters: ["west"] }),
      "datacenter",
      "must match dc-east, where pool gpu is",
    ],
    [
      "an architecture",
      constrained("gpu", "${attr.cpu.arch}", "=", "riscv64"),
      "architecture",
      "cannot be met in pool gpu, where ${attr.cpu.arch} is",
    ],
    [
      "meta",
      constrained("edge", "${meta.rack}", "=", "r1"),
      "constraint",
      "cannot be met in pool edge, where ${meta.rack} is not set",
    ],
    [
      "a machine",
      constrained("web", "${node.unique.name}", "=", "web-9"),
      "constraint",
      "cannot be met in pool web, whose machines are web-1, web-2, web-3",
    ],
    ["a driver", jobIn("gpu", {}, { driver: "docker" }), "driver", "is not enabled in pool gpu"],
    ["a GPU", withDevice("web", {}), "device", "is not in pool web: its machines have no GPU"],
    [
      "a GPU's vendor",
      withDevice("amd", { name: "nvidia/gpu" }),
      "gpuModel",
      "must name the vendor of pool amd's GPUs, amd",
    ],
    ["a GPU's model", withDevice("l4", { name: "nvidia/gpu/Tesla T4" }), "gpuModel", "must name the model of pool l4"],
    [
      "a GPU's memory",
      withDevice("l4", { constraints: [{ attribute: "${device.attr.memory}", operator: ">=", value: "40 GiB" }] }),
      "gpuMemory",
      "cannot be met in pool l4: a NVIDIA L4 has 23034 MiB",
    ],
    ["slices", withDevice("mig", { count: 15 }), "gpuCount", "must be at most 14, the GPUs of a machine of pool mig"],
    [
      "a GPU that was cut",
      withDevice("mig", { name: "nvidia/gpu/NVIDIA H100 80GB HBM3" }),
      "gpuModel",
      "must name the model of pool mig, NVIDIA H100 80GB HBM3 MIG 1g.10gb",
    ],
    [
      "a device plugin",
      withDevice("spark", { count: 1 }),
      "device",
      "is not reported in pool spark: its machines run no device plugin",
    ],
    ["GPUs", withDevice("gpu", { count: 3 }), "gpuCount", "must be at most 2, the GPUs of a machine of pool gpu"],
    ["a host network", withPort("edge", { hostNetwork: "lan" }), "hostNetwork", "must be a host network of pool edge"],
    ["a port", withPort("l4", { static: 8001 }), "staticPort", "is reserved on the machines of pool l4"],
    ["a host volume", withVolume("edge", {}), "hostVolume", "must be a host volume of pool edge"],
    ["a volume to write to", withVolume("gpu", {}), "hostVolume", "must be true: pool gpu offers models read-only"],
    [
      "a sticky volume",
      withVolume("gpu", { source: "scratch", sticky: true }),
      "hostVolume",
      "must not be true: scratch of pool gpu is the same directory on every machine, no dynamic volume",
    ],
    [
      "cores",
      jobIn("whole", {}, { resources: { cores: 3 } }),
      "cores",
      "must fit the 2 cores of a machine of pool whole",
    ],
    [
      "CPU",
      jobIn("edge", {}, { resources: { cpu: "1001MHz" } }),
      "cpu",
      "must fit the 1000 MHz of a machine of pool edge",
    ],
    [
      "memory",
      jobIn("l4", {}, { resources: { memory: "1793MiB" } }),
      "memory",
      "must fit the 1792 MiB of a machine of pool l4",
    ],
    [
      "disk",
      jobIn("edge", { ephemeralDisk: { size: "2001MiB" } }),
      "disk",
      "must fit the 2000 MiB of a machine of pool edge",
    ],
  ])("says what is missing: %s", (_name, job, kind, rule) => {
    const { verdict, reasons } = own(job);
    expect(verdict).toBe("no");
    expect(reasons[0]?.kind).toBe(kind);
    expect(reasons[0]?.rule).toContain(rule);
  });

  test.each<[string, Job, string, number]>([
    ["a static port", withPort("web", { static: 80, hostNetwork: "lan" }, { count: 4 }), "staticPort", 3],
    ["distinct hosts", jobIn("web", { count: 5, constraints: [{ operator: "distinct_hosts" }] }), "distinctHosts", 3],
    [
      "a distinct property",
      jobIn("web", {
        count: 3,
        constraints: [{ operator: "distinct_property", attribute: "${meta.rack}", value: "2" }],
      }),
      "distinctProperty",
      2,
    ],
    ["GPUs", jobIn("gpu", { count: 5 }, { resources: { devices: [{ name: "gpu" }] } }), "deviceRoom", 4],
    ["memory", jobIn("web", { count: 9 }, { resources: { memory: "500MiB" } }), "memory", 6],
  ])("says that only some fit: %s", (_name, job, check, room) => {
    expect(own(job)).toMatchObject({ verdict: "some", room, reasons: [{ check, path: expect.any(String) as string }] });
  });

  test.each<[string, Job, string]>([
    [
      "an attribute",
      constrained("gpu", "${attr.os.name}", "=", "debian"),
      "${attr.os.name} on the machines of pool gpu",
    ],
    ["a bridge", jobIn("gpu", { network: { mode: "bridge" } }), "the CNI plugins for bridge networks"],
    ["a CNI network", jobIn("gpu", { network: { mode: "cni/mine" } }), "the CNI network mine"],
    ["a volume per allocation", withVolume("gpu", { perAlloc: true }), "whether pool gpu has a free volume models"],
    ["a sticky volume", withVolume("gpu", { source: "x", sticky: true }), "whether pool gpu has a free volume x"],
    ["a CSI volume", csi("x"), "which plugin serves CSI volume x"],
    ["another device", withDevice("gpu", { name: "fpga" }), "whether pool gpu has devices of type fpga"],
    [
      "a device's clock",
      withDevice("gpu", { constraints: [{ attribute: "${device.attr.cores_clock}", operator: ">", value: "1 GHz" }] }),
      "${device.attr.cores_clock} of the GPUs of pool gpu",
    ],
    ["Vault", jobIn("gpu", { vault: {} }), "whether Vault is in reach of pool gpu"],
    ["cores", jobIn("gpu", {}, { resources: { cores: 1 } }), "how many cores a machine of pool gpu has"],
    [
      "a second address",
      withPort("edge", { static: 80 }, { count: 2 }),
      "whether port 80 is free again on another address",
    ],
    [
      "Terraform's value",
      constrained("gpu", "${meta.rack}", "=", "${TfToken[TOKEN.1]}"),
      "${meta.rack} on the machines",
    ],
  ])("says what it cannot know: %s", (_name, job, unknown) => {
    const { verdict, doubts } = own(job);
    expect(verdict).toBe("perhaps");
    expect(doubts.map((doubt) => doubt.unknown).join("; ")).toContain(unknown);
  });

  test("fails other pools at their name, and lists all reasons in Nomad's order", () => {
    const job = jobIn(
      "gpu",
      { constraints: [{ attribute: "${meta.rack}", value: "r1" }] },
      { resources: { memory: "1GiB" } },
    );
    const [web] = placeable(job, fleet);
    expect(web?.pools.map(({ pool, verdict }) => [pool, verdict])).toEqual([
      ["gpu", "yes"],
      ["l4", "no"],
      ["web", "no"],
      ["whole", "no"],
      ["amd", "no"],
      ["edge", "no"],
      ["mig", "no"],
      ["spark", "no"],
    ]);
    expect(web?.pools[5]?.reasons.map(({ check }) => check)).toEqual(["nodePool", "constraint", "memory"]);
  });

  test("takes the job's constraints before drivers, and the group's after them", () => {
    const constraints = [{ attribute: "${meta.rack}", value: "r1" }] as const;
    const job = jobIn("edge", { constraints }, { driver: "docker" }, { constraints });
    expect(own(job).reasons.map(({ check }) => check)).toEqual(["jobConstraint", "driver", "constraint"]);
  });

  test("adds the memory for secrets", () => {
    const verdict = (memory: string) => own(jobIn("edge", {}, { resources: { memory, secrets: "10MiB" } })).verdict;
    expect([verdict("502MiB"), verdict("503MiB")]).toEqual(["yes", "no"]);
  });

  test("knows no pools of other regions", () => {
    expect(placeable(jobIn("gpu", {}, {}, { region: "west" }), fleet)[0]?.pools).toEqual([]);
  });

  test("asks for the pools' own facts: CSI plugins, dynamic volumes, driver plugins", () => {
    const { gpu } = fleet.pools;
    const pools = {
      gpu: {
        ...gpu,
        csiPlugins: ["nfs"],
        dynamicHostVolumes: ["dyn"],
        driverPlugins: ["containerd-driver"],
      } as Fleet["pools"][string],
    };
    const more: Fleet = { ...fleet, pools, csiVolumes: { a: { plugin: "nfs" }, b: { plugin: "ebs" } } };
    const verdict = (job: Job): Verdict => own(job, more).verdict;
    expect(verdict(csi("a"))).toBe("yes");
    expect(own(csi("b"), more).reasons[0]).toMatchObject({ kind: "csiVolume", got: "b" });
    expect(verdict(csi("c"))).toBe("perhaps");
    expect(verdict(withVolume("gpu", { source: "dyn" }))).toBe("perhaps");
    expect(verdict(jobIn("gpu", {}, { driver: "containerd-driver" }))).toBe("yes");
    expect(verdict(constrained("gpu", "${attr.driver.containerd-driver}", "is_set"))).toBe("yes");
  });

  test("does not know what a machine with unified memory reports", () => {
    const pools = {
      amd: {
        ...fleet.pools["amd"],
        hardware: { cpuMHz: 4000, memoryMiB: 4096, gpu: { model: "gb10-128gb", count: 1 } },
      },
    };
    const spark = { ...fleet, pools } as Fleet;
    expect(own(withDevice("amd", {}), spark).verdict).toBe("perhaps");
    expect(own(withDevice("amd", { count: 2 }), spark).verdict).toBe("no");
  });

  test("leaves out retired machines and pools", () => {
    const copy = structuredClone(fleet) as { -readonly [K in keyof Fleet]: Fleet[K] };
    (copy.sites["lan"] as { hosts: Record<string, object> }).hosts["edge-1"] = {
      address: "10.0.0.19",
      retired: { reason: "old" },
    };
    expect(own(jobIn("edge"), copy).reasons[0]).toMatchObject({ kind: "machines", rule: "has no machine in service" });
    const retired = { ...fleet, pools: { edge: { ...fleet.pools["edge"], retired: { reason: "old" } } } } as Fleet;
    expect(own(jobIn("edge"), retired).reasons[0]).toMatchObject({ kind: "nodePool", rule: "is retired" });
  });

  test("counts tasks that run one after the other once", () => {
    const task = (memory: string, lifecycle?: object) => ({
      driver: "raw_exec",
      config: { command: "/bin/true" },
      resources: { memory, cpu: "100MHz" },
      ...(lifecycle && { lifecycle }),
    });
    const verdict = (...tasks: object[]) =>
      own(jobIn("edge", { tasks: Object.fromEntries(tasks.map((each, index) => [`t${index}`, each])) as never }))
        .verdict;
    expect(verdict(task("400MiB"), task("400MiB", { hook: "prestart" }), task("400MiB", { hook: "poststop" }))).toBe(
      "yes",
    );
    expect(verdict(task("400MiB"), task("200MiB", { hook: "prestart", sidecar: true }))).toBe("no");
    expect(verdict(task("400MiB"), task("200MiB", { hook: "poststart" }))).toBe("no");
    expect(verdict(task("200MiB"), task("513MiB", { hook: "prestart" }))).toBe("no");
  });

  test("does not know which of two groups stays without a place", () => {
    const group = (memory: string): Group => ({
      tasks: { t: { driver: "raw_exec", config: { command: "/bin/true" }, resources: { memory: memory as "1MiB" } } },
    });
    const two = (a: string, b: string) =>
      placeable({ id: "two", nodePool: "edge", groups: { a: group(a), b: group(b) } }, fleet).map(
        ({ pools }) => pools.find(({ pool }) => pool === "edge")?.verdict,
      );
    expect(two("256MiB", "256MiB")).toEqual(["yes", "yes"]);
    expect(two("256MiB", "257MiB")).toEqual(["perhaps", "perhaps"]);
    expect(two("600MiB", "257MiB")).toEqual(["no", "yes"]);
  });

  test("does not trust a group without a network beside one whose network is not there", () => {
    const { groups } = withPort("edge", { hostNetwork: "lan" });
    const { web } = jobIn("edge").groups;
    const both = placeable({ id: "two", nodePool: "edge", groups: { ...groups, other: web as Group } }, fleet);
    expect(both.map(({ pools }) => pools[5]?.verdict)).toEqual(["no", "perhaps"]);
  });
});
