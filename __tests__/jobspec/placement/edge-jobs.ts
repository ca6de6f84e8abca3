import type { Group } from "../../../constructs/jobspec/group";
import type { Job } from "../../../constructs/jobspec/job";
import type { Constraint } from "../../../constructs/jobspec/placement";
import type { Device } from "../../../constructs/jobspec/resources";
import type { Task } from "../../../constructs/jobspec/task";

/** A small job for a pool of the placement fleet. */
export function jobIn(pool: string, group: Partial<Group> = {}, task: object = {}, job: Partial<Job> = {}): Job {
  const driver = pool === "web" ? "exec" : "raw_exec";
  const main = { driver, config: { command: "/bin/true" }, ...task } as Task;
  const { resources } = task as { resources?: object };
  const small = { cpu: "100MHz", memory: "32MiB", ...resources };
  if ("cores" in small) Reflect.deleteProperty(small, "cpu");
  return {
    id: "edge",
    region: "east",
    nodePool: pool,
    groups: { web: { tasks: { main: { ...main, resources: small } as Task }, ...group } },
    ...job,
  };
}

const constrained = (pool: string, ...constraints: readonly Constraint[]) => jobIn(pool, { constraints });
const device = (pool: string, ...devices: readonly Device[]) => jobIn(pool, {}, { resources: { devices } });
const onPort = (pool: string, port: object, count = 1) => jobIn(pool, { count, network: { ports: { http: port } } });
const room = (pool: string, resources: object, group: Partial<Group> = {}) => jobIn(pool, group, { resources });

/** Tasks of so much memory, each in its place of the life of an allocation. */
function staged(...tasks: readonly (readonly [memory: number, lifecycle?: object])[]): Job {
  const all = tasks.map(([memory, lifecycle], index) => [
    `t${index}`,
    {
      driver: "raw_exec",
      config: { command: "/bin/true" },
      resources: { memory: `${memory}MiB`, cpu: "50MHz" },
      ...(lifecycle && { lifecycle }),
    },
  ]);
  return jobIn("edge", { tasks: Object.fromEntries(all) as Group["tasks"], ephemeralDisk: { size: "500MiB" } });
}

/** What patterns ask of a machine whose GPU Nomad does not know as a device. */
const byMeta: readonly Constraint[] = [
  { attribute: "${meta.gpu.model}", value: "NVIDIA GB10" },
  { attribute: "${meta.gpu.unified_memory_mb}", operator: ">=", value: "100000" },
  { operator: "distinct_hosts" },
];

