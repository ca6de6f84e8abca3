import type { Problem } from "../core/problems";

/** A name that engines take without quotes. */
export function identifierProblems(path: string, name: string): Problem[] {
  if (/^[a-z_][a-z0-9_]{0,62}$/.test(name)) return [];
  const rule = "must be at most 63 lower-case letters, digits and _, and not begin with a digit";
  return [{ path, rule, got: name, fix: "use _ in place of other characters" }];
}
