import type { GrantRule, PolicyFile } from "../../../constructs/tailnet/language/policy-file";
import { canReach } from "../../../constructs/tailnet/reach/can-reach";
import { compilePolicy } from "../../../constructs/tailnet/reach/compile";

const grants = (...rules: GrantRule[]): PolicyFile => ({ grants: rules });
const rule = (src: string, dst: string, ...ip: string[]): GrantRule => ({ src: [src], dst: [dst], ip });
const verdict = (policy: PolicyFile, from: string, to: string, proto?: string | number, port?: number) =>
  canReach(policy, from, to, proto, port).verdict;

describe("canReach", () => {
  test("names the rules that open a way", () => {
    const policy = grants(rule("tag:a", "tag:b", "tcp:80-90"), rule("tag:c", "tag:b", "*"), rule("*", "tag:b", "85"));
    expect(canReach(policy, "tag:a", "tag:b", "tcp", 85)).toEqual({
      verdict: "open",
      rules: ["grants.0", "grants.2"],
      partly: [],
      unknown: [],
    });
    expect(verdict(policy, "tag:a", "tag:b", "tcp", 91)).toBe("closed");
    expect(verdict(policy, "tag:b", "tag:a", "tcp", 85)).toBe("closed");
  });

  test("opens all without acls and grants, and nothing with an empty list", () => {
    expect(canReach({}, "tag:a", "tag:b", "tcp", 1).rules).toEqual(["no acls and no grants"]);
    expect(verdict({}, "tag:a", "tag:b", "sctp", 1)).toBe("closed");
    expect(verdict({ acls: [] }, "tag:a", "tag:b", "tcp", 1)).toBe("closed");
    expect(verdict({ grants: [] }, "tag:a", "tag:b", "tcp", 1)).toBe("closed");
  });

  test.each([
    ["443", "tcp", 443, "open"],
    ["443", "udp", 443, "open"],
    ["443", "sctp", 443, "closed"],
    ["443", undefined, 443, "open"],
    ["udp:443", undefined, 443, "open"],
    ["sctp:443", undefined, 443, "closed"],
    ["tcp:443", "6", 443, "open"],
    ["6:443", "tcp", 443, "open"],
    ["tcp:443", 17, 443, "closed"],
    ["tcp:443", "tcp", undefined, "open"],
    ["tcp:1-10,443", "tcp", 442, "closed"],
    ["tcp:443", "icmp", undefined, "open"],
    ["gre:*", "icmp", undefined, "open"],
    ["gre:*", "gre", undefined, "open"],
    ["gre:80", "gre", undefined, "closed"],
    ["47:*", "gre", undefined, "open"],
    ["*", "gre", undefined, "closed"],
    ["*", "nothing", 1, "unknown"],
    ["x:1", "tcp", 1, "unknown"],
  ])("%s for %s %s is %s", (ip, proto, port, expected) => {
    expect(verdict(grants(rule("tag:a", "tag:b", ip)), "tag:a", "tag:b", proto, port)).toBe(expected);
  });

  test("reads acls", () => {
    const acls = [{ action: "accept" as const, proto: "tcp", src: ["group:x"], dst: ["tag:b:22,80", "[fd00::1]:443"] }];
    const policy = { groups: { "group:x": ["ann@", "bob@example.com"] }, acls };
    expect(canReach(policy, "ann@", "tag:b", "tcp", 80).rules).toEqual(["acls.0"]);
    expect(verdict(policy, "bob@example.com", "fd00::1", "tcp", 443)).toBe("open");
    expect(verdict(policy, "group:x", "tag:b", "tcp", 22)).toBe("open");
    expect(verdict(policy, "eve@", "tag:b", "tcp", 22)).toBe("closed");
    expect(verdict(policy, "ann@", "fd00::1", "tcp", 22)).toBe("closed");
  });

  test("asks for all of a source and any of a destination", () => {
    const policy = {
      groups: { "group:x": ["ann@", "bob@"] },
      ...grants(rule("ann@", "tag:b", "22"), rule("tag:b", "bob@", "22")),
    };
    expect(canReach(policy, "group:x", "tag:b", "tcp", 22)).toMatchObject({ verdict: "closed", partly: ["grants.0"] });
    expect(verdict(policy, "tag:b", "group:x", "tcp", 22)).toBe("open");
  });

  test("takes a machine with several tags by all of them", () => {
    const policy = grants(rule("tag:client", "tag:server", "4647"), rule("tag:pool", "tag:server", "22"));
    const machine = { tags: ["tag:client", "tag:pool"] };
    expect([4647, 22, 80].map((port) => canReach(policy, machine, "tag:server", "tcp", port).verdict)).toEqual([
      "open",
      "open",
      "closed",
    ]);
    const devices = [machine, { tags: ["tag:server", "tag:east"] }];
    const compiled = compilePolicy(policy, { devices });
    expect(canReach(compiled, "tag:pool", "tag:east", "tcp", 4647).verdict).toBe("open");
    expect(verdict(policy, "tag:pool", "tag:east", "tcp", 4647)).toBe("closed");
  });

  test("knows autogroups", () => {
    const policy = grants(
      rule("autogroup:member", "autogroup:tagged", "22"),
      rule("tag:a", "autogroup:internet", "443"),
    );
    expect(verdict(policy, "ann@", "tag:b", "tcp", 22)).toBe("open");
    expect(verdict(policy, "tag:a", "tag:b", "tcp", 22)).toBe("closed");
    expect(verdict(policy, "autogroup:admin", "tag:b", "tcp", 22)).toBe("open");
    expect(verdict(policy, "tag:a", "8.8.8.8", "tcp", 443)).toBe("open");
    expect(verdict(policy, "tag:a", "10.0.0.1", "tcp", 443)).toBe("closed");
    expect(verdict(policy, "tag:a", "2001:db8::1", "tcp", 443)).toBe("open");
  });

  test("lets people reach their own machines alone through autogroup:self", () => {
    const policy = grants(rule("autogroup:member", "autogroup:self", "22"));
    expect(verdict(policy, "ann@", "ann@", "tcp", 22)).toBe("open");
    expect(verdict(policy, "ann@", "bob@", "tcp", 22)).toBe("closed");
    expect(verdict(policy, "ann@", "tag:a", "tcp", 22)).toBe("closed");
    expect(verdict(policy, "autogroup:member", "autogroup:member", "tcp", 22)).toBe("unknown");
  });

  test("names the routers of via, and says less where it means a machine", () => {
    const policy = grants(
      { ...rule("tag:a", "10.0.0.0/8", "443"), via: ["tag:r"] },
      { ...rule("tag:a", "tag:b", "443"), via: ["tag:r"] },
    );
    expect(canReach(policy, "tag:a", "10.1.2.3", "tcp", 443)).toMatchObject({ verdict: "open", via: ["tag:r"] });
    expect(canReach(policy, "tag:a", "tag:b", "tcp", 443)).toMatchObject({
      verdict: "unknown",
      unknown: [
        { path: "grants.1", reason: "opens it at most through tag:r, and nothing says what that means for tag:b" },
      ],
    });
  });

  test("works ranges out, over several rules where it takes several", () => {
    const hosts = { lan: "10.0.0.0/8" };
    const policy = {
      hosts,
      ...grants(rule("10.0.0.0/9", "tag:b", "22"), rule("10.128.0.0/9", "tag:b", "22"), rule("tag:b", "lan", "80")),
    };
    expect(canReach(policy, "lan", "tag:b", "tcp", 22)).toMatchObject({
      verdict: "open",
      rules: ["grants.0", "grants.1"],
    });
    expect(canReach(policy, "10.0.0.0/7", "tag:b", "tcp", 22)).toMatchObject({
      verdict: "closed",
      partly: ["grants.0", "grants.1"],
    });
    expect(verdict(policy, "tag:b", "10.9.9.9", "tcp", 80)).toBe("open");
    expect(verdict(policy, "tag:b", "11.9.9.9", "tcp", 80)).toBe("closed");
  });

  test("works IP sets out", () => {
    const ipsets = {
      "ipset:prod": ["10.0.0.0/16", "add ipset:more", "remove 10.0.1.0/24", "host:nas"],
      "ipset:more": ["172.16.0.1-172.16.0.9", "autogroup:internet"],
      "ipset:odd": ["tag:a"],
    };
    const policy = {
      hosts: { nas: "192.168.1.5" },
      ipsets,
      ...grants(rule("tag:a", "ipset:prod", "22"), rule("tag:a", "ipset:odd", "23")),
    };
    const reached = (to: string, port: number) => verdict(policy, "tag:a", to, "tcp", port);
    expect(["10.0.0.5", "172.16.0.9", "192.168.1.5", "8.8.8.8"].map((to) => reached(to, 22))).toEqual([
      "open",
      "open",
      "open",
      "open",
    ]);
    expect(["10.0.1.5", "172.16.0.10", "10.1.0.1"].map((to) => reached(to, 22))).toEqual([
      "closed",
      "closed",
      "closed",
    ]);
    expect(reached("10.0.0.5", 23)).toBe("unknown");
  });

  test("uses the addresses of machines where they are known", () => {
    const policy = grants(rule("100.64.0.5", "tag:b", "22"), rule("tag:a", "100.64.0.9", "22"));
    expect(verdict(policy, "tag:a", "tag:b", "tcp", 22)).toBe("unknown");
    const devices = [
      { tags: ["tag:a"], addresses: ["100.64.0.5"] },
      { tags: ["tag:b"], addresses: ["100.64.0.9", "fd7a:115c:a1e0::9"] },
    ];
    const compiled = compilePolicy(policy, { devices });
    expect(canReach(compiled, "tag:a", "tag:b", "tcp", 22)).toMatchObject({
      verdict: "open",
      rules: ["grants.0", "grants.1"],
    });
    expect(canReach(compiled, "100.64.0.5", "100.64.0.9", "tcp", 22).verdict).toBe("open");
    expect(canReach(compiled, "100.64.0.7", "tag:b", "tcp", 22).verdict).toBe("closed");
  });

  test("takes * as machines and approved routes", () => {
    const policy = grants(rule("*", "tag:b", "22"));
    expect(verdict(policy, "100.64.0.7", "tag:b", "tcp", 22)).toBe("open");
    expect(verdict(policy, "100.115.92.7", "tag:b", "tcp", 22)).toBe("unknown");
    expect(verdict(policy, "10.0.0.7", "tag:b", "tcp", 22)).toBe("unknown");
    const reaches = (...approvedRoutes: string[]) =>
      canReach(compilePolicy(policy, { approvedRoutes }), "10.0.0.7", "tag:b", "tcp", 22).verdict;
    expect([reaches(), reaches("10.0.0.0/24")]).toEqual(["closed", "open"]);
  });

  test.each([
    [
      "a posture",
      { ...grants({ ...rule("tag:a", "tag:b", "22"), srcPosture: ["posture:x"] }) },
      "tag:a",
      "holds only where posture:x holds",
    ],
    [
      "a default posture",
      { ...grants(rule("tag:a", "tag:b", "22")), defaultSrcPosture: ["posture:x"] },
      "tag:a",
      "holds only where posture:x holds",
    ],
    ["a role", grants(rule("autogroup:admin", "tag:b", "22")), "ann@", "nothing says who is in autogroup:admin"],
    [
      "a group that is not here",
      grants(rule("group:x@example.com", "tag:b", "22")),
      "ann@",
      "nothing says who is in group:x@example.com",
    ],
    ["a host that is not here", grants(rule("nas", "tag:b", "22")), "tag:a", "nothing says which address nas is"],
    [
      "a part of many",
      grants(rule("ann@", "tag:b", "22")),
      "autogroup:member",
      "ann@ may be a part of autogroup:member",
    ],
    ["a source that is not here", grants(), "nas", "nas is not in hosts"],
    ["a group without members", { groups: { "group:x": [] }, ...grants() }, "group:x", "group:x has no members"],
  ] as const)("does not guess at %s", (_name, policy, from, reason) => {
    const answer = canReach(policy, from, "tag:b", "tcp", 22);
    expect(answer.verdict).toBe("unknown");
    expect(answer.unknown.map((each) => each.reason)).toContain(reason);
  });

  test("names capabilities, which open no ports", () => {
    const policy = grants({ src: ["tag:a"], dst: ["tag:b"], app: { "example.com/cap/x": [{}] } });
    expect(canReach(policy, "tag:a", "tag:b", "tcp", 22)).toMatchObject({
      verdict: "closed",
      unknown: [{ path: "grants.0", reason: "gives example.com/cap/x and opens no ports" }],
    });
  });
});
