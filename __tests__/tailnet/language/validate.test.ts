import { formatProblem, isError } from "../../../constructs/core/problems";
import type { PolicyFile } from "../../../constructs/tailnet/language/policy-file";
import { validatePolicy } from "../../../constructs/tailnet/language/validate";
import { tailnetPolicy } from "../../../constructs/tailnet/policy";
import { fleet as example } from "../../../fleets/example";
import { fleet as lab } from "../../../fleets/lab";
import { identitiesOf, tagsOf } from "../../../model/identities";
import { generated } from "../reach/generated";
import { handmade } from "../reach/handmade";
import { refused } from "./refused";

const errors = (policy: PolicyFile, dialect: "headscale" | "tailscale") =>
  validatePolicy(policy, { dialect }).filter(isError);

describe("validatePolicy", () => {
  test.each(refused)("refuses $name", ({ policy, path, rule, dialect }) => {
    const found = errors(policy as PolicyFile, dialect ?? "headscale");
    expect(found).toContainEqual(expect.objectContaining({ path, rule: expect.stringContaining(rule) }));
    expect(found.every(({ fix }) => fix !== undefined && fix !== "")).toBe(true);
  });

  test.each(Object.entries(handmade))("takes %s", (_name, policy) => {
    expect(errors(policy, "headscale").map(formatProblem)).toEqual([]);
    expect(errors(policy, "tailscale").map(formatProblem)).toEqual([]);
  });

  test("finds nothing in policies made by chance but ports that a rule opens twice", () => {
    const found = Array.from({ length: 320 }, (_item, seed) => errors(generated(seed), "headscale")).flat();
    expect(found.filter(({ rule }) => !rule.startsWith("must not open")).map(formatProblem)).toEqual([]);
  });

  test("tells all problems at once", () => {
    const policy = { tagOwners: {}, grants: [{ src: ["tag:a"], dst: ["tag:b"], ip: ["tcp:0", "x:1"] }] };
    expect(errors(policy, "tailscale").map(({ path }) => path)).toEqual([
      "grants.0.src.0",
      "grants.0.dst.0",
      "grants.0.ip.0",
      "grants.0.ip.1",
    ]);
  });

  test("says what is wrong, with the value and the fix", () => {
    const policy = { tagOwners: { "tag:a": ["alice@"] }, grants: [{ src: ["tag:a"], dst: ["tag:b"], ip: ["22"] }] };
    expect(errors(policy, "headscale").map(formatProblem)).toEqual([
      'grants.0.dst.0: must be a tag that `tagOwners` defines, got "tag:b"; add tag:b and who may give it to tagOwners',
    ]);
  });

  test("knows the machines' tags and the users where they are given", () => {
    const policy = { tagOwners: { "tag:a": ["eve@"] }, grants: [{ src: ["tag:a"], dst: ["*"], ip: ["22"] }] };
    const found = validatePolicy(policy, { dialect: "headscale", knownTags: ["tag:b"], knownUsers: ["alice"] });
    expect(found.map(({ path }) => path)).toEqual(["tagOwners.tag:a", "tagOwners.tag:a.0", "grants.0.src.0"]);
  });

  test("warns of a policy without rules, of a second name and of bits beyond a range", () => {
    const policy = { hosts: { a: "10.0.0.5", b: "10.0.0.5/32", c: "10.1.2.3/16" } };
    expect(validatePolicy(policy, { dialect: "tailscale" }).map(({ path, severity }) => [path, severity])).toEqual([
      ["hosts.b", "warning"],
      ["hosts.c", "warning"],
      ["grants", "warning"],
    ]);
  });

  test.each([lab, example])("takes the policy of fleet $name, with its machines", (fleet) => {
    const devices = identitiesOf(fleet).map((identity) => ({ name: identity.name, tags: tagsOf(identity) }));
    const dialect = fleet === lab ? "headscale" : "tailscale";
    const outside = Object.keys(fleet.tailnet.otherTags ?? {});
    const knownTags = [...devices.flatMap(({ tags }) => tags), ...outside];
    expect(validatePolicy(tailnetPolicy(fleet), { dialect, devices, knownTags }).map(formatProblem)).toEqual([]);
  });
});
