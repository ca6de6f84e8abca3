import * as fc from "fast-check";
import type { Group } from "../../../constructs/jobspec/group";
import type { Job } from "../../../constructs/jobspec/job";
import type { Network, Port } from "../../../constructs/jobspec/network";
import type { Constraint, TaskConstraint } from "../../../constructs/jobspec/placement";
import type { Device } from "../../../constructs/jobspec/resources";
import { mebibytes, megahertz } from "../../../constructs/jobspec/size";
import type { Task } from "../../../constructs/jobspec/task";
import type { Volume } from "../../../constructs/jobspec/volume";

/** There in one of so many: most jobs have few wishes, so that many have a place. */
function sometimes<T>(arbitrary: fc.Arbitrary<T>, oneIn = 4): fc.Arbitrary<T | undefined> {
  return fc.oneof({ arbitrary, weight: 1 }, { arbitrary: fc.constant(undefined), weight: oneIn - 1 });
}

/** Something usual, or in one of so many something else. */
function oneOfMany<T>(usual: readonly T[], other: readonly T[], oneIn: number): fc.Arbitrary<T> {
  return fc.oneof(
    { arbitrary: fc.constantFrom(...usual), weight: oneIn - 1 },
    { arbitrary: fc.constantFrom(...other), weight: 1 },
  );
}

function withoutUnset<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}

const attributes = [
  "${meta.rack}",
  "${meta.size}",
  "${meta.list}",
  "${meta.version}",
  "${meta.empty}",
  "${meta.missing}",
  "${meta.steppe.pool}",
  "${node.class}",
  "${node.pool}",
  "${node.datacenter}",
  "${node.unique.name}",
  "${attr.cpu.arch}",
  "${attr.kernel.name}",
  "${attr.nomad.version}",
  "${attr.driver.exec}",
  "${attr.driver.docker}",
] as const;
const texts = [
  "r1",
  "r2",
  "9",
  "10",
  "9.5",
  "+9",
  "0009",
  "a,b",
  "b",
  "c, a",
  "hgx",
  "web",
  "gpu",
  "dc-east",
  "web-2",
  "gpu-1",
  "web-1, web-3",
  "amd64",
  "arm64",
  "linux",
  "1",
  "1.11.3",
  "${meta.size}",
  "${meta.missing}",
  "${node.class}",
];
const patterns = ["^r[12]$", "1", "(?i)^HGX$", "^web-[13]$", "gpu|web", "^$", "\\d+\\.\\d+", "[^a-z]", "east$"];
const versions = [">= 1.0", "< 2.0", "~> 1.2", "1.2.3", "!= 1.2.3", ">= 1.11, < 2", ">= 2.0.0-alpha", "> 1.2.3-beta1"];
const semvers = versions.filter((text) => !text.startsWith("~>"));

const compared = fc
  .constantFrom("=", "!=", "<", "<=", ">", ">=", "set_contains", "set_contains_all", "set_contains_any")
  .chain((operator) => fc.constantFrom(...texts).map((value) => ({ operator, value })));
const test = fc.oneof(
  { arbitrary: compared, weight: 6 },
  { arbitrary: fc.constantFrom(...patterns).map((value) => ({ operator: "regexp" as const, value })), weight: 2 },
  { arbitrary: fc.constantFrom(...versions).map((value) => ({ operator: "version" as const, value })), weight: 1 },
  { arbitrary: fc.constantFrom(...semvers).map((value) => ({ operator: "semver" as const, value })), weight: 1 },
  { arbitrary: fc.constantFrom({ operator: "is_set" as const }, { operator: "is_not_set" as const }), weight: 2 },
);
const taskConstraint: fc.Arbitrary<TaskConstraint> = fc
  .tuple(fc.constantFrom(...attributes), test)
  .map(([attribute, rest]) => ({ attribute, ...rest }));
const distinct: fc.Arbitrary<Constraint> = fc.oneof(
  fc.constantFrom<Constraint>({ operator: "distinct_hosts" }, { operator: "distinct_hosts", value: "false" }),
  fc
    .tuple(
      fc.constantFrom("${meta.rack}", "${node.unique.name}", "${node.datacenter}", "${meta.missing}", "${node.class}"),
      fc.constantFrom("1", "2", "3"),
    )
    .map(([attribute, value]): Constraint => ({ operator: "distinct_property", attribute: attribute as never, value })),
);
const constraints = fc.array(fc.oneof({ arbitrary: taskConstraint, weight: 4 }, { arbitrary: distinct, weight: 1 }), {
  minLength: 1,
  maxLength: 2,
});

const deviceNames = [
  "gpu",
  "gpu",
  "nvidia/gpu",
  "nvidia/gpu",
  "amd/gpu",
  "nvidia/gpu/NVIDIA H100 80GB HBM3",
  "nvidia/gpu/NVIDIA L4",
  "amd/gpu/Instinct MI300X",
];
const deviceConstraint = fc.constantFrom(
  ...(
    [
      [">=", "40 GiB"],
      [">=", "81559 MiB"],
      [">", "81559 MiB"],
      ["<", "24GB"],
      ["<=", "23034MiB"],
      ["=", "23034 MiB"],
      ["!=", "23034 MiB"],
      [">=", "40000"],
      ["!=", "much"],
      [">", "79.5 GiB"],
      [">", "1 GHz"],
    ] as const
  ).map(([operator, value]) => ({ attribute: "${device.attr.memory}" as const, operator, value })),
  { attribute: "${device.attr.memory}" as const, operator: "is_set" as const },
  { attribute: "${device.model}" as const, value: "NVIDIA L4" },
  { attribute: "${device.model}" as const, operator: "regexp" as const, value: "H100|MI300" },
  { attribute: "${device.vendor}" as const, operator: "!=" as const, value: "amd" },
  { attribute: "${device.model}" as const, operator: "set_contains_any" as const, value: "NVIDIA L4,Instinct MI300X" },
);
const device: fc.Arbitrary<Device> = fc
  .record({
    name: fc.constantFrom(...deviceNames),
    count: sometimes(fc.integer({ min: 1, max: 4 }), 2),
    constraints: sometimes(fc.array(deviceConstraint, { minLength: 1, maxLength: 2 }), 3),
  })
  .map((value) => withoutUnset(value) as Device);

