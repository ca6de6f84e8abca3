import { reportOn } from "../../review/report/report";
import { readPlan } from "../../review/source/plan";
import type { Snapshot } from "../../review/source/snapshot";
import { planSubject, synthSubject } from "../../review/subject";
import fc from "../helpers/properties";

const TYPES = [
  ...["aws_instance", "aws_ebs_volume", "aws_autoscaling_group", "aws_s3_bucket", "aws_iam_role_policy"],
  ...[
    "aws_vpc_security_group_ingress_rule",
    "aws_security_group",
    "google_compute_firewall",
    "google_compute_instance",
  ],
  ...["nomad_job", "nomad_acl_policy", "nomad_csi_volume", "nomad_dynamic_host_volume", "nomad_namespace"],
  ...["tailscale_acl", "tailscale_federated_identity", "terraform_data", "__proto__", "constructor", "toString"],
];
const KEYS = [
  ...[
    "jobspec",
    "json",
    "rules_hcl",
    "acl",
    "policy",
    "ingress",
    "cidr_ipv4",
    "allow",
    "source_ranges",
    "tags",
    "input",
  ],
  ...[
    "assume_role_policy",
    "name",
    "lifecycle",
    "provisioner",
    "triggers_replace",
    "capability",
    "from_port",
    "to_port",
  ],
  ...["__proto__", "constructor", "desired_capacity", "mixed_instances_policy", "instance_type", "launch_template"],
];
const TEXTS = [
  "{",
  "[]",
  '{"ID":1,"TaskGroups":3}',
  '{"ID":"j","TaskGroups":[null,1,{"Tasks":1}]}',
  "${x}",
  "0.0.0.0/0",
  "{{",
];

const text = fc.oneof(fc.constantFrom(...TEXTS), fc.string({ maxLength: 20 }));
const value = fc.oneof({ depthSize: "small" }, fc.jsonValue({ maxDepth: 3 }), text, fc.constantFrom(null, true, 0, -1));
const attributes = fc.oneof(fc.dictionary(fc.constantFrom(...KEYS), value, { maxKeys: 8 }), value);
const resources = fc.dictionary(
  fc.constantFrom(...TYPES),
  fc.oneof(fc.dictionary(fc.constantFrom("a", "b", "__proto__"), attributes, { maxKeys: 3 }), value),
  { maxKeys: 6 },
);
const block = fc.oneof(
  fc.dictionary(fc.constantFrom("nomad", "aws", "external", "from", "to"), value),
  value,
  fc.array(value),
);
const document = fc.record(
  {
    resource: resources,
    provider: block,
    data: block,
    module: block,
    moved: block,
    removed: block,
    terraform: block,
    locals: block,
    output: block,
  },
  { requiredKeys: ["resource"] },
);
const snapshot: fc.Arbitrary<Snapshot> = fc.array(document, { minLength: 1, maxLength: 2 }).map((documents) => ({
  stacks: documents.map((one, at) => ({ name: `f-site-${at}`, document: one, dependencies: [] })),
}));

const change = fc.record({
  address: fc.oneof(fc.constantFrom(...TYPES.map((type) => `${type}.a`)), fc.string()),
  type: fc.oneof(fc.constantFrom(...TYPES), value),
  change: fc.record({
    actions: fc.constantFrom(["create"], ["delete"], ["update"], ["delete", "create"], ["no-op"], ["forget"], ["odd"]),
    before: attributes,
    after: attributes,
    after_unknown: value,
    replace_paths: value,
    importing: value,
  }),
});
const plan = fc.record(
  {
    format_version: fc.constant("1.2"),
    resource_changes: fc.array(change, { maxLength: 5 }),
    configuration: value,
    resource_drift: value,
  },
  { requiredKeys: ["format_version", "resource_changes"] },
);

test("a review of any two snapshots comes to an end without an exception", () => {
  fc.assert(
    fc.property(snapshot, snapshot, (base, head) => {
      expect(reportOn(synthSubject(base, head)).formatVersion).toBe("1.0");
    }),
    { numRuns: 300 },
  );
});

test("a review of any plan comes to an end without an exception", () => {
  fc.assert(
    fc.property(plan, (document) => {
      const read = readPlan("s", JSON.parse(JSON.stringify(document)));
      if ("plan" in read) reportOn(planSubject([read.plan]));
      expect("plan" in read || read.problems.length > 0).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("whatever is no plan is refused, with a reason", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (document) => {
      const read = readPlan("s", document);
      expect("problems" in read && read.problems.length > 0).toBe(true);
    }),
    { numRuns: 300 },
  );
});
