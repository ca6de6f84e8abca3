import fc from "../../helpers/properties";
import type { GrantRule, PolicyFile } from "../../../constructs/tailnet/language/policy-file";
import { canReach } from "../../../constructs/tailnet/reach/can-reach";
import { compilePolicy } from "../../../constructs/tailnet/reach/compile";
import { diffLines, type ReachChange, reachabilityDiff } from "../../../constructs/tailnet/reach/diff";
import { generated } from "./generated";
import { askable, tags } from "./tailnet";

const policy = fc.integer({ min: 0, max: 1_000_000 }).map(generated);
const subject = fc.constantFrom(...askable);
const protocol = fc.constantFrom(undefined, "tcp", "udp", "sctp", "icmp", "gre", "255");
const port = fc.constantFrom(1, 22, 53, 80, 85, 90, 91, 443, 5000, 65_535);
const question = fc.record({ from: subject, to: subject, protocol, port });
const ip = fc.constantFrom("*", "22", "tcp:80-90", "udp:53", "icmp:*", "gre:*");
const grant: fc.Arbitrary<GrantRule> = fc.record({
  src: fc.subarray(["tag:web", "group:dev", "autogroup:member", "*", "lan"], { minLength: 1 }),
  dst: fc.subarray(["tag:db", "alice@", "autogroup:internet", "*", "printer"], { minLength: 1 }),
  ip: fc.array(ip, { minLength: 1, maxLength: 2 }),
});

/** One port of a change. */
function portOf(ports: string): number | undefined {
  return ports === "" ? undefined : ports === "*" ? 22 : Number(/^\d+/.exec(ports)?.[0]);
}

function verdictOf(of: PolicyFile, { from, to, protocol: proto, ports }: ReachChange): string {
  return canReach(of, from, to, proto, portOf(ports)).verdict;
}

const changesOf = (before: PolicyFile, after: PolicyFile, change: ReachChange["change"]) =>
  reachabilityDiff(before, after).changes.filter((each) => each.change === change);

describe("laws of reachability", () => {
  test("a further grant closes nothing", () => {
    fc.assert(
      fc.property(policy, grant, fc.array(question, { minLength: 20, maxLength: 20 }), (before, added, questions) => {
        fc.pre(before.acls !== undefined || before.grants !== undefined);
        const after = { ...before, grants: [...(before.grants ?? []), added] };
        const closed = questions.filter(
          ({ from, to, protocol: proto, port: at }) =>
            canReach(before, from, to, proto, at).verdict === "open" &&
            canReach(after, from, to, proto, at).verdict !== "open",
        );
        expect(closed).toEqual([]);
        expect(changesOf(before, after, "no longer reaches")).toEqual([]);
      }),
    );
  });

  test("knowing more turns unknown into an answer, and never one answer into the other", () => {
    const devices = tags.map((tag, index) => ({
      tags: [tag],
      addresses: [`100.64.0.${index + 1}`, `fd7a:115c:a1e0::${index + 1}`],
    }));
    fc.assert(
      fc.property(
        policy,
        fc.constantFrom(...tags),
        fc.constantFrom(...tags),
        protocol,
        port,
        (of, from, to, proto, at) => {
          const [less, more] = [{}, { devices, approvedRoutes: [] }].map(
            (world) => canReach(compilePolicy(of, world), from, to, proto, at).verdict,
          );
          expect([less, "unknown"]).toContain(less === "unknown" ? "unknown" : more);
        },
      ),
    );
  });

  test("nothing changes between a policy and itself, its rules in another order, or its rules twice", () => {
    fc.assert(
      fc.property(policy, (of) => {
        const turned = { ...of, ...(of.grants === undefined ? {} : { grants: [...of.grants].reverse() }) };
        const doubled = { ...of, ...(of.acls === undefined ? {} : { acls: [...of.acls, ...of.acls] }) };
        expect([of, turned, doubled].flatMap((other) => diffLines(reachabilityDiff(of, other)))).toEqual([]);
      }),
    );
  });

  test("what newly reaches is open after and was not open before, and the other way round", () => {
    fc.assert(
      fc.property(policy, policy, (before, after) => {
        const wrong = (changes: readonly ReachChange[], open: PolicyFile, other: PolicyFile) =>
          changes.filter((each) => verdictOf(open, each) !== "open" || isOpenForAll(other, each));
        expect(wrong(changesOf(before, after, "newly reaches"), after, before)).toEqual([]);
        expect(wrong(changesOf(before, after, "no longer reaches"), before, after)).toEqual([]);
      }),
    );
  });

  test("a diff is its own reverse, turned round", () => {
    fc.assert(
      fc.property(policy, policy, (before, after) => {
        const there = changesOf(before, after, "newly reaches").map(({ from, to, protocol: proto, ports }) => [
          from,
          to,
          proto,
          ports,
        ]);
        const back = changesOf(after, before, "no longer reaches").map(({ from, to, protocol: proto, ports }) => [
          from,
          to,
          proto,
          ports,
        ]);
        expect(back).toEqual(there);
      }),
    );
  });
});

/** A destination of many counts as reached when one of them is; the diff asks for all of them. */
function isOpenForAll(of: PolicyFile, change: ReachChange): boolean {
  const isMany =
    ["*", "autogroup:member", "autogroup:tagged", "autogroup:self"].includes(change.to) ||
    change.to.startsWith("group:");
  const answer = canReach(of, change.from, change.to, change.protocol, portOf(change.ports));
  return answer.verdict === "open" && !isMany && answer.via === undefined;
}
