import type { AccessTest, PolicyFile } from "../../constructs/tailnet/language/policy-file";
import { canReach } from "../../constructs/tailnet/reach/can-reach";
import { compilePolicy } from "../../constructs/tailnet/reach/compile";
import { testView } from "../../constructs/tailnet/reach/test-view";
import { describeWithTool } from "../helpers/tools";
import { generated } from "../tailnet/reach/generated";
import { handmade } from "../tailnet/reach/handmade";
import { refused } from "../tailnet/language/refused";
import { type Headscale, startHeadscale } from "../tailnet/reach/headscale";
import { knownGaps } from "../tailnet/reach/known-gaps";
import { Choices } from "../tailnet/reach/lists";
import { askable, machines, users } from "../tailnet/reach/tailnet";

/** More of them: STEPPE_REACH_COUNT=320 npx jest --selectProjects=lab --testPathPatterns reach-headscale */
const GENERATED = Number(process.env["STEPPE_REACH_COUNT"] ?? 60);
const QUESTIONS = 24;

/** A question, and whether we say that it is open. */
interface Claim {
  readonly src: string;
  readonly dst: string;
  readonly proto: string;
  readonly isOpen: boolean;
}

function destination(subject: string, port: number): string {
  return /^[0-9a-f:]+:[0-9a-f:]*$/i.test(subject) ? `[${subject}]:${port}` : `${subject}:${port}`;
}

/** Tests as a policy writes them, one per claim; turned round they must all fail. */
function testsOf(claims: readonly Claim[], isRight: boolean): AccessTest[] {
  return claims.map(({ src, dst, proto, isOpen }) => ({
    src,
    ...(proto === "" ? {} : { proto }),
    [isOpen === isRight ? "accept" : "deny"]: [dst],
  }));
}

/** What headscale prints for claims that fail. */
function failures(claims: readonly Claim[]): string[] {
  return claims.map(({ src, dst, proto, isOpen }) => {
    const [expected, got] = isOpen ? ["DENIED", "ALLOWED"] : ["ALLOWED", "DENIED"];
    return `${src} -> ${dst}${proto === "" ? "" : ` (${proto})`}: expected ${expected}, got ${got}`;
  });
}

function failedLines(output: string | undefined): string[] {
  return (output ?? "").split("\n").filter((line) => line.includes(": expected "));
}

/** Every other question is about names of one rule, as far as they can be asked about. */
function pairOf({ acls = [], grants = [] }: PolicyFile, choices: Choices): [string, string] {
  const rules = [
    ...grants,
    ...acls.map(({ src, dst }) => ({ src, dst: dst.map((text) => text.replace(/:[^:]*$/, "")) })),
  ];
  const rule = rules.length === 0 || choices.once(3) ? undefined : choices.one(rules);
  const among = (names: readonly string[] = []) => {
    const found = askable.filter((name) => names.includes(name));
    return choices.one(found.length > 0 ? found : askable);
  };
  return [among(rule?.src), among(rule?.dst)];
}

function allPolicies(): PolicyFile[] {
  return [...Object.values(handmade), ...Array.from({ length: GENERATED }, (_item, seed) => generated(seed))];
}

