import type { Job } from "../../../constructs/jobspec/job";
import { job, wrong } from "./job";

const constrained = (constraint: object) => job({ constraints: [constraint as never] });
const wished = (affinity: object) => job({ affinities: [{ attribute: "${node.class}", value: "a", ...affinity }] });
const spread = (changes: object) => job({ spreads: [{ attribute: "${node.class}", ...changes }] });
const device = (changes: object) => job({}, {}, { resources: { devices: [{ name: "nvidia/gpu", ...changes }] } });

/** Jobs that break a rule about constraints, affinities, spreads and devices. */
export const placement: Readonly<Record<string, Job>> = {
  "an unknown operator": constrained({ attribute: "${node.class}", operator: "like", value: "a" }),
  "a constraint without an attribute": constrained({ value: "a" }),
  "a constraint without a value": constrained({ attribute: "${node.class}" }),
  "a set without a value": constrained({ attribute: "${node.class}", operator: "set_contains_any", value: "" }),
  "is_set with a value": constrained({ attribute: "${node.class}", operator: "is_set", value: "a" }),
  "a broken regular expression": constrained({ attribute: "${node.class}", operator: "regexp", value: "*" }),
  "a broken regular expression with a group": constrained({
    attribute: "${node.class}",
    operator: "regexp",
    value: "(a",
  }),
  "a regular expression that looks ahead": constrained({
    attribute: "${node.class}",
    operator: "regexp",
    value: "^(?!lab-)",
  }),
  "a version that is none": constrained({ attribute: "${attr.nomad.version}", operator: "version", value: "new" }),
  "a semver constraint with ~>": constrained({
    attribute: "${attr.nomad.version}",
    operator: "semver",
    value: "~> 1.6",
  }),
  "a distinct property with count 0": constrained({
    attribute: "${meta.rack}",
    operator: "distinct_property",
    value: "0",
  }),
  "a distinct property with a reference for a count": constrained({
    attribute: "${meta.rack}",
    operator: "distinct_property",
    value: "${meta.count}",
  }),
  "a version of a reference": constrained({
    attribute: "${attr.nomad.version}",
    operator: "version",
    value: "${meta.least}",
  }),
  "a distinct property without an attribute": constrained({ operator: "distinct_property" }),
  "the node's region": constrained({ attribute: "${node.region}", value: "east" }),
  "a runtime variable as attribute": constrained({ attribute: "${NOMAD_DC}", value: "a" }),
  "an attribute without a closing brace": constrained({ attribute: "${node.class", value: "a" }),
  "an attribute without an opening brace": constrained({ attribute: "$node.class", value: "a" }),
  "a task-level distinct_hosts": job({}, {}, { constraints: [wrong({ operator: "distinct_hosts" })] }),
  "a group's constraint without a value": job({}, { constraints: [wrong({ attribute: "${node.class}" })] }),
  "an unknown operator of an affinity": wished({ operator: "is_set", value: "" }),
  "an affinity without an attribute": wished({ attribute: "" }),
  "an affinity without a value": wished({ value: "" }),
  "an affinity of weight 0": wished({ weight: 0 }),
  "an affinity of weight 101": wished({ weight: 101 }),
  "an affinity with a broken regular expression": wished({ operator: "regexp", value: "a{2,1}" }),
  "an affinity with a broken version": wished({ operator: "version", value: ">" }),
  "an affinity on a system job": job({ type: "system", affinities: [{ attribute: "${node.class}", value: "a" }] }),
  "an affinity of a task on a system job": job(
    { type: "system" },
    {},
    { affinities: [{ attribute: "${node.class}", value: "a" }] },
  ),
  "a spread on a system job": job({ type: "system", spreads: [{ attribute: "${node.class}" }] }),
  "a spread of a group on a system job": job({ type: "system" }, { spreads: [{ attribute: "${node.class}" }] }),
  "a spread without an attribute": spread({ attribute: "" }),
  "a spread of weight 0": spread({ weight: 0 }),
  "a spread above 100 percent": spread({ targets: { a: 60, b: 50 } }),
  "a spread with one value above 100 percent": spread({ targets: { a: 120 } }),
  "a device without a name": device({ name: "" }),
  "a negative number of devices": device({ count: -1 }),
  "half a device": device({ count: 1.5 }),
  "a device with distinct_hosts": device({ constraints: [{ operator: "distinct_hosts" }] }),
  "a device's constraint without a value": device({ constraints: [{ attribute: "${device.model}" }] }),
  "a device's affinity of weight 0": device({ affinities: [{ attribute: "${device.model}", value: "a", weight: 0 }] }),
};
