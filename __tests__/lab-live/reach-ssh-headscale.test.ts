import type { PolicyFile, SshTest } from "../../constructs/tailnet/language/policy-file";
import { compilePolicy } from "../../constructs/tailnet/reach/compile";
import { canLogIn, type Login } from "../../constructs/tailnet/reach/ssh";
import { describeWithTool } from "../helpers/tools";
import { generatedSsh, loginSources, logins } from "../tailnet/reach/generated-ssh";
import { type Headscale, startHeadscale } from "../tailnet/reach/headscale";
import { Choices } from "../tailnet/reach/lists";
import { machines, tags, users } from "../tailnet/reach/tailnet";

/** More of them: STEPPE_REACH_COUNT=150 npx jest --selectProjects=lab --testPathPatterns reach-ssh */
const POLICIES = Number(process.env["STEPPE_REACH_COUNT"] ?? 60);

interface Claim {
  readonly src: string;
  readonly dst: string;
  readonly login: string;
  readonly verdict: Login["verdict"];
}

/** What must hold by our answer, and what must not. */
const claimsBy = {
  accept: { right: ["accept"], wrong: ["check", "deny"] },
  check: { right: ["accept", "check"], wrong: ["deny"] },
  deny: { right: ["deny"], wrong: ["accept", "check"] },
  partly: { right: [], wrong: ["accept", "check", "deny"] },
} as const;

const destinations = [
  ...tags.filter((tag) => tag !== "tag:empty"),
  "webhost",
  "alice@",
  "bob@",
  "autogroup:member",
  "autogroup:self",
];

function testsOf({ src, dst, login }: Claim, kinds: readonly ("accept" | "check" | "deny")[]): SshTest[] {
  return kinds.map((kind) => ({ src, dst: [dst], [kind]: [login] }));
}

/** headscale prints an address as a range of one. */
function labelOf(src: string): string {
  return /^[\d.]+$/.test(src) ? `${src}/32` : src;
}

describeWithTool("headscale", "logins and the real headscale", (path) => {
  let headscale: Headscale;
  beforeAll(async () => {
    headscale = await startHeadscale(path, users, machines);
  }, 60_000);
  afterAll(async () => await headscale.stop(), 30_000);

  /** A question per source and login, so that a line of headscale's answer tells which of them it is about. */
  function claimsOf(policy: PolicyFile, seed: number): Claim[] {
    const compiled = compilePolicy(policy, { devices: headscale.devices });
    const choices = new Choices(seed * 131 + 5);
    const questions = new Map<string, Claim>();
    for (let index = 0; index < 12; index += 1) {
      const [src, login, dst] = [choices.one(loginSources), choices.one(logins), choices.one(destinations)];
      // Only a single user has machines of their own in a test.
      if (dst === "autogroup:self" && !users.some((user) => src === `${user}@`)) continue;
      questions.set(`${src}/${login}`, { src, dst, login, verdict: canLogIn(compiled, src, dst, login).verdict });
    }
    return [...questions.values()];
  }

  test(`agrees on ${POLICIES} policies made by chance`, async () => {
    const counts: Record<string, number> = {};
    const wrong: unknown[] = [];
    for (let seed = 0; seed < POLICIES; seed += 1) {
      const policy = generatedSsh(seed);
      const claims = claimsOf(policy, seed);
      for (const { verdict } of claims) counts[verdict] = (counts[verdict] ?? 0) + 1;
      const known = claims.flatMap((claim) =>
        claim.verdict === "unknown" ? [] : [{ claim, ...claimsBy[claim.verdict] }],
      );
      const right = await headscale.check({
        ...policy,
        sshTests: known.flatMap((one) => testsOf(one.claim, one.right)),
      });
      if (right !== undefined) wrong.push([right, JSON.stringify(policy.ssh)]);
      for (const kind of ["accept", "check", "deny"] as const) {
        const turned = known.filter((one) => (one.wrong as readonly string[]).includes(kind));
        if (turned.length === 0) continue;
        const sshTests = turned.flatMap((one) => testsOf(one.claim, [kind]));
        const output = (await headscale.check({ ...policy, sshTests })) ?? "";
        for (const { claim } of turned)
          if (!output.includes(`${labelOf(claim.src)}/${claim.login} -> `))
            wrong.push([kind, claim, JSON.stringify(policy.ssh)]);
      }
    }
    process.stdout.write(`logins: ${JSON.stringify(counts)}\n`);
    expect(wrong).toEqual([]);
    expect(counts["unknown"]).toBeUndefined();
    for (const verdict of ["accept", "check", "deny", "partly"]) expect(counts[verdict]).toBeGreaterThan(20);
  }, 300_000);
});
