import type { Problem } from "../../core/problems";
import { problem } from "./context";
import type { PolicyFile } from "./policy-file";

type Fields = Readonly<Record<string, unknown>>;

/** Lists of names that a rule of a section must have. */
const required: Readonly<Record<string, readonly string[]>> = {
  acls: ["src", "dst"],
  grants: ["src", "dst"],
  ssh: ["src", "dst", "users"],
  nodeAttrs: ["target"],
  tests: [],
  sshTests: ["dst"],
};

const maps = ["groups", "tagOwners", "ipsets", "postures"] as const;

/**
 * A policy whose lists are lists, as a file that a person wrote may not have them; `null` counts as left out.
 *
 * @returns the policy to check further, with empty lists in place of what is none, and the problems.
 */
export function shaped(policy: PolicyFile): { readonly policy: PolicyFile; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const names = (value: unknown, path: string): readonly string[] => {
    if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value;
    problems.push(problem(path, "must be a list of names", value, "write it in brackets"));
    return [];
  };
  const fields = Object.fromEntries(Object.entries(policy).filter(([, value]) => value !== null)) as Record<
    string,
    unknown
  >;
  for (const section of maps)
    if (fields[section] !== undefined)
      fields[section] = Object.fromEntries(
        Object.entries(fields[section] as Fields).map(([key, list]) => [key, names(list, `${section}.${key}`)]),
      );
  for (const [section, keys] of Object.entries(required)) {
    if (fields[section] === undefined) continue;
    const rules = Array.isArray(fields[section]) ? (fields[section] as Fields[]) : [];
    if (!Array.isArray(fields[section]))
      problems.push(problem(section, "must be a list of rules", fields[section], "write it in brackets"));
    fields[section] = rules.map((rule, index) => ({
      ...Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== null)),
      ...Object.fromEntries(keys.map((key) => [key, names(rule[key], `${section}.${index}.${key}`)])),
    }));
  }
  return { policy: fields, problems };
}
