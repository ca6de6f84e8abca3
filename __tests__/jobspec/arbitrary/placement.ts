import * as fc from "fast-check";
import type {
  Affinity,
  AffinityOperator,
  Constraint,
  DeviceAffinity,
  DeviceConstraint,
  Spread,
  TaskConstraint,
} from "../../../constructs/jobspec/placement";
import {
  attr,
  device,
  type DeviceAttribute,
  meta,
  node,
  type NodeAttribute,
} from "../../../constructs/jobspec/references";
import type { Device, Resources } from "../../../constructs/jobspec/resources";
import { few, frequency, name, one, size, some, word } from "./values";

const attribute: fc.Arbitrary<NodeAttribute> = fc.oneof(
  one(
    attr.kernel.name,
    attr.cpu.arch,
    attr.cpu.numcores,
    attr.memory.totalbytes,
    attr.nomad.version,
    node.class,
    node.uniqueName,
  ),
  name.map((key) => meta(key)),
  name.map((key) => attr.driver(key)),
);
const deviceAttribute: fc.Arbitrary<DeviceAttribute> = one(
  device.attr.memory,
  device.model,
  device.vendor,
  device.attr.power,
);

const values: Readonly<Record<AffinityOperator, fc.Arbitrary<string>>> = {
  "=": word,
  "!=": word,
  ">": fc.nat().map(String),
  ">=": fc.nat().map(String),
  "<": fc.nat().map(String),
  "<=": fc.nat().map(String),
  regexp: one("a.*", "^gpu-[0-9]+$", "(a|b)", "x{2}"),
  set_contains: word,
  set_contains_all: one("a", "a,b"),
  set_contains_any: one("a", "a,b"),
  version: one(">= 1.6", "1.2.3", ">= 1.0, < 2.0", "~> 1.2"),
  semver: one(">= 1.6.0", "1.2.3"),
};
const operator = one(...(Object.keys(values) as AffinityOperator[]));

const comparison = <A extends string>(of: fc.Arbitrary<A>) =>
  fc.oneof(
    operator.chain((chosen) => fc.record({ attribute: of, operator: fc.constant(chosen), value: values[chosen] })),
    fc.record({ attribute: of, value: word }),
  );
const presence = <A extends string>(of: fc.Arbitrary<A>) =>
  fc.record({ attribute: of, operator: one("is_set", "is_not_set") });
const wish = <A extends string>(of: fc.Arbitrary<A>) =>
  fc
    .record({ wanted: comparison(of), weight: fc.option(fc.integer({ min: -100, max: 100 }), { nil: undefined }) })
    .map(({ wanted, weight }) => ({ ...wanted, ...(weight === undefined || weight === 0 ? {} : { weight }) }));

export const taskConstraint: fc.Arbitrary<TaskConstraint> = fc.oneof(comparison(attribute), presence(attribute));
export const constraint: fc.Arbitrary<Constraint> = fc.oneof(
  { weight: 5, arbitrary: taskConstraint },
  { weight: 1, arbitrary: fc.constant({ operator: "distinct_hosts" } as const) },
  {
    weight: 1,
    arbitrary: fc.record({ operator: fc.constant("distinct_hosts" as const), value: one("true", "false") }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ operator: fc.constant("distinct_property" as const), attribute, value: one("1", "2") }),
  },
);
export const affinity: fc.Arbitrary<Affinity> = wish(attribute);
export const spread: fc.Arbitrary<Spread> = some<Spread>(
  {
    attribute,
    weight: fc.integer({ min: 1, max: 100 }),
    targets: fc.dictionary(word, fc.integer({ min: 0, max: 33 }), { maxKeys: 3, noNullPrototype: true }),
  },
  "attribute",
);

const deviceConstraint: fc.Arbitrary<DeviceConstraint> = fc.oneof(
  comparison(deviceAttribute),
  presence(deviceAttribute),
);
const deviceAffinity: fc.Arbitrary<DeviceAffinity> = wish(deviceAttribute);
const gpu: fc.Arbitrary<Device> = some<Device>(
  {
    name: one("gpu", "nvidia/gpu", "nvidia/gpu/NVIDIA L4"),
    count: fc.integer({ min: 1, max: 8 }),
    constraints: few(deviceConstraint),
    affinities: few(deviceAffinity),
  },
  "name",
);

export const resources: fc.Arbitrary<Resources> = fc
  .record({
    share: fc.oneof(
      some<{ cpu?: Resources["cpu"] }>({ cpu: frequency }),
      fc.record({ cores: fc.integer({ min: 1, max: 64 }) }),
    ),
    rest: some<Omit<Resources, "cpu" | "cores">>({
      memory: size(10, 2048),
      memoryMax: fc.oneof(fc.constant("unlimited" as const), size(2048, 9000)),
      secrets: size(1, 10),
      devices: few(gpu),
    }),
  })
  .map(({ share, rest }) => ({ ...rest, ...share }) as Resources);
