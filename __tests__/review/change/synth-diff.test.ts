import { synthDiff } from "../../../review/change/synth-diff";
import type { Json } from "../../../review/json";

/** The changes between two documents, shortly. Shape: `["replace aws_instance.a (subnet_id)"]`. */
function diff(before: Json, after: Json): readonly string[] {
  const stack = (document: Json) => ({ name: "s", document, dependencies: [] });
  return synthDiff({ name: "s", before: stack(before), after: stack(after) }).map(
    ({ action, address, changed, replacedBy }) =>
      `${action} ${address}${changed.length + replacedBy.length === 0 ? "" : ` (${[...new Set([...changed, ...replacedBy])].join(", ")})`}`,
  );
}

const resources = (resource: Json, more: Json = {}): Json => ({ resource, ...more });
const subnet = (range: string) => ({ s: { vpc_id: "vpc-1", cidr_block: range } });
const instance = { a: { ami: "ami-1", subnet_id: "${aws_subnet.s.id}" } };
const attachment = { a: { instance_id: "${aws_instance.a.id}", volume_id: "vol-1", device_name: "/dev/sdf" } };

test("what reads an attribute of a replaced resource is replaced with it, step by step", () => {
  const stack = (range: string) =>
    resources({ aws_volume_attachment: attachment, aws_instance: instance, aws_subnet: subnet(range) });
  expect(diff(stack("10.0.0.0/24"), stack("10.0.1.0/24")).toSorted()).toEqual([
    "replace aws_instance.a (subnet_id)",
    "replace aws_subnet.s (cidr_block)",
    "replace aws_volume_attachment.a (instance_id)",
  ]);
});

test("what reads an argument that stays is left alone", () => {
  const stack = (path: string) =>
    resources({
      aws_iam_role: { r: { name: "a", path } },
      aws_iam_role_policy: { p: { role: "${aws_iam_role.r.name}", policy: "{}" } },
    });
  expect(diff(stack("/"), stack("/x/"))).toEqual(["replace aws_iam_role.r (path)"]);
});

test("an argument that forces nothing is updated", () => {
  const stack = (description: string) =>
    resources({
      aws_security_group: { g: { description } },
      aws_instance: { a: { vpc_security_group_ids: ["${aws_security_group.g.id}"] } },
    });
  expect(diff(stack("a"), stack("b"))).toEqual([
    "replace aws_security_group.g (description)",
    "update aws_instance.a (vpc_security_group_ids)",
  ]);
});

test("replace_triggered_by replaces, for the attribute that it names alone", () => {
  const stack = (size: number, trigger: string) =>
    resources({
      aws_ebs_volume: { v: { size, type: "gp3" } },
      terraform_data: { t: { input: "x", lifecycle: { replace_triggered_by: [trigger] } } },
    });
  expect(diff(stack(1, "aws_ebs_volume.v"), stack(2, "aws_ebs_volume.v"))).toEqual([
    "update aws_ebs_volume.v (size)",
    "replace terraform_data.t (lifecycle.replace_triggered_by)",
  ]);
  expect(diff(stack(1, "aws_ebs_volume.v.type"), stack(2, "aws_ebs_volume.v.type"))).toEqual([
    "update aws_ebs_volume.v (size)",
  ]);
});

test("a local that changes, also by way of another, changes what reads it", () => {
  const stack = (text: string) =>
    resources(
      { aws_launch_template: { t: { user_data: "${base64gzip(local.b)}" } } },
      { locals: { a: text, b: "${local.a}!" } },
    );
  expect(diff(stack("x"), stack("x"))).toEqual([]);
  expect(diff(stack("x"), stack("y"))).toContain("update aws_launch_template.t (user_data)");
});

test("ignored arguments are ignored however their path is spelled", () => {
  const stack = (image: string, script: string) =>
    resources({
      google_compute_instance: {
        a: {
          boot_disk: { initialize_params: { image } },
          metadata: { "startup-script": script },
          lifecycle: { ignore_changes: ["boot_disk[0].initialize_params", 'metadata["startup-script"]'] },
        },
      },
    });
  expect(diff(stack("a", "a"), stack("b", "b"))).toEqual([]);
});

test("a resource that moves takes those that read it along", () => {
  const attached = (address: string) => ({ a: { ...attachment.a, instance_id: `\${${address}.id}` } });
  const before = resources({ aws_instance: instance, aws_volume_attachment: attached("aws_instance.a") });
  const after = resources(
    { aws_instance: { b: instance.a }, aws_volume_attachment: attached("aws_instance.b") },
    { moved: [{ from: "aws_instance.a", to: "aws_instance.b" }] },
  );
  expect(diff(before, after)).toEqual(["move aws_instance.b"]);
  expect(diff(before, { resource: after["resource"] })).toEqual([
    "create aws_instance.b",
    "replace aws_volume_attachment.a (instance_id)",
    "delete aws_instance.a",
  ]);
});

test("what an import block names is taken over, not made", () => {
  const bucket = { aws_s3_bucket: { b: { bucket: "b" } } };
  expect(diff({}, resources(bucket, { import: [{ to: "aws_s3_bucket.b", id: "b" }] }))).toEqual([
    "import aws_s3_bucket.b",
  ]);
});

test.each([null, 7, [], { resource: 7 }, { resource: { a: { b: null } }, locals: [], moved: [null], import: "x" }])(
  "odd documents are no harm: %j",
  (odd) => {
    expect(diff(odd as unknown as Json, odd as unknown as Json)).toEqual([]);
  },
);
