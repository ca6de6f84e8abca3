import { stackNames } from "../../model/names";
import type { Fleet } from "../../model/types";
import type { Stack } from "./stack";

/**
 * What must be gone before each stack is destroyed: the stacks that depend on it, and before a site the volumes and jobs of the
 * regions whose machines it has. Machines of a pool may be in another site than their region's servers, on which alone stacks depend.
 *
 * @returns names by name.
 */
export function destroyOrder(fleet: Fleet, stacks: readonly Stack[]): ReadonlyMap<string, readonly string[]> {
  const before = new Map(stacks.map(({ name }) => [name, new Set<string>()]));
  for (const { name, dependencies } of stacks) for (const needed of dependencies) before.get(needed)?.add(name);
  for (const { region, site } of Object.values(fleet.pools)) {
    const home = before.get(stackNames.site(fleet.name, site));
    for (const name of [stackNames.jobs(fleet.name, region), stackNames.storage(fleet.name, region)])
      if (before.has(name)) home?.add(name);
  }
  return new Map([...before].map(([name, names]) => [name, [...names].sort()]));
}

/** Everything that must be gone before a stack, also what only stands before something of it. */
export function allBefore(order: ReadonlyMap<string, readonly string[]>, name: string): readonly string[] {
  const found = new Set<string>();
  const visit = (one: string): void => {
    for (const other of order.get(one) ?? [])
      if (!found.has(other)) {
        found.add(other);
        visit(other);
      }
  };
  visit(name);
  return [...found].sort();
}
