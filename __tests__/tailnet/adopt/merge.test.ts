import fc from "../../helpers/properties";
import { mergePolicies } from "../../../constructs/tailnet/adopt/merge";
import { adoptPolicy } from "../../../constructs/tailnet/adopt/problems";
import type { PolicyFile } from "../../../constructs/tailnet/language/policy-file";
import { parsePolicy } from "../../../constructs/tailnet/language/parse-policy";
import { annotatedPolicy, tailnetPolicy } from "../../../constructs/tailnet/policy";
import { policyOptions, policyProblems } from "../../../constructs/tailnet/policy-problems";
import { policyText } from "../../../constructs/tailnet/policy-text";
import { canReach } from "../../../constructs/tailnet/reach/can-reach";
import { compilePolicy } from "../../../constructs/tailnet/reach/compile";
import { smallFleet } from "../../helpers/fleet";
import { generated } from "../reach/generated";
import { askable } from "../reach/tailnet";

type Policy = Readonly<Record<string, unknown>>;

const allowAll = { action: "accept", src: ["*"], dst: ["*:*"] } as const;

function merged(policy: Policy, own: PolicyFile, dropped: Readonly<Record<string, string>> = {}) {
  return mergePolicies({ policy, dropped }, own);
}

describe("mergePolicies", () => {
  test("puts old rules first and adds what is new of each section", () => {
    const old = {
      groups: { "group:web": ["ada@example.com"] },
      grants: [{ src: ["group:web"], dst: ["tag:web"], ip: ["tcp:443"] }],
      tagOwners: { "tag:web": ["autogroup:admin"] },
      autoApprovers: { routes: { "10.0.0.0/8": ["tag:web"] }, exitNode: ["tag:web"] },
      nodeAttrs: [{ target: ["*"], attr: ["funnel"] }],
      randomizeClientPort: true,
    };
    const own: PolicyFile = {
      grants: [{ src: ["tag:a"], dst: ["tag:b"], ip: ["tcp:1"] }],
      tagOwners: { "tag:a": ["autogroup:admin"], "tag:web": ["autogroup:admin"] },
      autoApprovers: { routes: { "192.168.1.9/32": ["tag:a"] } },
      tests: [{ src: "tag:a", accept: ["tag:b:1"] }],
    };
    expect(merged(old, own)).toEqual({
      policy: {
        groups: old.groups,
        tagOwners: { "tag:web": ["autogroup:admin"], "tag:a": ["autogroup:admin"] },
        grants: [...old.grants, ...(own.grants ?? [])],
        autoApprovers: { routes: { "10.0.0.0/8": ["tag:web"], "192.168.1.9/32": ["tag:a"] }, exitNode: ["tag:web"] },
        nodeAttrs: old.nodeAttrs,
        tests: own.tests,
        randomizeClientPort: true,
      },
      problems: [],
      adopted: { acls: [], grants: [0], ssh: [], nodeAttrs: [0], tests: [], sshTests: [] },
    });
  });

  test("names both meanings of a name, all at once, and takes the fleet's where the old one is dropped", () => {
    const old = {
      acls: [],
      groups: { "group:a": ["ada@example.com"] },
      hosts: { "nas.lan": "10.0.0.1" },
      autoApprovers: { routes: { "10.0.0.0/8": ["tag:x"] } },
    };
    const own: PolicyFile = {
      groups: { "group:a": ["bob@example.com"] },
      hosts: { "nas.lan": "10.0.0.2" },
      autoApprovers: { routes: { "10.0.0.0/8": ["tag:y"] } },
    };
    const { problems } = merged(old, own);
    expect(problems.map(({ path, rule, got }) => [path, rule, got])).toEqual([
      ["tailnet.adopted.policy.groups.group:a", 'must be what the fleet has, ["bob@example.com"]', ["ada@example.com"]],
      ["tailnet.adopted.policy.hosts.nas.lan", 'must be what the fleet has, "10.0.0.2"', "10.0.0.1"],
      ["tailnet.adopted.policy.autoApprovers.routes.10.0.0.0/8", 'must be what the fleet has, ["tag:y"]', ["tag:x"]],
    ]);
    expect(problems[0]?.fix).toBe('change the fleet\'s, or drop this one: dropped: { "groups.group:a": "<reason>" }');
    const dropped = Object.fromEntries(problems.map(({ path }) => [path.replace("tailnet.adopted.policy.", ""), "r"]));
    expect(merged(old, own, dropped)).toMatchObject({ policy: own, problems: [] });
  });

  test("takes lists of names in another order as equal, but not those of an IP set", () => {
    const own: PolicyFile = {
      groups: { "group:a": ["a@x", "b@x"] },
      ipsets: { "ipset:a": ["10.0.0.0/8", "remove 10.1.0.0/16"] },
    };
    const old = {
      acls: [],
      groups: { "group:a": ["b@x", "a@x"] },
      ipsets: { "ipset:a": ["remove 10.1.0.0/16", "10.0.0.0/8"] },
    };
    expect(merged(old, own).problems.map(({ path }) => path)).toEqual(["tailnet.adopted.policy.ipsets.ipset:a"]);
  });

  test("refuses a dropped path that names nothing", () => {
    const { problems } = merged(
      { acls: [allowAll] },
      {},
      { "acls.1": "gone", "groups.group:a": "gone", grants: "gone" },
    );
    expect(problems.map(({ path }) => path)).toEqual(
      ["acls.1", "groups.group:a", "grants"].map((path) => `tailnet.adopted.dropped.${path}`),
    );
  });

  test("counts dropped rules as they stand in the old policy", () => {
    const rules = ["22", "80", "443", "8080"].map((port) => ({ src: ["*"], dst: ["tag:a"], ip: [`tcp:${port}`] }));
    const { policy, adopted } = merged({ grants: rules }, {}, { "grants.0": "r", "grants.2": "r" });
    expect(policy.grants).toEqual([rules[1], rules[3]]);
    expect(adopted.grants).toEqual([1, 3]);
  });

  test("keeps open what a policy without acls and grants opens, until that is dropped", () => {
    const own: PolicyFile = { grants: [{ src: ["tag:a"], dst: ["tag:b"], ip: ["tcp:1"] }] };
    expect(canReach(merged({}, own).policy, "tag:x", "tag:y", "tcp", 22).verdict).toBe("open");
    const dropped = merged({}, own, { "acls.0": "only what the fleet says" });
    expect(dropped.problems).toEqual([]);
    expect(canReach(dropped.policy, "tag:x", "tag:y", "tcp", 22).verdict).toBe("closed");
  });

  test("never closes what the old policy opens, nor what the fleet's opens, and changes nothing when it is repeated", () => {
    const subject = fc.constantFrom(...askable);
    // Else nobody knows whether * covers an address outside the tailnet.
    const world = { approvedRoutes: ["0.0.0.0/0", "::/0"] };
    const port = fc.constantFrom(22, 80, 85, 443, 53, 5000);
    fc.assert(
      fc.property(
        fc.nat(5000),
        fc.nat(5000),
        fc.array(fc.tuple(subject, subject, port), { minLength: 8 }),
        (a, b, questions) => {
          const old = generated(a);
          const own = { ...generated(b), grants: generated(b).grants ?? [] };
          const once = merged(old as Policy, own);
          const [before, mine, after] = [old, own, once.policy].map((policy) => compilePolicy(policy, world));
          const closed = questions.filter(([from, to, number]) => {
            const isOpen = (policy = after) => canReach(policy!, from, to, "tcp", number).verdict === "open";
            return (isOpen(before) || isOpen(mine)) && !isOpen();
          });
          expect(closed).toEqual([]);
          expect(merged(once.policy as Policy, own).policy).toEqual(once.policy);
        },
      ),
      { numRuns: 150 },
    );
  });
});

