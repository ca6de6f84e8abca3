import { type Rename, renamesIn } from "../../change/renames";
import { goneStacks } from "../../fleet/compare";
import type { Subject } from "../types";

/** Renames of resources in stacks that stay. */
export function renamedResources(subject: Subject): readonly Rename[] {
  const gone = goneStacks(subject);
  return renamesIn(
    subject.changes.filter(({ stack }) => !gone.has(stack)),
    subject.jobs,
  );
}
