import { examineIdentity } from "../../../review/findings/identity";
import type { Json } from "../../../review/json";
import type { Fleet } from "../../../model/types";
import { awsFleet, type Mutable, smallFleet } from "../../helpers/fleet";
import { synthesizeFleet } from "../../helpers/synth";
import { synthSubject } from "../../../review/subject";
import { saidOf } from "./subjects";

const said = (type: string, before: Json | undefined, after: Json | undefined) =>
  saidOf(
    examineIdentity,
    { resources: before === undefined ? {} : { [type]: { It: before } } },
    { resources: after === undefined ? {} : { [type]: { It: after } } },
  );
const statement = (more: object) => ({
  Effect: "Allow",
  Action: ["s3:GetObject"],
  Resource: ["${aws_s3_bucket.b.arn}/*"],
  ...more,
});
const policy = (...statements: object[]) => ({
  role: "r",
  policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }),
});

describe("policies of AWS", () => {
  const before = policy(statement({}));

  test("with an action, a resource or a caller more are told with those", () => {
    expect(
      said("aws_iam_role_policy", before, policy(statement({ Action: ["s3:GetObject", "s3:PutObject"] }))),
    ).toEqual([
      "warning identity/iam-widened: aws_iam_role_policy.It newly gives s3:PutObject on ${aws_s3_bucket.b.arn}/*",
    ]);
    const trust = (service: string) => ({
      assume_role_policy: JSON.stringify({
        Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: service } }],
      }),
    });
    expect(said("aws_iam_role", trust("ec2.amazonaws.com"), trust("lambda.amazonaws.com"))).toEqual([
      "warning identity/iam-widened: aws_iam_role.It newly gives sts:AssumeRole to Service lambda.amazonaws.com",
    ]);
  });

  test("that allow everything, or everybody, block", () => {
    expect(said("aws_iam_role_policy", before, policy(statement({ Action: "*", Resource: "*" })))[0]).toMatch(
      /^blocking/,
    );
    expect(said("aws_s3_bucket_policy", undefined, policy(statement({ Principal: "*" })))[0]).toMatch(/^blocking/);
    const admin = { role: "r", policy_arn: "arn:aws:iam::aws:policy/AdministratorAccess" };
    expect(said("aws_iam_role_policy_attachment", undefined, admin)[0]).toMatch(/^blocking/);
  });

  test("that say the same otherwise, or less, are not told", () => {
    const other = policy({
      Resource: "${aws_s3_bucket.b.arn}/*",
      Action: "s3:GetObject",
      Effect: "Allow",
      Sid: "Read",
    });
    expect(said("aws_iam_role_policy", before, other)).toEqual([]);
    expect(said("aws_iam_role_policy", policy(statement({}), statement({ Action: "s3:*" })), before)).toEqual([]);
  });

  test("that no longer forbid something are told", () => {
    const deny = { Effect: "Deny", Principal: "*", Action: "s3:*", Resource: "*" };
    expect(said("aws_s3_bucket_policy", policy(statement({}), deny), before)[0]).toContain("forbids less than before");
  });
});

test("rights of a role that is new are notices, but where others than the cloud may take it", () => {
  const commit = (principal: object) => ({
    resources: {
      aws_iam_role: {
        New: {
          assume_role_policy: JSON.stringify({
            Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: principal }],
          }),
        },
      },
      aws_iam_role_policy: { Own: { ...policy(statement({})), role: "${aws_iam_role.New.id}" } },
    },
  });
  const severities = (principal: object) =>
    saidOf(examineIdentity, {}, commit(principal)).map((line) => line.split(" ")[0]);
  expect(severities({ Service: "ec2.amazonaws.com" })).toEqual(["notice", "notice"]);
  expect(severities({ AWS: "arn:aws:iam::999999999999:root" })).toEqual(["warning", "notice"]);
});

test("roles of Google are told by member, and everybody blocks", () => {
  const member = (one: string, role = "roles/secretmanager.secretAccessor") => ({ secret_id: "s", role, member: one });
  const type = "google_secret_manager_secret_iam_member";
  expect(said(type, member("serviceAccount:a"), member("serviceAccount:b"))).toEqual([
    "warning identity/iam-widened: google_secret_manager_secret_iam_member.It newly gives roles/secretmanager.secretAccessor to serviceAccount:b",
  ]);
  expect(said(type, undefined, member("allUsers"))[0]).toMatch(/^blocking/);
  expect(said("google_project_iam_member", undefined, member("user:a", "roles/owner"))[0]).toMatch(/^blocking/);
  expect(said(type, member("serviceAccount:a"), undefined)).toEqual([]);
});

