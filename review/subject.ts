import { synthDiff } from "./change/synth-diff";
import type { Subject } from "./findings/types";
import { jobChanges } from "./jobs/changes";
import type { Plan } from "./source/plan";
import { nomadRegionOf } from "./source/region";
import { type Snapshot, stackPairs } from "./source/snapshot";

/** What two commits synthesize, compared. */
export function synthSubject(base: Snapshot | undefined, head: Snapshot): Subject {
  const stacks = stackPairs(base, head);
  const changes = stacks.flatMap(synthDiff);
  const regions = new Map(
    stacks.map(({ name, before, after }) => [name, nomadRegionOf((after ?? before)?.document ?? {})]),
  );
  const jobs = jobChanges(changes, "template", (stack) => regions.get(stack));
  return { source: "synth diff", ...(base !== undefined && { base }), head, stacks, changes, jobs };
}

/** What plans say, with what their stacks were made from where that is known. */
export function planSubject(plans: readonly Plan[], base?: Snapshot, head?: Snapshot): Subject {
  const changes = plans.flatMap((plan) => plan.changes);
  // Without a base nothing is known to have come or gone: the plans alone say what changes.
  const stacks = stackPairs(base ?? head, head);
  const regions = new Map(
    stacks.map(({ name, before, after }) => [name, nomadRegionOf((after ?? before)?.document ?? {})]),
  );
  return {
    source: "plan",
    ...(base !== undefined && { base }),
    ...(head !== undefined && { head }),
    stacks,
    changes,
    plans,
    jobs: jobChanges(changes, "plain", (stack) => regions.get(stack)),
  };
}
