import { terraformLiteral } from "../../../constructs/core/literal";
import { policyText } from "../../../constructs/tailnet/policy-text";
import { examineReachability } from "../../../review/findings/reachability";
import type { Fleet, Service } from "../../../model/types";
import { type Mutable, smallFleet } from "../../helpers/fleet";
import { saidOf } from "./subjects";

const policy = (acl: string) => ({ tailscale_acl: { Policy: { acl } } });
const ofFleet = (fleet: Fleet) => ({ fleet, resources: policy(terraformLiteral(policyText(fleet))) });
const change = (edit: (fleet: Mutable<Fleet>) => void): Fleet => {
  const fleet = smallFleet();
  edit(fleet);
  return fleet;
};
const said = (before: Fleet, after: Fleet) => saidOf(examineReachability, ofFleet(before), ofFleet(after));
const saidOfPolicies = (before: object, after: object) =>
  saidOf(
    examineReachability,
    { resources: policy(JSON.stringify(before)) },
    { resources: policy(JSON.stringify(after)) },
  );
const vllm = (fleet: Mutable<Fleet>) => fleet.services!["vllm"] as Mutable<Service>;

test("tells a port range that is wider by one", () => {
  const range = (ports: `${number}-${number}`) => change((fleet) => (vllm(fleet).port = ports));
  expect(said(range("18000-18010"), range("18000-18011"))).toEqual([
    "warning reachability/opened: tailscale_acl.Policy: tag:nomad-operator to tag:nomad-pool-gpu is newly open for tcp 18011",
    "warning reachability/opened: tailscale_acl.Policy: tag:nomad-pool-edge to tag:nomad-pool-gpu is newly open for tcp 18011",
  ]);
});

test("says nothing of the same policy in other words", () => {
  const reordered = change((fleet) => (vllm(fleet).callers = ["operators", "edge"]));
  expect(said(smallFleet(), reordered)).toEqual([]);
});

test("blocks what is opened to everybody", () => {
  const open = change((fleet) => vllm(fleet).callers.push("autogroup:member"));
  expect(said(smallFleet(), open)).toEqual([
    "blocking reachability/opened: tailscale_acl.Policy: autogroup:member to tag:nomad-pool-gpu is newly open for tcp 8000, to whoever is in the tailnet",
  ]);
  const grants = (src: string) => ({ grants: [{ src: [src], dst: ["10.0.0.5"], ip: ["tcp:22"] }] });
  expect(saidOfPolicies({ grants: [] }, grants("*"))[0]).toMatch(/^blocking/);
  expect(saidOfPolicies({ grants: [] }, grants("ada@example.com"))[0]).toMatch(/^warning/);
});

test("warns where a service that goes on loses a caller, and notes where one goes with its service", () => {
  const fewer = change((fleet) => (vllm(fleet).callers = ["operators"]));
  expect(said(smallFleet(), fewer)).toEqual([
    "warning reachability/closed: tailscale_acl.Policy: tag:nomad-pool-edge to tag:nomad-pool-gpu is closed for tcp 8000, so that service vllm loses a caller",
  ]);
  const none = change((fleet) => delete fleet.services);
  expect(said(smallFleet(), none).map((line) => line.split(":")[0])).toEqual([
    "notice reachability/closed",
    "notice reachability/closed",
  ]);
});

test("names what cannot be evaluated, and a policy that cannot be read", () => {
  const posture = { src: ["tag:a"], dst: ["tag:b"], ip: ["tcp:22"], srcPosture: ["posture:x"] };
  expect(saidOfPolicies({ grants: [] }, { grants: [posture] })).toEqual([
    expect.stringContaining(
      "warning reachability/unknown: tailscale_acl.Policy: grants.0 comes and cannot be evaluated",
    ),
  ]);
  const read = (acl: string) => saidOf(examineReachability, { resources: policy("{}") }, { resources: policy(acl) });
  expect(read("${file(var.policy)}")[0]).toMatch(/^blocking reachability\/unknown/);
  expect(read('{"grants": 7}')[0]).toMatch(/^blocking reachability\/unknown/);
});

describe("logins", () => {
  const ssh = (action: string, users: readonly string[], more: object = {}) => ({
    grants: [],
    ssh: [{ action, src: ["group:it"], dst: ["tag:server"], users, ...more }],
    groups: { "group:it": ["ada@example.com"] },
  });

  test("that come, or are no longer asked for, are told", () => {
    expect(saidOfPolicies(ssh("check", ["steppe"]), ssh("check", ["steppe", "root"]))).toEqual([
      "warning reachability/opened: tailscale_acl.Policy: ssh from group:it to tag:server newly logs in as root",
    ]);
    expect(saidOfPolicies(ssh("check", ["steppe"]), ssh("accept", ["steppe"]))).toEqual([
      "warning reachability/opened: tailscale_acl.Policy: ssh from group:it to tag:server no longer asks to log in again, or less often, as steppe",
    ]);
    expect(saidOfPolicies(ssh("check", ["root"]), ssh("check", ["root"], { checkPeriod: "24h" }))).toHaveLength(1);
  });

  test("that are asked for more often, or in another order, are no opening", () => {
    expect(saidOfPolicies(ssh("check", ["a", "b"]), ssh("check", ["b", "a"], { checkPeriod: "1h" }))).toEqual([]);
    expect(saidOfPolicies(ssh("check", ["a", "b"]), ssh("check", ["a"]))).toEqual([
      "notice reachability/closed: tailscale_acl.Policy: ssh from group:it to tag:server no longer logs in as b",
    ]);
  });
});

test("tells routes that nobody approves, and machines that the internet sees", () => {
  const router = { tagOwners: { "tag:router": ["group:it"] }, groups: { "group:it": [] }, grants: [] };
  const routes = { ...router, autoApprovers: { routes: { "10.0.0.0/8": ["tag:router"] } } };
  const funnel = { ...router, nodeAttrs: [{ target: ["tag:router"], attr: ["funnel"] }] };
  expect(saidOfPolicies(router, routes)[0]).toContain(
    "warning reachability/opened: tailscale_acl.Policy: autoApprovers",
  );
  expect(saidOfPolicies(router, funnel)[0]).toContain("blocking reachability/public: tailscale_acl.Policy: nodeAttrs");
  expect(saidOfPolicies(funnel, router)).toEqual([]);
});
