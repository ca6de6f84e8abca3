import type { Job } from "../../../constructs/jobspec/job";
import type { Affinity, AffinityOperator, Constraint, TaskConstraint } from "../../../constructs/jobspec/placement";
import {
  attr,
  device,
  meta,
  node,
  type DeviceAttribute,
  type NodeAttribute,
} from "../../../constructs/jobspec/references";
import { batch, small } from "./build";

/** A comparison that Nomad accepts for each operator. */
const comparisons: Readonly<Record<AffinityOperator, { readonly attribute: NodeAttribute; readonly value: string }>> = {
  "=": { attribute: attr.kernel.name, value: "linux" },
  "!=": { attribute: node.class, value: "spot" },
  ">": { attribute: attr.cpu.numcores, value: "3" },
  ">=": { attribute: attr.memory.totalbytes, value: "8589934592" },
  "<": { attribute: attr.cpu.reservablecores, value: "257" },
  "<=": { attribute: meta("generation"), value: "9" },
  regexp: { attribute: node.uniqueName, value: "^gpu-[0-9]{1,3}(\\.lan)?$" },
  set_contains: { attribute: attr.os.signals, value: "SIGHUP" },
  set_contains_all: { attribute: attr.os.signals, value: "SIGHUP,SIGTERM" },
  set_contains_any: { attribute: meta("zones"), value: "a,b" },
  version: { attribute: attr.nomad.version, value: ">= 1.6, < 3.0" },
  semver: { attribute: attr.cniPlugin("bridge"), value: ">= 1.0.0" },
};
const operators = Object.keys(comparisons) as AffinityOperator[];

/** Constraints and affinities of each operator, on the job, the group or the task. */
const byOperator = operators.flatMap((operator, index): Job[] => {
  const constraint: TaskConstraint = { ...comparisons[operator], operator };
  const affinity: Affinity = { ...comparisons[operator], operator, weight: index % 2 === 0 ? 10 + index : -index };
  const name = operator.replace(
    /[<>=!]+/,
    (text) => ({ "=": "eq", "!=": "ne", ">": "gt", ">=": "ge", "<": "lt" })[text] ?? "le",
  );
  return [
    small(`constraint-${name}`, {
      [(["job", "group", "task"] as const)[index % 3] ?? "job"]: { constraints: [constraint] },
    }),
    small(`affinity-${name}`, {
      [(["task", "job", "group"] as const)[index % 3] ?? "job"]: { affinities: [affinity] },
    }),
  ];
});

/** Every text in a tree of them. */
function leaves<T extends string>(tree: unknown): T[] {
  if (typeof tree === "string") return [tree as T];
  return typeof tree === "object" && tree !== null ? Object.values(tree).flatMap((inner) => leaves<T>(inner)) : [];
}

/** One job per family of attributes; each names all of them. */
const byAttribute = Object.entries({ ...attr, node }).flatMap(([family, tree]): Job[] => {
  const attributes = leaves<NodeAttribute>(tree);
  if (attributes.length === 0) return [];
  const constraints = attributes.map((attribute, index): Constraint => {
    return { attribute, operator: index % 2 === 0 ? "is_set" : "is_not_set" };
  });
  return [small(`attributes-${family}`, { job: { constraints } })];
});

const deviceValues: Readonly<Record<AffinityOperator, string>> = {
  "=": "NVIDIA L4",
  "!=": "550.54",
  ">": "100 W",
  ">=": "40 GiB",
  "<": "2 GHz",
  "<=": "16384 MiB/s",
  regexp: "H[12]00",
  set_contains: "GPU-1",
  set_contains_all: "GPU-1,GPU-2",
  set_contains_any: "GPU-3,GPU-4",
  version: ">= 535",
  semver: ">= 1.0.0",
};
const deviceAttributes = leaves<DeviceAttribute>(device);

const deviceJobs: readonly Job[] = [
  batch("device-plain", { task: { resources: { devices: [{ name: "gpu" }] } } }),
  batch("device-twice", {
    task: {
      resources: {
        cores: 2,
        memory: "16GiB",
        devices: [
          {
            name: "nvidia/gpu",
            count: 2,
            constraints: [{ attribute: device.attr.memory, operator: ">=", value: "40 GiB" }],
          },
          { name: "nvidia/gpu", count: 1 },
          { name: "nvidia/gpu/NVIDIA H100 80GB HBM3" },
        ],
      },
    },
  }),
  batch("device-presence", {
    task: {
      resources: {
        devices: [
          {
            name: "nvidia/gpu",
            constraints: [
              ...deviceAttributes.map((attribute) => ({ attribute, operator: "is_set" }) as const),
              { attribute: device.custom("ecc"), operator: "is_not_set" },
            ],
          },
        ],
      },
    },
  }),
  ...operators.map((operator, index) => {
    const attribute = deviceAttributes[index % deviceAttributes.length] ?? device.model;
    const value = deviceValues[operator];
    return batch(`device-operator-${index + 1}`, {
      task: {
        resources: {
          devices: [
            {
              name: "nvidia/gpu",
              constraints: [{ attribute, operator, value }],
              affinities: [{ attribute, operator, value, weight: index - 6 || 75 }],
            },
          ],
        },
      },
    });
  }),
];

export const placementJobs: readonly Job[] = [
  ...byOperator,
  ...byAttribute,
  ...deviceJobs,
  small("constraint-default-operator", {
    job: { constraints: [{ attribute: attr.driver("docker"), value: "1" }] },
    task: { constraints: [{ attribute: attr.custom("driver.docker.volumes.enabled"), value: "true" }] },
  }),
  small("distinct-hosts", { job: { constraints: [{ operator: "distinct_hosts" }] }, group: { count: 3 } }),
  small("distinct-hosts-off", {
    job: { constraints: [{ operator: "distinct_hosts", value: "true" }] },
    group: { constraints: [{ operator: "distinct_hosts", value: "false" }] },
  }),
  small("distinct-property", {
    job: { constraints: [{ operator: "distinct_property", attribute: meta("rack") }] },
    group: { count: 4, constraints: [{ operator: "distinct_property", attribute: node.datacenter, value: "2" }] },
  }),
  small("affinity-default", { job: { affinities: [{ attribute: meta("rack"), value: "r1" }] } }),
  small("affinity-bounds", {
    group: {
      affinities: [
        { attribute: meta("rack"), value: "r1", weight: 100 },
        { attribute: meta("rack"), value: "r2", weight: -100 },
      ],
    },
  }),
  small("spread-even", { job: { spreads: [{ attribute: node.datacenter }] }, group: { count: 2 } }),
  small("spread-targets", {
    job: { spreads: [{ attribute: node.uniqueName, weight: 100, targets: { "rack-1": 60, "rack 2": 40 } }] },
    group: { spreads: [{ attribute: meta("rack"), weight: 1, targets: { "1": 50, b: 0 } }] },
  }),
  small("spread-half", { group: { spreads: [{ attribute: node.class, weight: 30, targets: { gpu: 50 } }] } }),
];