/** What the language has, as a pattern of a policy's JSON, and how many policies show it. */
const features: Readonly<Record<string, RegExp>> = {
  grants: /"grants":\[\{/,
  acls: /"acls":\[\{/,
  "both of them": /"acls":\[\{.*"grants":\[\{/,
  "neither of them": /^(?!.*"(acls|grants)":)/,
  "empty lists": /"(acls|grants)":\[\]/,
  tags: /"src":\[[^\]]*"tag:/,
  users: /"src":\[[^\]]*"alice@"/,
  groups: /"src":\[[^\]]*"group:dev"/,
  "a group without members": /"src":\[[^\]]*"group:empty"/,
  hosts: /"dst":\[[^\]]*"lan(:|")/,
  "IPv4 ranges": /"src":\[[^\]]*"10\.1\.0\.0\/16"/,
  "IPv6 ranges": /"src":\[[^\]]*"fd7a:115c:a1e0::\/48"/,
  members: /"autogroup:member/,
  tagged: /"autogroup:tagged/,
  self: /"autogroup:self/,
  internet: /"autogroup:internet/,
  "danger-all": /"autogroup:danger-all/,
  "any source": /"src":\[[^\]]*"\*"/,
  "any destination": /"dst":\[[^\]]*"\*(:|")/,
  "protocols by name": /"proto":"(udp|gre)"|"udp:53"/,
  "protocols by number": /"proto":"(6|17|132)"|"6:22"/,
  "ports by range": /:80-90|"80-90"/,
  "lists of ports": /22,80,443/,
  via: /"via":\["/,
  app: /"app":\{/,
};

describeWithTool("headscale", "reachability and the real headscale", (path) => {
  let headscale: Headscale;
  beforeAll(async () => {
    headscale = await startHeadscale(path, users, machines);
  }, 60_000);
  afterAll(async () => await headscale.stop(), 30_000);

  const compile = (policy: PolicyFile) => compilePolicy(policy, { devices: headscale.devices, approvedRoutes: [] });

  function claimsOf(policy: PolicyFile, seed: number): Claim[] {
    const compiled = compile(testView(policy));
    const choices = new Choices(seed * 31 + 7);
    const claims = Array.from({ length: QUESTIONS }, (): Claim => {
      const [src, to] = pairOf(policy, choices);
      const port = choices.one([1, 22, 53, 80, 85, 90, 91, 443, 5000, 65_535]);
      const proto = choices.one(["", "tcp", "udp", "sctp"]);
      const { verdict } = canReach(compiled, src, to, proto, port);
      if (verdict === "unknown")
        throw new Error(`no answer: ${src} to ${to} ${proto} ${port} in ${JSON.stringify(policy)}`);
      return { src, dst: destination(to, port), proto, isOpen: verdict === "open" };
    });
    return [...new Map(claims.map((claim) => [`${claim.src} ${claim.dst} ${claim.proto}`, claim])).values()];
  }

  /** Nothing where headscale agrees with every claim. */
  async function disagreements(policy: PolicyFile, claims: readonly Claim[]): Promise<string[]> {
    const right = await headscale.check({ ...policy, tests: testsOf(claims, true) });
    if (right !== undefined) return [right, JSON.stringify(policy)];
    const failed = new Set(failedLines(await headscale.check({ ...policy, tests: testsOf(claims, false) })));
    return failures(claims).filter((line) => !failed.has(line));
  }

  test("machines have the addresses that policies name", () => {
    const addresses = Object.fromEntries(headscale.devices.map(({ name, addresses: [v4] = [] }) => [name, v4]));
    expect(addresses).toMatchObject({ web1: "100.64.0.2", twin1: "100.64.0.24", twin2: "100.64.0.25" });
  });

  test(`agrees on policies made by hand and ${GENERATED} made by chance`, async () => {
    const policies = allPolicies();
    const counts = { policies: policies.length, claims: 0, open: 0 };
    const wrong: string[] = [];
    for (const [index, policy] of policies.entries()) {
      const claims = claimsOf(policy, index);
      counts.claims += claims.length;
      counts.open += claims.filter(({ isOpen }) => isOpen).length;
      wrong.push(...(await disagreements(policy, claims)));
    }
    process.stdout.write(`reachability: ${JSON.stringify(counts)}\n`);
    expect(wrong).toEqual([]);
    expect(counts.policies).toBeGreaterThan(GENERATED);
    expect(counts.open / counts.claims).toBeGreaterThan(0.1);
    expect(counts.open / counts.claims).toBeLessThan(0.9);
  }, 180_000);

  test.each(Object.entries(features))("policies show %s", (_name, pattern) => {
    expect(allPolicies().filter((policy) => pattern.test(JSON.stringify(policy))).length).toBeGreaterThan(0);
  });

  const ofHeadscale = refused.filter(({ dialect }) => dialect !== "tailscale");
  test.each(ofHeadscale.filter(({ isTaken }) => isTaken !== true))("refuses, as we do, $name", async ({ policy }) => {
    expect(await headscale.check(policy)).toContain("Error: ");
  });

  test.each(ofHeadscale.filter(({ isTaken }) => isTaken === true))(
    "takes, where we ask for more, $name",
    async (each) => {
      expect(await headscale.check(each.policy)).toBeUndefined();
    },
  );

  test.each(knownGaps)(
    "still differs by design: $name",
    async ({ policy, question: { from, to, proto, port }, ours, theirs }) => {
      expect(canReach(compile(policy), from, to, proto, port).verdict).toBe(ours);
      const [right, wrong] = theirs === "ALLOWED" ? ["accept", "deny"] : ["deny", "accept"];
      const claim = (kind: string) => ({ ...policy, tests: [{ src: from, proto, [kind]: [destination(to, port)] }] });
      expect(await headscale.check(claim(right))).toBeUndefined();
      expect(failedLines(await headscale.check(claim(wrong)))).toHaveLength(1);
    },
  );
});
