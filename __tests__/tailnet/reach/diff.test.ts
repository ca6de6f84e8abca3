import type { GrantRule, PolicyFile } from "../../../constructs/tailnet/language/policy-file";
import { diffLines, reachabilityDiff } from "../../../constructs/tailnet/reach/diff";
import { tailnetPolicy } from "../../../constructs/tailnet/policy";
import { identitiesOf, tagsOf } from "../../../model/identities";
import { smallFleet, spoil } from "../../helpers/fleet";

const rule = (src: string, dst: string, ...ip: string[]): GrantRule => ({ src: [src], dst: [dst], ip });
const grants = (...rules: GrantRule[]): PolicyFile => ({ grants: rules });
const lines = (before: PolicyFile, after: PolicyFile) => diffLines(reachabilityDiff(before, after));

describe("reachabilityDiff", () => {
  test("says who newly reaches whom", () => {
    const after = grants(rule("tag:pool-edge", "tag:nomad-server-east", "tcp:4647"));
    expect(lines(grants(), after)).toEqual(["tag:pool-edge newly reaches tag:nomad-server-east tcp 4647"]);
    expect(lines(after, grants())).toEqual(["tag:pool-edge no longer reaches tag:nomad-server-east tcp 4647"]);
  });

  test("joins ranges, and tells protocols apart", () => {
    const after = grants(
      rule("tag:a", "tag:b", "tcp:80-85", "tcp:86", "udp:53", "gre:*"),
      rule("tag:a", "tag:b", "tcp:443,84-90"),
    );
    expect(lines(grants(), after)).toEqual([
      "tag:a newly reaches tag:b tcp 80-90,443",
      "tag:a newly reaches tag:b udp 53",
      "tag:a newly reaches tag:b gre",
    ]);
  });

  test("tells of ping where nothing else is new", () => {
    expect(lines(grants(), grants(rule("tag:a", "tag:b", "icmp:*")))).toEqual(["tag:a newly reaches tag:b icmp"]);
    expect(lines(grants(rule("tag:a", "tag:b", "22")), grants(rule("tag:a", "tag:b", "22", "icmp:*")))).toEqual([]);
  });

  test("is about what rules mean and not how they are written", () => {
    const one = grants({ src: ["tag:a", "tag:c"], dst: ["tag:b"], ip: ["tcp:80-90"] });
    const acls = [
      { action: "accept" as const, proto: "6", src: ["tag:c", "tag:a"], dst: ["tag:b:80-84", "tag:b:85-90"] },
    ];
    expect(lines(one, { acls })).toEqual([]);
    expect(
      lines(
        grants(rule("autogroup:tagged", "tag:b", "22")),
        grants(rule("autogroup:tagged", "tag:b", "22"), rule("tag:a", "tag:b", "22")),
      ),
    ).toEqual([]);
  });

  test("tells a change once, for the widest", () => {
    const before = grants(rule("tag:a", "tag:c", "80"));
    const after = grants(rule("*", "tag:b", "tcp:22"), rule("tag:a", "tag:b", "tcp:22"), rule("tag:a", "tag:c", "80"));
    expect(lines(before, after)).toEqual(["* newly reaches tag:b tcp 22"]);
  });

  test("says what stays of what is lost as a whole", () => {
    const before = grants(rule("autogroup:tagged", "tag:b", "tcp:22-23"), rule("tag:a", "tag:c", "tcp:1"));
    const after = grants(rule("tag:a", "tag:b", "tcp:22"), rule("tag:a", "tag:c", "tcp:1"));
    expect(lines(before, after)).toEqual([
      "autogroup:tagged no longer reaches tag:b tcp 22-23 (still: tag:a to tag:b tcp 22)",
    ]);
  });

  test("tells what it opens that all rules are gone", () => {
    expect(lines(grants(rule("tag:a", "tag:b", "tcp:22")), {})).toEqual([
      "autogroup:danger-all newly reaches * tcp *",
      "autogroup:danger-all newly reaches * udp *",
    ]);
  });

  test("looks into groups, hosts and IP sets that changed", () => {
    const before = {
      groups: { "group:x": ["ann@"] },
      hosts: { nas: "10.0.0.5" },
      ...grants(rule("group:x", "nas", "tcp:22")),
    };
    const joined = { ...before, groups: { "group:x": ["ann@", "bob@"] } };
    expect(lines(before, joined)).toEqual(["bob@ newly reaches nas tcp 22"]);
    expect(lines(before, { ...before, hosts: { nas: "10.0.0.6" } })).toEqual([
      "group:x no longer reaches 10.0.0.5 tcp 22",
      "group:x newly reaches 10.0.0.6 tcp 22",
    ]);
    const ipsets = { "ipset:p": ["10.1.0.0/24"] };
    const sets = { ipsets, ...grants(rule("tag:a", "ipset:p", "tcp:22")) };
    expect(lines(sets, { ...sets, ipsets: { "ipset:p": ["10.1.0.0/24", "10.2.0.0/24"] } })).toEqual([
      "tag:a newly reaches 10.2.0.0/24 tcp 22",
    ]);
  });

  test("names apart what cannot be evaluated, where it changed", () => {
    const posture = { ...rule("tag:a", "tag:b", "tcp:22"), srcPosture: ["posture:x"] };
    const via = { ...rule("tag:a", "10.0.0.0/8", "443"), via: ["tag:r"] };
    const postures = { "posture:x": ["node:os == 'linux'"] };
    const before = { postures, ...grants(posture) };
    expect(lines(before, { postures, ...grants(posture, via) })).toEqual([
      "unknown: grants.1 after: tag:a to 10.0.0.0/8 443: opens it only through tag:r",
    ]);
    expect(lines(before, { postures: { "posture:x": ["node:os == 'macos'"] }, ...grants(posture) })).toEqual([
      "unknown: grants.0 before: tag:a to tag:b tcp:22: holds only where posture:x holds",
      "unknown: grants.0 after: tag:a to tag:b tcp:22: holds only where posture:x holds",
    ]);
  });

  test("follows a fleet: a new caller of a service", () => {
    const fleet = smallFleet();
    const other = spoil(smallFleet(), "services.vllm.callers", ["edge", "operators", "gpu"]);
    const devices = identitiesOf(fleet).map((identity) => ({ tags: tagsOf(identity) }));
    const diff = reachabilityDiff(tailnetPolicy(fleet), tailnetPolicy(other), { devices });
    expect(diffLines(diff)).toEqual(["tag:nomad-pool-gpu newly reaches tag:nomad-pool-gpu tcp 8000"]);
  });
});
