import type { Action } from "../change/types";
import type { Counts, Verdict } from "./report";

/** What a verdict means, for a reader. */
export const VERDICTS: Readonly<Record<Verdict, string>> = {
  blocked: "blocked: something must not be merged as it is",
  "to be looked at": "to be looked at: nothing blocks, something matters",
  clear: "clear: changes, and nothing found in them",
  "no changes": "no changes",
};

/** Actions, those first that a reviewer should see first. */
export const ACTIONS: readonly Action[] = ["delete", "replace", "forget", "update", "create", "import", "move"];

/** Shape: `1 to delete, 2 to create`. */
export function countsText(counts: Counts): string {
  return ACTIONS.flatMap((action) => {
    const count = counts[action] ?? 0;
    return count === 0 ? [] : [`${count} to ${action}`];
  }).join(", ");
}

/** Shape: `1 stack`, `2 stacks`, `2 of 5 stacks`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
