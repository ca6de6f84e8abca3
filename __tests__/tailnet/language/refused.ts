import type { Dialect, PolicyFile } from "../../../constructs/tailnet/language/policy-file";

/** A policy with one thing wrong. */
export interface Refused {
  readonly name: string;
  readonly policy: unknown;
  /** Path of the problem. */
  readonly path: string;
  readonly rule: string;
  readonly dialect?: Dialect;
  /** The real headscale takes it: we ask for more. @default false */
  readonly isTaken?: boolean;
}

const owned: PolicyFile = {
  tagOwners: { "tag:a": ["alice@"], "tag:b": ["alice@"] },
  hosts: { web: "10.0.0.5", lan: "10.0.0.0/8" },
};
const grant = (rule: object) => ({ ...owned, grants: [{ src: ["tag:a"], dst: ["tag:b"], ip: ["tcp:22"], ...rule }] });
const acl = (rule: object) => ({ ...owned, acls: [{ action: "accept", src: ["tag:a"], dst: ["tag:b:22"], ...rule }] });
const ssh = (rule: object) => ({
  ...grant({}),
  ssh: [{ action: "accept", src: ["alice@"], dst: ["tag:a"], users: ["root"], ...rule }],
});
const tested = (...tests: object[]) => ({ ...grant({}), tests });