const own = tailnetPolicy(smallFleet());

describe("adoptPolicy", () => {
  const options = policyOptions(smallFleet());

  test("says of Tailscale's default policy which rule to drop, once, and how", () => {
    const { policy } = parsePolicy(
      `{
      // Allow all connections.
      "acls": [{ "action": "accept", "src": ["*"], "dst": ["*:*"] },],
      "ssh": [{ "action": "check", "src": ["autogroup:member"], "dst": ["autogroup:self"], "users": ["autogroup:nonroot", "root"] }],
    }`,
    );
    const problems = adoptPolicy({ policy: policy as Policy }, own, options).problems;
    expect(problems.map(({ path, got, fix }) => ({ path, got, fix }))).toEqual([
      {
        path: "tailnet.adopted.policy.acls.0",
        got: allowAll,
        fix: 'put narrower grants in its place and drop it: dropped: { "acls.0": "<reason>" }',
      },
    ]);
    expect(problems[0]?.rule).toMatch(
      /^must not open what the fleet's tests deny: tag:.* to tag:.*:\d+, and \d+ more$/,
    );
    const dropped = { "acls.0": "allowed everything to everyone" };
    expect(adoptPolicy({ policy: policy as Policy, dropped }, own, options).problems).toEqual([]);
  });

  test("says of a policy without rules that it opens everything", () => {
    const [problem] = adoptPolicy({ policy: {} }, own, options).problems;
    expect(problem).toMatchObject({
      path: "tailnet.adopted.policy.acls.0",
      got: "a policy without acls and grants, which opens everything",
    });
  });

  test("tells problems of the old policy under its own numbers", () => {
    const rules = [
      { src: ["*"], dst: ["*"], ip: ["*"] },
      { src: ["group:nobody"], dst: ["tag:nomad-server"], ip: ["tcp:443"] },
    ];
    const { problems } = adoptPolicy({ policy: { grants: rules }, dropped: { "grants.0": "r" } }, own, options);
    expect(problems.map(({ path }) => path)).toEqual(["tailnet.adopted.policy.grants.1.src.0"]);
  });
});

