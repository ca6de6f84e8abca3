import { parse, type ParseError, printParseErrorCode } from "jsonc-parser";
import type { Problem } from "../../core/problems";
import { POLICY_SECTIONS } from "./check-keys";
import type { PolicyFile } from "./policy-file";

/** Names of sections by their lower-case form: control planes read them in any case, as the oldest policies have them. */
const sections: ReadonlyMap<string, string> = new Map(POLICY_SECTIONS.map((name) => [name.toLowerCase(), name]));

/**
 * Reads a policy file: HuJSON (JSON with comments and trailing commas) or JSON.
 *
 * @returns the policy, its sections under the names that this language has for them, and what is wrong with the text, by
 * line; the policy is then empty.
 */
export function parsePolicy(text: string): { readonly policy: PolicyFile; readonly problems: readonly Problem[] } {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true, disallowComments: false });
  const problems = errors.map(({ error, offset }) => ({
    path: `line ${text.slice(0, offset).split("\n").length}`,
    rule: `must be HuJSON: ${printParseErrorCode(error)}`,
    got: text.slice(offset).split("\n")[0]?.slice(0, 40),
    fix: "correct it, or give the file as the control plane shows it",
  }));
  if (problems.length > 0) return { policy: {}, problems };
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return { policy: withKnownNames(value as Readonly<Record<string, unknown>>), problems };
  const problem = { path: "line 1", rule: "must be an object with sections", fix: "give a whole policy file" };
  return { policy: {}, problems: [problem] };
}

function withKnownNames(value: Readonly<Record<string, unknown>>): PolicyFile {
  return Object.fromEntries(
    Object.entries(value).map(([key, section]) => [sections.get(key.toLowerCase()) ?? key, section]),
  );
}