describe("policies of Nomad", () => {
  const rules = (text: string) => ({ name: "readers", rules_hcl: text });
  const read = rules('namespace "ai" {\n  policy = "read"\n}\n');

  test("that allow more are told with it", () => {
    const more = rules('namespace "ai" {\n  policy = "read"\n  capabilities = ["submit-job"]\n}\n');
    expect(said("nomad_acl_policy", read, more)).toEqual([
      "warning identity/policy-widened: nomad_acl_policy.It newly allows namespace ai: submit-job",
    ]);
    expect(said("nomad_acl_policy", read, rules('namespace "ai" { policy = "write" }'))[0]).toContain("warning");
    expect(said("nomad_acl_policy", read, rules("${file(var.rules)}"))[0]).toContain("rules that cannot be read");
  });

  test("of an administrator, or of all namespaces, block", () => {
    expect(said("nomad_acl_policy", read, rules('namespace "*" { policy = "write" }'))[0]).toMatch(/^blocking/);
    expect(said("nomad_acl_policy", read, rules('operator { policy = "write" }'))[0]).toMatch(/^blocking/);
    expect(said("nomad_acl_policy", read, rules('namespace "*" { policy = "read" }'))[0]).toMatch(/^warning/);
  });

  test("that allow the same in other words, or less, are not told", () => {
    const words = rules('# who reads\nnamespace "ai" { policy = "read"\n capabilities = ["read-job", "list-jobs"] }');
    expect(said("nomad_acl_policy", read, words)).toEqual([]);
    expect(said("nomad_acl_policy", rules('namespace "ai" { policy = "write" }'), read)).toEqual([]);
  });

  test("may deny less", () => {
    const denied = rules('namespace "ai" { policy = "read" }\nnode { policy = "deny" }');
    expect(said("nomad_acl_policy", denied, read)[0]).toContain("no denial of node");
  });
});

describe("tokens of Nomad", () => {
  const rule = { auth_method: "sso", bind_type: "role", bind_name: "reader", selector: '"eng" in list.groups' };

  test("are made by other rules", () => {
    expect(said("nomad_acl_binding_rule", rule, { ...rule, bind_name: "admin" })[0]).toMatch(
      /^warning identity\/token-rules/,
    );
    expect(said("nomad_acl_binding_rule", rule, { ...rule, bind_type: "management" })[0]).toMatch(/^blocking/);
    expect(said("nomad_acl_binding_rule", rule, { ...rule, selector: "" })[0]).toContain("it holds for everybody now");
    expect(said("nomad_acl_binding_rule", rule, { ...rule, description: "x" })).toEqual([]);
  });

  test("have roles with more policies", () => {
    const role = (...names: string[]) => ({ name: "r", policy: names.map((name) => ({ name })) });
    expect(said("nomad_acl_role", role("a"), role("b", "a"))).toEqual([
      "warning identity/policy-widened: nomad_acl_role.It newly has b",
    ]);
    expect(said("nomad_acl_role", role("a", "b"), role("a"))).toEqual([]);
  });
});

describe("the tailnet", () => {
  const joined = { issuer: "https://issuer", subject: "arn:role/a", tags: ["tag:a"], scopes: ["auth_keys"] };

  test("is joined by other machines", () => {
    const type = "tailscale_federated_identity";
    expect(said(type, joined, { ...joined, subject: "arn:role/*" })[0]).toMatch(/^blocking identity\/token-rules/);
    expect(said(type, joined, { ...joined, tags: ["tag:a", "tag:b"] })[0]).toContain("it may give tag:b too");
    expect(said(type, joined, { ...joined, description: "x" })).toEqual([]);
  });

  test("has other operators, owners of tags, groups and keys", () => {
    const fleet = (edit: (tailnet: Mutable<Fleet>["tailnet"]) => void): Fleet => {
      const one = smallFleet();
      edit(one.tailnet);
      return one;
    };
    const found = (before: Fleet, after: Fleet) => saidOf(examineIdentity, { fleet: before }, { fleet: after });
    const group = (...people: string[]) => fleet((tailnet) => (tailnet.groups = { "group:platform": people }));
    expect(found(group("ada@example.com"), group("ada@example.com", "bob@example.com"))).toEqual([
      "warning identity/operators: tailnet.groups.group:platform gets bob@example.com",
    ]);
    expect(found(group("a@example.com", "b@example.com"), group("b@example.com", "a@example.com"))).toEqual([]);
    expect(found(group("a@example.com", "b@example.com"), group("a@example.com"))[0]).toMatch(/^notice/);
    expect(
      found(
        smallFleet(),
        fleet((tailnet) => (tailnet.tagOwners = ["autogroup:member"])),
      )[0],
    ).toMatch(/^blocking/);
  });
});

test("says nothing of what a new site is made of", () => {
  const stacks = (fleet: Fleet) => ({
    fleet,
    stacks: [...synthesizeFleet(fleet)].map(([name, document]) => ({ name, document, dependencies: [] })),
  });
  const findings = examineIdentity(synthSubject(stacks(smallFleet()), stacks(awsFleet())));
  expect(findings.filter(({ id }) => id === "identity/iam-widened")).toEqual([]);
});
