import type { Problem } from "../../core/problems";
import type { AdoptedPolicy } from "../../../model/tailnet-types";
import type { PolicyOptions } from "../language/context";
import type { AccessTest, PolicyFile } from "../language/policy-file";
import { splitDestination } from "../language/subjects";
import { validatePolicy } from "../language/validate";
import { canReach } from "../reach/can-reach";
import { CompiledPolicy } from "../reach/compile";
import { type MergedPolicy, mergePolicies } from "./merge";

/** A rule of the adopted policy, and the claims of the fleet that it breaks. */
interface Opener {
  readonly path: string;
  readonly claims: string[];
}

/**
 * Merges as {@link mergePolicies} does, and says everything that stands against the result. What the fleet's own tests deny
 * and the adopted policy opens is told once per rule of the adopted policy, with what to drop.
 */
export function adoptPolicy(
  adopted: AdoptedPolicy,
  own: PolicyFile,
  options: PolicyOptions,
): Pick<MergedPolicy, "policy" | "problems"> {
  const merged = mergePolicies(adopted, own);
  const openers = openersOf(merged, own, options);
  const found = validatePolicy(merged.policy, options).map((problem) => ({
    ...problem,
    path: pathOf(merged, problem.path),
  }));
  const told = new Set(openers.flatMap(({ claims }) => claims));
  return {
    policy: merged.policy,
    problems: [
      ...merged.problems,
      ...openers.map(({ path, claims }) => openerProblem(path, claims, adopted)),
      ...found.filter(({ got }) => typeof got !== "string" || !told.has(got)),
    ],
  };
}

function openersOf({ policy, adopted }: MergedPolicy, own: PolicyFile, options: PolicyOptions): Opener[] {
  const compiled = new CompiledPolicy(policy, options);
  const openers = new Map<string, Opener>();
  for (const test of own.tests ?? [])
    for (const claim of test.deny ?? [])
      for (const rule of rulesAgainst(compiled, test, claim)) {
        const [section = "", number = ""] = rule.split(".");
        const index = (section === "acls" || section === "grants" ? adopted[section] : [])[Number(number)];
        if (index === undefined) continue;
        const path = `${section}.${index}`;
        const opener = openers.get(path) ?? { path, claims: [] };
        openers.set(path, opener);
        opener.claims.push(`${test.src} to ${claim}`);
      }
  return [...openers.values()];
}

function rulesAgainst(compiled: CompiledPolicy, test: AccessTest, claim: string): readonly string[] {
  const { subject = "", ports = "" } = splitDestination(claim) ?? {};
  return canReach(compiled, test.src, subject, test.proto, Number(ports)).rules;
}

function openerProblem(path: string, claims: readonly string[], { policy }: AdoptedPolicy): Problem {
  const [section = "", number = ""] = path.split(".");
  const rules = policy[section] as readonly unknown[] | undefined;
  const more = claims.length > 1 ? `, and ${claims.length - 1} more` : "";
  return {
    path: `tailnet.adopted.policy.${path}`,
    rule: `must not open what the fleet's tests deny: ${claims[0] ?? ""}${more}`,
    got: rules?.[Number(number)] ?? "a policy without acls and grants, which opens everything",
    fix: `put narrower grants in its place and drop it: dropped: { "${path}": "<reason>" }`,
  };
}

/** A path of the merged policy as one of the fleet's data, for what comes from the adopted policy. */
function pathOf({ adopted }: MergedPolicy, path: string): string {
  const [section = "", number = "", ...rest] = path.split(".");
  const index = Object.hasOwn(adopted, section) ? adopted[section as keyof typeof adopted][Number(number)] : undefined;
  return index === undefined || number === "" ? path : ["tailnet.adopted.policy", section, index, ...rest].join(".");
}
