import type { PolicyFile, SshRule } from "../../../constructs/tailnet/language/policy-file";
import { validatePolicy } from "../../../constructs/tailnet/language/validate";
import { formatProblem } from "../../../constructs/core/problems";
import { compilePolicy } from "../../../constructs/tailnet/reach/compile";
import { canLogIn } from "../../../constructs/tailnet/reach/ssh";
import type { Device } from "../../../constructs/tailnet/reach/world";

const devices: readonly Device[] = [
  { name: "laptop", user: "ada@example.com", addresses: ["100.64.0.1"] },
  { name: "phone", user: "ada@example.com", addresses: ["100.64.0.2"] },
  { name: "desk", user: "eve@example.com", addresses: ["100.64.0.3"] },
  { name: "server", tags: ["tag:server"], addresses: ["100.64.0.4"] },
  { name: "both", tags: ["tag:server", "tag:gpu"], addresses: ["100.64.0.5"] },
  { name: "ops", tags: ["tag:operator"], addresses: ["100.64.0.6"] },
];

const names = {
  groups: { "group:platform": ["ada@example.com"], "group:all": ["ada@example.com", "eve@example.com"] },
  tagOwners: Object.fromEntries(["server", "gpu", "operator"].map((tag) => [`tag:${tag}`, ["ada@example.com"]])),
  grants: [],
};

const rule = (changes: Partial<SshRule>): SshRule => ({
  action: "accept",
  src: ["group:platform"],
  dst: ["tag:server"],
  users: ["steppe"],
  ...changes,
});
const policy = (...ssh: readonly SshRule[]): PolicyFile => ({ ...names, ssh });
const ask = (ssh: readonly SshRule[], from: string, to: string, login: string) =>
  canLogIn(compilePolicy(policy(...ssh), { devices }), from, to, login);

describe("canLogIn", () => {
  test.each([
    ["a member of the group", "ada@example.com", "tag:server", "steppe", "accept"],
    ["the group", "group:platform", "tag:server", "steppe", "accept"],
    ["another login", "ada@example.com", "tag:server", "root", "deny"],
    ["another person", "eve@example.com", "tag:server", "steppe", "deny"],
    ["a group of which a part may", "group:all", "tag:server", "steppe", "partly"],
    ["a machine with a tag", "tag:operator", "tag:server", "steppe", "deny"],
    ["machines with another tag", "ada@example.com", "tag:operator", "steppe", "deny"],
    ["a machine by its address", "ada@example.com", "100.64.0.4", "steppe", "accept"],
  ])("lets in who the rule names: %s", (_name, from, to, login, verdict) => {
    expect(ask([rule({})], from, to, login).verdict).toBe(verdict);
  });

  test("asks first, whatever the order", () => {
    const rules = [rule({}), rule({ action: "check" })];
    expect(ask(rules, "ada@example.com", "tag:server", "steppe")).toEqual({
      verdict: "check",
      rules: ["ssh.1"],
      unknown: [],
    });
  });

  test("accepts where part of the machines ask", () => {
    const rules = [rule({}), rule({ action: "check", dst: ["tag:gpu"] })];
    expect(ask(rules, "ada@example.com", "tag:server", "steppe")).toMatchObject({
      verdict: "accept",
      rules: ["ssh.0", "ssh.1"],
    });
  });

  test.each([
    ["root", "deny"],
    ["ubuntu", "accept"],
  ])("takes autogroup:nonroot for every login but root: %s", (login, verdict) => {
    expect(ask([rule({ users: ["autogroup:nonroot"] })], "ada@example.com", "tag:server", login).verdict).toBe(verdict);
  });

  test.each([
    ["ada@example.com", "ada", "accept"],
    ["ada@example.com", "eve", "deny"],
    ["tag:operator", "ada", "deny"],
  ])("takes the local part for the name of who calls: %s as %s", (from, login, verdict) => {
    const rules = [rule({ src: ["group:all", "tag:operator"], users: ["localpart:*@example.com"] })];
    expect(ask(rules, from, "tag:server", login).verdict).toBe(verdict);
  });

  test.each([
    ["ada@example.com", "autogroup:self", "accept"],
    ["ada@example.com", "eve@example.com", "deny"],
    ["ada@example.com", "ada@example.com", "accept"],
    ["ada@example.com", "autogroup:member", "partly"],
    ["tag:operator", "ada@example.com", "deny"],
  ])("opens autogroup:self for one's own machines: %s to %s", (from, to, verdict) => {
    const rules = [rule({ src: ["autogroup:member"], dst: ["autogroup:self"], users: ["root"] })];
    expect(ask(rules, from, to, "root").verdict).toBe(verdict);
  });

  test.each([
    ["a posture", rule({ srcPosture: ["posture:safe"] }), "ada@example.com", "holds only where posture:safe holds"],
    ["a role", rule({ src: ["autogroup:admin"] }), "ada@example.com", "nothing says who is in autogroup:admin"],
    [
      "a group kept elsewhere",
      rule({ src: ["group:it@example.com"] }),
      "ada@example.com",
      "nothing says who is in group:it@example.com",
    ],
  ])("names what cannot be evaluated: %s", (_name, one, from, reason) => {
    expect(ask([one], from, "tag:server", "steppe")).toEqual({
      verdict: "unknown",
      rules: [],
      unknown: [{ path: "ssh.0", reason }],
    });
  });

  test("denies everybody without rules", () => {
    expect(canLogIn({ ...names }, "ada@example.com", "tag:server", "root").verdict).toBe("deny");
  });
});

describe("sshTests", () => {
  const problemsOf = (sshTests: PolicyFile["sshTests"], ...ssh: readonly SshRule[]) =>
    validatePolicy(
      { ...policy(...ssh), ...(sshTests === undefined ? {} : { sshTests }) },
      { dialect: "tailscale", devices },
    ).map(formatProblem);
  const src = "ada@example.com";
  const dst = ["tag:server"];

  test("may claim what the rules say", () => {
    const tests = [{ src, dst, accept: ["steppe"], deny: ["root"] }];
    expect(problemsOf(tests, rule({}))).toEqual([]);
    expect(problemsOf([{ src, dst, accept: ["steppe"], check: ["steppe"] }], rule({ action: "check" }))).toEqual([]);
  });

  test.each([
    [
      { accept: ["root"] },
      'sshTests.0.accept.0: must hold, and no rule lets in, got "ada@example.com to tag:server as root"; change the rules of ssh, or drop the claim',
    ],
    [
      { check: ["steppe"] },
      'sshTests.0.check.0: must hold, and ssh.0 lets in without a check, got "ada@example.com to tag:server as steppe"; change the rules of ssh, or drop the claim',
    ],
    [
      { deny: ["steppe"] },
      'sshTests.0.deny.0: must hold, and ssh.0 lets in without a check, got "ada@example.com to tag:server as steppe"; change the rules of ssh, or drop the claim',
    ],
    [{}, "sshTests.0: must have accept, check or deny; claim something, or remove the test"],
  ])("must not claim otherwise: %j", (claim, message) => {
    expect(problemsOf([{ src, dst, ...claim }], rule({}))).toEqual([message]);
  });

  test("say what they cannot evaluate", () => {
    expect(problemsOf([{ src, dst, accept: ["steppe"] }], rule({ src: ["autogroup:admin"] }))).toEqual([
      'sshTests.0.accept.0: cannot be evaluated: ssh.0 nothing says who is in autogroup:admin, got "ada@example.com to tag:server as steppe"; see that the control server takes it',
    ]);
  });
});