/** The edges of what placement looks at. */
export const edgeJobs: Readonly<Record<string, Job>> = {
  "nothing special": jobIn("edge"),
  "all memory": room("edge", { memory: "512MiB" }),
  "one MiB more than there is": room("edge", { memory: "513MiB" }),
  "memory and secrets together are all there is": room("edge", { memory: "502MiB", secrets: "10MiB" }),
  "memory and secrets together are more": room("edge", { memory: "503MiB", secrets: "10MiB" }),
  "tasks before and after that take less": staged([500], [400, { hook: "prestart" }], [400, { hook: "poststop" }]),
  "a task before that takes more": staged([64], [513, { hook: "prestart" }]),
  "a task after that takes more": staged([64], [513, { hook: "poststop" }]),
  "a task after that fits": staged([64], [512, { hook: "poststop" }]),
  "a sidecar from the start": staged([256], [257, { hook: "prestart", sidecar: true }]),
  "a task after the start": staged([256], [257, { hook: "poststart" }]),
  "a sidecar and a task before": staged([64], [256, { hook: "prestart", sidecar: true }], [257, { hook: "prestart" }]),
  "a driver before a constraint of the group, after one of the job": jobIn(
    "edge",
    { constraints: [{ attribute: "${meta.rack}", value: "r1" }] },
    { driver: "docker", config: { image: "a" } },
  ),
  "all CPU": room("edge", { cpu: "1000MHz" }),
  "one MHz more than there is": room("edge", { cpu: "1001MHz" }),
  "all disk": jobIn("edge", { ephemeralDisk: { size: "2000MiB" } }),
  "more disk than there is": jobIn("edge", { ephemeralDisk: { size: "2001MiB" } }),
  "all that is not reserved": room("l4", { cpu: "3500MHz", memory: "1792MiB" }, { ephemeralDisk: { size: "7000MiB" } }),
  "CPU that is reserved": room("l4", { cpu: "3501MHz" }),
  "memory that is reserved": room("l4", { memory: "1793MiB" }),
  "disk that is reserved": jobIn("l4", { ephemeralDisk: { size: "7001MiB" } }),
  "a port that is reserved": onPort("l4", { static: 8001 }),
  "a port beside those reserved": onPort("l4", { static: 8003 }),
  "a port reserved, on another network": onPort("l4", { static: 22, hostNetwork: "wide" }),
  "one core": room("whole", { cores: 1 }),
  "as many as fit": room("edge", { memory: "128MiB" }, { count: 4, ephemeralDisk: { size: "110MiB" } }),
  "one more than fit": room("edge", { memory: "128MiB" }, { count: 5, ephemeralDisk: { size: "110MiB" } }),
  "many more than fit, as a batch": jobIn(
    "edge",
    { count: 50 },
    { resources: { memory: "128MiB" } },
    { type: "batch" },
  ),
  "two machines, four allocations that halve them": room("gpu", { memory: "2048MiB" }, { count: 4 }),
  "two machines, five allocations that halve them": room("gpu", { memory: "2048MiB" }, { count: 5 }),
  "a static port on each machine": onPort("web", { static: 80, hostNetwork: "lan" }, 3),
  "a static port on more than each machine": onPort("web", { static: 80, hostNetwork: "lan" }, 4),
  "a static port on three machines for seven": onPort("web", { static: 80 }, 7),
  "a shared static port": onPort("web", { static: 80, hostNetwork: "lan", ignoreCollision: true }, 4),
  "a host network that is not there": onPort("edge", { hostNetwork: "lan" }),
  "a host network by meta": onPort("gpu", { hostNetwork: "${meta.net}" }),
  "a host network by meta that names none": onPort("whole", { hostNetwork: "${meta.net}" }),
  "a host network by meta that is not set": onPort("edge", { hostNetwork: "${meta.net}" }),
  "a bridge": jobIn("edge", { network: { mode: "bridge" } }),
  "no network": jobIn("edge", { network: { mode: "none" } }),
  "a CNI network": jobIn("edge", { network: { mode: "cni/mine" } }),
  "distinct hosts, all of them": jobIn("web", { count: 3, constraints: [{ operator: "distinct_hosts" }] }),
  "distinct hosts, one too many": jobIn("web", { count: 4, constraints: [{ operator: "distinct_hosts" }] }),
  "distinct hosts switched off": jobIn("web", {
    count: 4,
    constraints: [{ operator: "distinct_hosts", value: "false" }],
  }),
  "distinct hosts for the job": jobIn("web", { count: 4 }, {}, { constraints: [{ operator: "distinct_hosts" }] }),
  "distinct racks in one rack": jobIn("web", {
    count: 2,
    constraints: [{ operator: "distinct_property", attribute: "${meta.rack}" }],
  }),
  "two in a rack": jobIn("web", {
    count: 2,
    constraints: [{ operator: "distinct_property", attribute: "${meta.rack}", value: "2" }],
  }),
  "two on each machine": jobIn("web", {
    count: 6,
    constraints: [{ operator: "distinct_property", attribute: "${node.unique.name}", value: "2" }],
  }),
  "more than two on each machine": jobIn("web", {
    count: 7,
    constraints: [{ operator: "distinct_property", attribute: "${node.unique.name}", value: "2" }],
  }),
  "a property that is not set": constrained("edge", { operator: "distinct_property", attribute: "${meta.rack}" }),
  "one machine of three by name": constrained("web", { attribute: "${node.unique.name}", value: "web-2" }),
  "one machine of three by name, twice with distinct hosts": jobIn("web", {
    count: 2,
    constraints: [{ attribute: "${node.unique.name}", value: "web-2" }, { operator: "distinct_hosts" }],
  }),
  "two machines of three by pattern": jobIn("web", {
    count: 2,
    constraints: [
      { attribute: "${node.unique.name}", operator: "regexp", value: "-[13]$" },
      { operator: "distinct_hosts" },
    ],
  }),
  "no machine by name": constrained("web", { attribute: "${node.unique.name}", value: "gpu-1" }),
  "machines of a list by set_contains": constrained("web", {
    attribute: "${node.unique.name}",
    operator: "set_contains",
    value: "web-1,web-2",
  }),
  "machines of a list by set_contains_any": constrained("web", {
    attribute: "${node.unique.name}",
    operator: "set_contains_any",
    value: "web-1, web-2",
  }),
  "a system job on one machine by name": jobIn(
    "web",
    { constraints: [{ attribute: "${node.unique.name}", value: "web-2" }] },
    {},
    { type: "system" },
  ),
  "a system job on no machine": jobIn(
    "web",
    { constraints: [{ attribute: "${node.unique.name}", value: "x" }] },
    {},
    { type: "system" },
  ),
  "a system job with distinct hosts": jobIn(
    "web",
    { constraints: [{ operator: "distinct_hosts" }] },
    {},
    { type: "system" },
  ),
  "a system job in distinct racks": jobIn(
    "web",
    { constraints: [{ operator: "distinct_property", attribute: "${meta.rack}" }] },
    {},
    { type: "system" },
  ),
  "no class is an empty class": constrained("edge", { attribute: "${node.class}", operator: "regexp", value: "^$" }),
  "no class is set": constrained("edge", { attribute: "${node.class}", operator: "is_set" }),
  "missing differs from a text": constrained("edge", { attribute: "${meta.rack}", operator: "!=", value: "r1" }),
  "missing does not differ from missing": constrained("edge", {
    attribute: "${meta.rack}",
    operator: "!=",
    value: "${meta.size}",
  }),
  "missing does not differ from empty": constrained("edge", {
    attribute: "${meta.rack}",
    operator: "!=",
    value: "${meta.empty}",
  }),
  "empty is set": constrained("edge", { attribute: "${meta.empty}", operator: "is_set" }),
  "meta of Steppe": constrained("edge", { attribute: "${meta.steppe.site}", value: "lan" }),
  "numbers compare as numbers": constrained("gpu", { attribute: "${meta.size}", operator: "<", value: "10" }),
  "a number and a word compare as text": constrained("gpu", { attribute: "${meta.size}", operator: "<", value: "10x" }),
  "an exponent is a number": constrained("web", { attribute: "${meta.size}", operator: ">=", value: "10" }),
  "leading zeros are numbers": constrained("whole", { attribute: "${meta.size}", operator: "<=", value: "9" }),
  "a bare version is at least itself": constrained("gpu", {
    attribute: "${meta.version}",
    operator: "version",
    value: "1.2.3",
  }),
  "a pre-release is no version above 1": constrained("l4", {
    attribute: "${meta.version}",
    operator: "version",
    value: "> 1.0",
  }),
  "a pre-release is semver above 1": constrained("l4", {
    attribute: "${meta.version}",
    operator: "semver",
    value: "> 1.0",
  }),
  "the version of nomad": constrained("gpu", {
    attribute: "${attr.nomad.version}",
    operator: "semver",
    value: ">= 1.11.3",
  }),
  "a driver as an attribute": constrained("l4", { attribute: "${attr.driver.exec}", value: "1" }),
  "no driver as an attribute": constrained("gpu", { attribute: "${attr.driver.exec}", operator: "is_not_set" }),
  "members with spaces": constrained("gpu", {
    attribute: "${meta.list}",
    operator: "set_contains_all",
    value: "c , b",
  }),
  "one attribute against another": constrained("gpu", {
    attribute: "${node.pool}",
    operator: "!=",
    value: "${node.class}",
  }),
  "no platform": constrained("gpu", { attribute: "${attr.platform.aws.instance-type}", operator: "is_not_set" }),
  "meta that Nomad adds": constrained("gpu", { attribute: "${meta.connect.log_level}", operator: "is_set" }),
  "both GPUs": device("gpu", { name: "nvidia/gpu", count: 2 }),
  "three GPUs of two": device("gpu", { name: "nvidia/gpu", count: 3 }),
  "both GPUs in two requests": device("gpu", { name: "gpu" }, { name: "nvidia/gpu" }),
  "three GPUs in two requests": device("gpu", { name: "gpu", count: 2 }, { name: "nvidia/gpu" }),
  "a GPU for each of four": jobIn("gpu", { count: 4 }, { resources: { devices: [{ name: "gpu" }] } }),
  "a GPU for each of five": jobIn("gpu", { count: 5 }, { resources: { devices: [{ name: "gpu" }] } }),
  "a GPU where there is none": device("web", { name: "gpu" }),
  "a GPU of another vendor": device("amd", { name: "nvidia/gpu" }),
  "a GPU of that vendor": device("amd", { name: "amd/gpu/Instinct MI300X", count: 4 }),
  "exactly the memory": device("gpu", {
    name: "gpu",
    constraints: [{ attribute: "${device.attr.memory}", operator: ">=", value: "81559 MiB" }],
  }),
  "memory without a unit": device("gpu", {
    name: "gpu",
    constraints: [{ attribute: "${device.attr.memory}", operator: ">=", value: "1" }],
  }),
  "memory in other units": device("amd", {
    name: "gpu",
    constraints: [{ attribute: "${device.attr.memory}", operator: ">", value: "206 GB" }],
  }),
  "memory that is no number": device("gpu", {
    name: "gpu",
    constraints: [{ attribute: "${device.attr.memory}", operator: "!=", value: "much" }],
  }),
  "all slices of a machine": device("mig", { name: "nvidia/gpu/NVIDIA H100 80GB HBM3 MIG 1g.10gb", count: 14 }),
  "more slices than a machine has": device("mig", { name: "nvidia/gpu", count: 15 }),
  "the GPU that was cut": device("mig", { name: "nvidia/gpu/NVIDIA H100 80GB HBM3" }),
  "the memory of a slice": device("mig", {
    name: "gpu",
    constraints: [{ attribute: "${device.attr.memory}", operator: ">=", value: "9984 MiB" }],
  }),
  "more memory than a slice has": device("mig", {
    name: "gpu",
    constraints: [{ attribute: "${device.attr.memory}", operator: ">=", value: "10 GiB" }],
  }),
  "a GPU that no plugin reports": device("spark", { name: "nvidia/gpu" }),
  "a GPU by meta, a machine each": jobIn("spark", { count: 2, constraints: byMeta }),
  "a GPU by meta, one more than machines": jobIn("spark", { count: 3, constraints: byMeta }),
  "another GPU by meta": constrained("spark", { attribute: "${meta.gpu.model}", value: "NVIDIA L4" }),
  "a volume": jobIn("gpu", { volumes: { m: { type: "host", source: "models", readOnly: true } } }),
  "a read-only volume to write to": jobIn("gpu", { volumes: { m: { type: "host", source: "models" } } }),
  "a volume that is not there": jobIn("edge", { volumes: { m: { type: "host", source: "models", readOnly: true } } }),
  "a volume per allocation": jobIn("gpu", { volumes: { m: { type: "host", source: "models", perAlloc: true } } }),
  "a sticky volume that is static": jobIn("gpu", { volumes: { m: { type: "host", source: "scratch", sticky: true } } }),
  "a sticky volume that is not there": jobIn("gpu", { volumes: { m: { type: "host", source: "x", sticky: true } } }),
  "a CSI volume": jobIn("gpu", {
    volumes: { m: { type: "csi", source: "x", accessMode: "single-node-writer", attachmentMode: "file-system" } },
  }),
  "another datacenter": jobIn("gpu", {}, {}, { datacenters: ["west"] }),
  "a datacenter by pattern": jobIn("gpu", {}, {}, { datacenters: ["w*", "*-ea*"] }),
  "another driver": jobIn("gpu", {}, { driver: "docker", config: { image: "a" } }),
  "a service in Nomad": jobIn("gpu", { network: { ports: { http: {} } }, services: [{ name: "a", port: "http" }] }),
  "a service in Consul": jobIn("gpu", {
    network: { ports: { http: {} } },
    services: [{ name: "a", port: "http", provider: "consul" }],
  }),
  "a signal": jobIn("gpu", {}, { killSignal: "SIGUSR1" }),
};
