import type { JudgedFinding } from "./lifting";
import { grouped } from "./markdown/names";

/** Findings that say the same of several things, told once. */
export interface Alike {
  readonly first: JudgedFinding;
  /** What it is said of: names by which people know it, or addresses. */
  readonly names: readonly string[];
  /** Stacks in which that is. Empty for what belongs to the fleet. */
  readonly stacks: readonly string[];
}

/** Puts findings together whose reason, fix and acceptance are the same, in the order of their first. */
export function alike(findings: readonly JudgedFinding[]): readonly Alike[] {
  const sameness = ({ id, severity, reason, fix, lifting }: JudgedFinding) =>
    JSON.stringify([id, severity, reason, fix, lifting]);
  return grouped(findings, sameness).map((group) => ({
    first: group[0],
    names: group.map(({ about, resource }) => (group.length === 1 ? resource : (about ?? resource))),
    stacks: [...new Set(group.flatMap(({ stack }) => stack ?? []))],
  }));
}