describe("the policy of a fleet whose tailnet had one", () => {
  const adopting = (policy: Policy, dropped = {}) => {
    const fleet = smallFleet();
    fleet.tailnet.adopted = { policy, dropped };
    return fleet;
  };

  test("holds both, each rule with where it comes from", () => {
    const rule = { src: ["group:web"], dst: ["tag:web"], ip: ["tcp:443"] };
    const old = { groups: { "group:web": ["a@x.io"] }, tagOwners: { "tag:web": ["autogroup:admin"] }, grants: [rule] };
    const fleet = adopting(old);
    const { policy, reasons } = annotatedPolicy(fleet);
    expect(policy.grants).toEqual([rule, ...own.grants]);
    expect(reasons.get("grants.0")?.from).toBe("tailnet.adopted");
    expect(reasons.get("grants.1")).toEqual(annotatedPolicy(smallFleet()).reasons.get("grants.0"));
    expect(policyProblems(fleet, annotatedPolicy(fleet))).toEqual([]);
    expect(policyText(fleet)).toContain("// kept of the policy before the fleet\n");
  });

  test("is refused while the old one opens what the fleet denies", () => {
    const fleet = adopting({ acls: [allowAll] });
    const [problem, ...more] = policyProblems(fleet, annotatedPolicy(fleet));
    expect([problem?.path, more]).toEqual(["tailnet.adopted.policy.acls.0", []]);
    const mended = adopting({ acls: [allowAll] }, { "acls.0": "allowed everything to everyone" });
    expect(policyProblems(mended, annotatedPolicy(mended))).toEqual([]);
  });
});

describe("parsePolicy", () => {
  test("reads comments, trailing commas, and sections in the case of the oldest policies", () => {
    const text = '{\n  // people\n  "Groups": { "group:a": ["a@x",], },\n  "ACLs": [], /* none */ "TagOwners": {},\n}';
    expect(parsePolicy(text)).toEqual({
      policy: { groups: { "group:a": ["a@x"] }, acls: [], tagOwners: {} },
      problems: [],
    });
  });

  test("says on which line a text is no policy", () => {
    expect(parsePolicy('{\n  "acls": [}\n').problems.map(({ path }) => path)).toContain("line 2");
    expect(parsePolicy("[]").problems).toMatchObject([{ path: "line 1", rule: "must be an object with sections" }]);
    expect(parsePolicy("").problems).toHaveLength(1);
  });
});
