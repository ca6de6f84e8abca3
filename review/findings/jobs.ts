import type { JobChange } from "../jobs/changes";
import { examineJobChanges } from "./jobs/changes";
import { examineChecks } from "./jobs/checks";
import { examineMoves } from "./jobs/moved";
import type { Finding, Subject } from "./types";

/** What replaces allocations only because they go elsewhere. */
const PLACES: readonly string[] = ["nodePool", "datacenters"];

/** What a change does to jobs. */
export function examineJobs(subject: Subject): readonly Finding[] {
  const moves = examineMoves(subject);
  const moved = new Set(moves.map(keyOf));
  const onlyMoved = new Set(
    subject.jobs.filter(isOnlyMoved).map(({ stack, address }) => keyOf({ stack, resource: address })),
  );
  // That it is stopped here and started there is what a move is.
  const isSaid = (finding: Finding) =>
    (finding.id === "jobs/destructive" || finding.id === "jobs/canary") &&
    moved.has(keyOf(finding)) &&
    onlyMoved.has(keyOf(finding));
  return [...examineJobChanges(subject).filter((finding) => !isSaid(finding)), ...moves, ...examineChecks(subject)];
}

function isOnlyMoved({ groups }: JobChange): boolean {
  return groups.every(({ causes }) => causes.every(({ path }) => PLACES.includes(path)));
}

function keyOf({ stack = "", resource }: Pick<Finding, "stack" | "resource">): string {
  return `${stack}\n${resource}`;
}
