import type { Finding } from "../types";
import { counted } from "../words";

/** A finding of one stack, which may be the same in others. */
export type Told = Omit<Finding, "stack"> & { readonly stack: string };

/** Findings of which each is told once, however many stacks have it. */
export function once(all: readonly Told[]): readonly Finding[] {
  const groups = new Map<string, Told[]>();
  for (const one of all) {
    const key = [one.id, one.severity, one.resource, one.reason].join("\n");
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((group) => {
    const [first] = group as [Told, ...Told[]];
    const { stack, ...finding } = first;
    if (group.length === 1) return { ...finding, stack };
    return { ...finding, reason: `${finding.reason}, in ${counted(group.length, "stack")}` };
  });
}
