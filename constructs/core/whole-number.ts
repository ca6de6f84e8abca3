import type { Problem } from "./problems";

/** What is wrong with a number that must be whole and from `least` to `most`; nothing where it is left out. */
export function wholeNumberProblems(path: string, got: number | undefined, least: number, most?: number): Problem[] {
  if (got === undefined || (Number.isInteger(got) && got >= least && got <= (most ?? Infinity))) return [];
  const range = most === undefined ? `of at least ${least}` : `from ${least} to ${most}`;
  return [{ path, rule: `must be a whole number ${range}`, got }];
}