export const refused: readonly Refused[] = [
  {
    name: "an unknown tag as source",
    policy: grant({ src: ["tag:c"] }),
    path: "grants.0.src.0",
    rule: "tag that `tagOwners` defines",
  },
  {
    name: "an unknown tag as destination",
    policy: grant({ dst: ["tag:c"] }),
    path: "grants.0.dst.0",
    rule: "tag that `tagOwners` defines",
  },
  {
    name: "an unknown tag in acls",
    policy: acl({ dst: ["tag:c:22"] }),
    path: "acls.0.dst.0",
    rule: "tag that `tagOwners` defines",
  },
  {
    name: "an unknown group",
    policy: grant({ src: ["group:x"] }),
    path: "grants.0.src.0",
    rule: "group that `groups` defines",
  },
  {
    name: "an unknown host",
    policy: grant({ dst: ["printer"] }),
    path: "grants.0.dst.0",
    rule: "name that `hosts` defines",
  },
  {
    name: "an IP set in headscale",
    policy: grant({ dst: ["ipset:x"] }),
    path: "grants.0.dst.0",
    rule: "headscale has none",
  },
  {
    name: "a role in headscale",
    policy: grant({ src: ["autogroup:admin"] }),
    path: "grants.0.src.0",
    rule: "headscale has none",
  },
  {
    name: "an autogroup that is none",
    policy: grant({ src: ["autogroup:all"] }),
    path: "grants.0.src.0",
    rule: "autogroup that may stand here",
  },
  {
    name: "the internet as source",
    policy: grant({ src: ["autogroup:internet"] }),
    path: "grants.0.src.0",
    rule: "autogroup that may stand here",
  },
  {
    name: "danger-all as destination",
    policy: grant({ dst: ["autogroup:danger-all"] }),
    path: "grants.0.dst.0",
    rule: "autogroup that may stand here",
  },
  {
    name: "self as source",
    policy: grant({ src: ["autogroup:self"] }),
    path: "grants.0.src.0",
    rule: "autogroup that may stand here",
  },
  {
    name: "a tag that reaches its own",
    policy: grant({ dst: ["autogroup:self"] }),
    path: "grants.0.src.0",
    rule: "must be users or groups",
  },
  {
    name: "a port beyond the last",
    policy: grant({ ip: ["tcp:65536"] }),
    path: "grants.0.ip.0",
    rule: "port from 1 to 65535",
  },
  { name: "port 0", policy: grant({ ip: ["tcp:0"] }), path: "grants.0.ip.0", rule: "port from 1 to 65535" },
  {
    name: "a range the wrong way round",
    policy: grant({ ip: ["tcp:90-80"] }),
    path: "grants.0.ip.0",
    rule: "begin with the lower port",
  },
  { name: "a port by name", policy: acl({ dst: ["tag:b:ssh"] }), path: "acls.0.dst.0", rule: "must be a port" },
  {
    name: "a destination without ports",
    policy: acl({ dst: ["web"] }),
    path: "acls.0.dst.0",
    rule: "destination and its ports",
  },
  { name: "an unknown protocol", policy: grant({ ip: ["quic:443"] }), path: "grants.0.ip.0", rule: "protocol's name" },
  { name: "a protocol beyond the last", policy: acl({ proto: "256" }), path: "acls.0.proto", rule: "protocol's name" },
  { name: "any protocol by a star", policy: acl({ proto: "*" }), path: "acls.0.proto", rule: "protocol's name" },
  {
    name: "ports of ICMP",
    policy: acl({ proto: "icmp", dst: ["tag:b:22"] }),
    path: "acls.0.dst.0",
    rule: "icmp has none",
  },
  {
    name: "ports of ICMP in a grant",
    policy: grant({ ip: ["icmp:22"] }),
    path: "grants.0.ip.0",
    rule: "icmp has none",
    isTaken: true,
  },
  { name: "a protocol in capitals", policy: grant({ ip: ["TCP:22"] }), path: "grants.0.ip.0", rule: "small letters" },
  {
    name: "ranges that overlap",
    policy: grant({ ip: ["tcp:80-90", "tcp:85-95"] }),
    path: "grants.0.ip",
    rule: "must not open 85-90 twice",
    isTaken: true,
  },
  {
    name: "ranges that overlap in acls",
    policy: acl({ dst: ["tag:b:80-90,90-95"] }),
    path: "acls.0.dst.0",
    rule: "must not open 90 twice",
    isTaken: true,
  },
  {
    name: "a range that is none",
    policy: { ...owned, hosts: { lan: "10.0.0.0/33" } },
    path: "hosts.lan",
    rule: "address or a range",
  },
  {
    name: "an address that is none",
    policy: { ...owned, hosts: { web: "10.0.0.256" } },
    path: "hosts.web",
    rule: "address or a range",
  },
  {
    name: "all addresses as a range",
    policy: grant({ dst: ["0.0.0.0/0"] }),
    path: "grants.0.dst.0",
    rule: "all addresses as a range",
  },
  { name: "a grant that gives nothing", policy: grant({ ip: [] }), path: "grants.0", rule: "must have ip or app" },
  {
    name: "a capability of a URL",
    policy: grant({ app: { "https://x.com/cap": [{}] } }),
    path: "grants.0.app",
    rule: "domain/path",
  },
  {
    name: "a capability of Tailscale's own",
    policy: grant({ app: { "tailscale.com/cap/funnel": [{}] } }),
    path: "grants.0.app",
    rule: "its own",
  },
  {
    name: "capabilities on the internet",
    policy: grant({ dst: ["autogroup:internet"], app: { "x.com/cap": [{}] } }),
    path: "grants.0.app",
    rule: "autogroup:internet",
  },
  {
    name: "a router that is a user",
    policy: grant({ via: ["alice@"] }),
    path: "grants.0.via.0",
    rule: "must be a tag",
  },
  {
    name: "a router of an unknown tag",
    policy: grant({ via: ["tag:c"] }),
    path: "grants.0.via.0",
    rule: "tag that `tagOwners` defines",
  },
  { name: "a rule that denies", policy: acl({ action: "deny" }), path: "acls.0.action", rule: "must be accept" },
  {
    name: "a group in a group",
    policy: { ...owned, groups: { "group:x": ["group:y"], "group:y": [] } },
    path: "groups.group:x.0",
    rule: "must not be a group",
  },
  {
    name: "a group of no users",
    policy: { ...owned, groups: { "group:x": ["alice"] } },
    path: "groups.group:x.0",
    rule: "must be a user",
  },
  {
    name: "a group without its prefix",
    policy: { ...owned, groups: { x: [] } },
    path: "groups.x",
    rule: "group: and a name",
  },
  {
    name: "a tag that begins with a digit",
    policy: { tagOwners: { "tag:1a": ["alice@"] } },
    path: "tagOwners.tag:1a",
    rule: "a letter first",
  },
  {
    name: "a tag owned by nobody",
    policy: { tagOwners: { "tag:a": [] } },
    path: "tagOwners.tag:a",
    rule: "as owner",
    isTaken: true,
  },
  {
    name: "tags that own each other",
    policy: { tagOwners: { "tag:a": ["tag:b"], "tag:b": ["tag:a"] } },
    path: "tagOwners.tag:a",
    rule: "as owner",
    isTaken: true,
  },
  {
    name: "an owner of an unknown tag",
    policy: { tagOwners: { "tag:a": ["tag:z", "alice@"] } },
    path: "tagOwners.tag:a.0",
    rule: "tag that `tagOwners` defines",
  },
  {
    name: "a role as owner in headscale",
    policy: { tagOwners: { "tag:a": ["autogroup:admin"] } },
    path: "tagOwners.tag:a.0",
    rule: "headscale has none",
  },
  {
    name: "postures in headscale",
    policy: { ...owned, postures: { "posture:x": ["node:os == 'linux'"] } },
    path: "postures",
    rule: "headscale refuses it",
  },
  {
    name: "a posture of a rule in headscale",
    policy: grant({ srcPosture: ["posture:x"] }),
    path: "grants.0.srcPosture",
    rule: "headscale refuses it",
  },
  {
    name: "an unknown property",
    policy: { ...owned, ACLS: [], extra: 1 },
    path: "extra",
    rule: "property of a policy",
  },
  {
    name: "funnel in headscale",
    policy: { ...owned, nodeAttrs: [{ target: ["tag:a"], attr: ["funnel"] }] },
    path: "nodeAttrs.0.attr",
    rule: "headscale has none",
  },
  {
    name: "a target that is none",
    policy: { ...owned, nodeAttrs: [{ target: ["autogroup:internet"], attr: ["x"] }] },
    path: "nodeAttrs.0.target.0",
    rule: "may stand here",
  },
  {
    name: "an approver that is an address",
    policy: { ...owned, autoApprovers: { exitNode: ["10.0.0.1"] } },
    path: "autoApprovers.exitNode.0",
    rule: "must be one of",
  },
  {
    name: "an approved route that is none",
    policy: { ...owned, autoApprovers: { routes: { "10.0.0.0/40": ["tag:a"] } } },
    path: "autoApprovers.routes.10.0.0.0/40",
    rule: "must be a range",
  },
  { name: "an SSH rule without logins", policy: ssh({ users: [] }), path: "ssh.0.users", rule: "must name a login" },
  {
    name: "an SSH rule for every login",
    policy: ssh({ users: ["*"] }),
    path: "ssh.0.users.0",
    rule: "must be a login",
  },
  { name: "an SSH rule to everything", policy: ssh({ dst: ["*"] }), path: "ssh.0.dst.0", rule: "must be one of" },
  {
    name: "an SSH rule to another's machine",
    policy: ssh({ dst: ["bob@"] }),
    path: "ssh.0.dst.0",
    rule: "the user of src alone",
  },
  {
    name: "an SSH rule from tags to people",
    policy: ssh({ src: ["tag:b"], dst: ["autogroup:self"] }),
    path: "ssh.0.dst.0",
    rule: "must be tags",
  },
  {
    name: "a period of a rule that does not check",
    policy: ssh({ checkPeriod: "1h" }),
    path: "ssh.0.checkPeriod",
    rule: "action check only",
  },
  {
    name: "a period beyond a week",
    policy: ssh({ action: "check", checkPeriod: "169h" }),
    path: "ssh.0.checkPeriod",
    rule: "up to 168h",
  },
  {
    name: "an SSH test of nobody",
    policy: { ...ssh({}), sshTests: [{ src: "", dst: ["tag:a"], accept: ["root"] }] },
    path: "sshTests.0.src",
    rule: "who logs in",
  },
  {
    name: "an SSH test of a range",
    policy: { ...ssh({}), sshTests: [{ src: "alice@", dst: ["lan"], accept: ["root"] }] },
    path: "sshTests.0.dst.0",
    rule: "one machine",
  },
  { name: "a test that claims nothing", policy: tested({ src: "tag:a" }), path: "tests.0", rule: "accept or deny" },
  {
    name: "a test of ICMP",
    policy: tested({ src: "tag:a", proto: "icmp", accept: ["tag:b:22"] }),
    path: "tests.0.proto",
    rule: "tcp, udp or sctp",
  },
  {
    name: "a test of two ports",
    policy: tested({ src: "tag:a", deny: ["tag:b:80-90"] }),
    path: "tests.0.deny.0",
    rule: "one port",
  },
  {
    name: "a test of a range",
    policy: tested({ src: "tag:a", deny: ["lan:22"] }),
    path: "tests.0.deny.0",
    rule: "not a range",
  },
  {
    name: "a test of the internet",
    policy: tested({ src: "tag:a", deny: ["autogroup:internet:22"] }),
    path: "tests.0.deny.0",
    rule: "that a test can look at",
  },
  {
    name: "a test of an unknown tag",
    policy: tested({ src: "tag:c", deny: ["tag:b:23"] }),
    path: "tests.0.src",
    rule: "tag that `tagOwners` defines",
  },
  {
    name: "a test that contradicts a grant",
    policy: tested({ src: "tag:a", deny: ["tag:b:22"] }),
    path: "tests.0.deny.0",
    rule: "grants.0 opens it",
  },
  {
    name: "a test of what no rule opens",
    policy: tested({ src: "10.0.0.5", accept: ["lanhost:22"] }),
    path: "tests.0.accept.0",
    rule: "name that `hosts` defines",
  },
  {
    name: "a test of addresses that no rule opens",
    policy: tested({ src: "web", accept: ["10.0.0.6:22"] }),
    path: "tests.0.accept.0",
    rule: "no rule opens it",
  },
  {
    name: "an unknown IP set",
    policy: grant({ dst: ["ipset:x"] }),
    path: "grants.0.dst.0",
    rule: "set that `ipsets` defines",
    dialect: "tailscale",
  },
  {
    name: "an IP set that holds itself",
    policy: { ...owned, grants: [], ipsets: { "ipset:x": ["ipset:y"], "ipset:y": ["add ipset:x"] } },
    path: "ipsets.ipset:x",
    rule: "must not hold itself",
    dialect: "tailscale",
  },
  {
    name: "an IP set of tags",
    policy: { ...owned, grants: [], ipsets: { "ipset:x": ["tag:a"] } },
    path: "ipsets.ipset:x.0",
    rule: "must be a range",
    dialect: "tailscale",
  },
  {
    name: "an unknown posture",
    policy: grant({ srcPosture: ["posture:x"] }),
    path: "grants.0.srcPosture.0",
    rule: "posture that `postures` defines",
    dialect: "tailscale",
  },
  {
    name: "pools that overlap",
    policy: { ...owned, grants: [], nodeAttrs: [{ target: ["tag:a"], ipPool: ["100.81.0.0/16", "100.81.5.0/24"] }] },
    path: "nodeAttrs.0.ipPool.1",
    rule: "must not overlap",
    dialect: "tailscale",
  },
  {
    name: "a pool of reserved addresses",
    policy: { ...owned, grants: [], nodeAttrs: [{ target: ["tag:a"], ipPool: ["100.100.0.0/16"] }] },
    path: "nodeAttrs.0.ipPool.0",
    rule: "must be a range in",
    dialect: "tailscale",
  },
  {
    name: "a wrong option",
    policy: { ...owned, grants: [], OneCGNATRoute: "always" },
    path: "OneCGNATRoute",
    rule: "mac-always",
    dialect: "tailscale",
  },
  {
    name: "a rule without sources",
    policy: { ...owned, grants: [{ dst: ["tag:b"], ip: ["22"] }] },
    path: "grants.0.src",
    rule: "list of names",
    isTaken: true,
  },
  {
    name: "a group that is no list",
    policy: { ...owned, groups: { "group:x": "alice@" } },
    path: "groups.group:x",
    rule: "list of names",
  },
  { name: "logins that are none", policy: ssh({ users: null }), path: "ssh.0.users", rule: "list of names" },
];