const task: fc.Arbitrary<Task> = fc
  .record({
    driver: oneOfMany(["raw_exec"], ["exec", "docker"], 12),
    memory: oneOfMany([32, 64, 100, 256], [300, 512, 513, 1024, 1792, 1793, 2048, 4096, 4097], 3),
    cpu: oneOfMany([50, 100, 200], [500, 999, 1000, 1001, 2000, 3500, 3501, 6000, 12_000], 3),
    cores: sometimes(fc.integer({ min: 1, max: 3 }), 24),
    secrets: sometimes(fc.constantFrom(1, 16), 8),
    devices: sometimes(fc.array(device, { minLength: 1, maxLength: 2 }), 6),
    constraints: sometimes(fc.array(taskConstraint, { minLength: 1, maxLength: 1 }), 8),
    lifecycle: fc.constant(undefined),
  })
  .map(({ driver, memory, cpu, cores, secrets, devices, constraints, lifecycle }) => {
    const resources = {
      memory: mebibytes(memory),
      ...(cores === undefined ? { cpu: megahertz(cpu) } : { cores }),
      ...(secrets !== undefined && { secrets: mebibytes(secrets) }),
      ...(devices !== undefined && { devices }),
    };
    const config = driver === "docker" ? { image: "a" } : { command: "/bin/true" };
    return withoutUnset({ driver, config, resources, constraints, lifecycle }) as unknown as Task;
  });
const extraTask = fc
  .tuple(
    task,
    fc.constantFrom(
      undefined,
      { hook: "prestart" as const },
      { hook: "prestart" as const, sidecar: true },
      { hook: "poststart" as const, sidecar: true },
      { hook: "poststop" as const },
    ),
  )
  .map(([options, lifecycle]) => withoutUnset({ ...options, lifecycle }));

const port: fc.Arbitrary<Port> = fc
  .record({
    static: sometimes(fc.constantFrom(22, 80, 8001, 9000, 25_000), 3),
    hostNetwork: sometimes(fc.constantFrom("lan", "wide", "tailscale", "default", "nowhere", "${meta.net}"), 3),
    ignoreCollision: fc.constant(undefined),
  })
  .map((value) => withoutUnset(value) as Port);
const network = fc.record({ http: port, debug: sometimes(port, 4) }).map(({ http, debug }): Network => {
  // One number twice is refused before placement.
  const same = debug?.static !== undefined && debug.static === http.static;
  return { ports: debug === undefined || same ? { http } : { http, debug } };
});

const volume: fc.Arbitrary<Volume> = fc
  .record({ source: fc.constantFrom("models", "models", "scratch", "scratch", "nowhere"), readOnly: fc.boolean() })
  .map((options) => ({ type: "host", ...options }));

const group: fc.Arbitrary<Group> = fc
  .record({
    count: sometimes(fc.integer({ min: 1, max: 5 }), 2),
    main: task,
    extra: sometimes(extraTask, 4),
    network: sometimes(network, 3),
    volume: sometimes(volume, 8),
    constraints: sometimes(constraints, 4),
    disk: sometimes(fc.constantFrom(250, 2000, 2001, 7000, 7001, 8000, 8001), 5),
  })
  .map(
    ({ count, main, extra, network: net, volume: mounted, constraints: rules, disk }) =>
      withoutUnset({
        count,
        tasks: extra === undefined ? { main } : { main, extra },
        network: net,
        volumes: mounted === undefined ? undefined : { data: mounted },
        constraints: rules,
        ephemeralDisk: disk === undefined ? undefined : { size: mebibytes(disk) },
      }) as Group,
  );

/** A job in a pool: where the pool has no raw_exec, with exec in its place. */
export function inPool(job: Job, nodePool: string, drivers: readonly string[]): Job {
  const driven = (task: Task): Task =>
    task.driver === "raw_exec" && !drivers.includes("raw_exec") ? ({ ...task, driver: "exec" } as Task) : task;
  const groups = Object.entries(job.groups).map(([name, group]) => [
    name,
    { ...group, tasks: Object.fromEntries(Object.entries(group.tasks).map(([key, task]) => [key, driven(task)])) },
  ]);
  return { ...job, nodePool, groups: Object.fromEntries(groups) as Job["groups"] };
}

/** Jobs with a bit of everything that placement looks at; the pool is chosen by who uses them. */
export const arbitraryJob: fc.Arbitrary<Job> = fc
  .record({
    type: fc.constantFrom("service" as const, "service" as const, "batch" as const, "system" as const),
    datacenters: sometimes(
      oneOfMany([["*"], ["dc-east"], ["dc-*"], ["west", "*east*"]], [["west"], ["DC-EAST"], ["dc.east"]], 4),
      4,
    ),
    constraints: sometimes(constraints, 6),
    web: group,
    second: sometimes(group, 5),
  })
  .map(({ type, datacenters, constraints: rules, web, second }) => {
    const only = (each: Group): Group => (type === "system" ? { ...each, count: 1 } : each);
    const groups = second === undefined ? { web: only(web) } : { web: only(web), second: only(second) };
    return withoutUnset({ id: "case", type, region: "east", datacenters, constraints: rules, groups }) as Job;
  });
