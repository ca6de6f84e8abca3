import { NomadJob } from "../../../constructs/nomad/job";
import { smallFleet, spoil } from "../../helpers/fleet";
import type { Json } from "../../../review/json";
import { commitOf, found, stackOf } from "./fleets";

const resources = (resource: Json, more: Json = {}) => stackOf({ resource, ...more });
const role = { name: "a", assume_role_policy: "{}", description: "x" };

test("the same thing under another address, also where a few arguments differ", () => {
  const after = resources({ aws_iam_role: { b: { ...role, description: "y" } } });
  expect(found(resources({ aws_iam_role: { a: role } }), after)).toEqual(["blocking ids/renamed aws_iam_role.a"]);
});

test("two things of one type with names of their own", () => {
  const after = resources({ aws_iam_role: { b: { ...role, name: "b" } } });
  expect(found(resources({ aws_iam_role: { a: role } }), after, "ids")).toEqual([]);
});

test("a moved block is honoured", () => {
  const moved = [{ from: "aws_iam_role.a", to: "aws_iam_role.b" }];
  expect(found(resources({ aws_iam_role: { a: role } }), resources({ aws_iam_role: { b: role } }, { moved }))).toEqual(
    [],
  );
});

test("many resources of a construct are one finding, whatever they read of each other", () => {
  const stack = (id: string) =>
    resources({
      aws_ebs_volume: { [`${id}_data`]: { size: 1, availability_zone: "z", tags: { Name: "data" } } },
      aws_instance: { [`${id}_machine`]: { ami: "a", tags: { Name: "machine" } } },
      aws_volume_attachment: {
        [`${id}_a`]: {
          device_name: "/dev/sdf",
          instance_id: `\${aws_instance.${id}_machine.id}`,
          volume_id: `\${aws_ebs_volume.${id}_data.id}`,
        },
      },
    });
  expect(found(stack("old"), stack("new"))).toEqual(["blocking ids/renamed s"]);
});

test("what reads other things and has no name is not the same for that alone", () => {
  const policy = (name: string, to: string) => ({
    [name]: { group_id: `\${aws_security_group.${name}.id}`, cidr: to, port: 1, protocol: "tcp" },
  });
  expect(
    found(resources({ aws_rule: policy("a", "10.0.0.0/8") }), resources({ aws_rule: policy("b", "0.0.0.0/0") }), "ids"),
  ).toEqual(["blocking ids/renamed aws_rule.a"]);
  expect(
    found(
      resources({ aws_rule: { a: { x: 1, y: 2, z: 3 } } }),
      resources({ aws_rule: { b: { x: 1, y: 3, z: 4 } } }),
      "ids",
    ),
  ).toEqual([]);
});

test("what holds nothing may be made anew", () => {
  const stack = (id: string) => resources({ terraform_data: { [id]: { input: "x" } } });
  expect(found(stack("a"), stack("b"))).toEqual([]);
});

test("a stack by another name", () => {
  const document = { resource: { aws_s3_bucket: { b: { bucket: "b" } }, aws_iam_role: { a: role } } };
  expect(found(stackOf(document, "old"), stackOf(document, "new"))).toEqual(["blocking ids/renamed old"]);
  const other = { resource: { aws_iam_role: { c: role } } };
  expect(found(stackOf(document, "old"), stackOf(other, "new"), "ids")).toEqual([]);
});

describe("a fleet", () => {
  test("by another name", () => {
    expect(
      found(commitOf(smallFleet()), commitOf({ ...smallFleet(), name: "other" }), "ids", "removal", "data"),
    ).toEqual(["blocking ids/renamed name"]);
  });

  test("with a pool by another name", () => {
    const after = smallFleet();
    after.pools["gpus"] = after.pools["gpu"]!;
    delete after.pools["gpu"];
    after.services = {};
    const before = commitOf({ ...smallFleet(), services: {} });
    expect(found(before, commitOf(after), "ids", "removal", "data")).toEqual(["blocking ids/renamed pools.gpu"]);
  });

  test("with a description that changes", () => {
    expect(found(commitOf(smallFleet()), commitOf(spoil(smallFleet(), "pools.gpu.description", "new")), "ids")).toEqual(
      [],
    );
  });

  test("with a job by another id, or in another construct", () => {
    const running = (construct: string, id: string) =>
      commitOf(smallFleet(), {
        north: (scope) => {
          const tasks = { web: { driver: "exec", config: { command: "/bin/web" } } } as const;
          new NomadJob(scope, construct, {
            fleet: smallFleet(),
            region: "north",
            job: { id, nodePool: "gpu", groups: { web: { tasks } } },
          });
        },
      });
    const lines = (construct: string, id: string) =>
      found(running("Web", "web"), running(construct, id), "ids", "jobs").map((line) => line.split(".")[0]);
    expect(lines("Web", "web2")).toEqual(["warning ids/renamed nomad_job"]);
    expect(lines("Site", "web")).toEqual(["blocking ids/renamed nomad_job"]);
    expect(lines("Site", "web2")).toEqual(["warning jobs/removed nomad_job", "notice jobs/created nomad_job"]);
  });
});
