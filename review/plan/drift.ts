import { pathsReading } from "../change/references";
import type { Action, ResourceChange } from "../change/types";
import { object } from "../json";
import type { Plan } from "../source/plan";
import type { Snapshot } from "../source/snapshot";

/** A resource of which a plan says something else than the code's own change. */
export interface Drift {
  readonly stack: string;
  /** Terraform's address. */
  readonly address: string;
  /**
   * - `drift`: planned, since the thing was changed outside of Terraform.
   * - `not applied yet`: planned, although the change leaves its code alone: an earlier change waits still.
   * - `applied already`: the change touches its code, and nothing is planned.
   */
  readonly kind: "drift" | "not applied yet" | "applied already";
  /** Planned, or of the code's change for what is applied already. */
  readonly action: Action;
}

/**
 * Where plans and the change of the code differ, of the stacks that have a plan.
 *
 * @param synth - changes between what two commits synthesize.
 * @param head - what the plans were made from. What only follows from another planned change is left out with it.
 */
export function driftOf(
  synth: readonly ResourceChange[],
  plans: readonly Plan[],
  head: Snapshot | undefined,
): readonly Drift[] {
  return plans.flatMap((plan) => {
    const written = synth.filter(({ stack }) => stack === plan.stack);
    const known = new Set(written.flatMap(({ address, previousAddress }) => [address, previousAddress ?? address]));
    const planned = new Map(plan.changes.map((change) => [bare(change.address), change]));
    const drifted = new Set(plan.drifted.map(bare));
    const document = head?.stacks.find(({ name }) => name === plan.stack)?.document;
    const resources = object(document?.["resource"]);
    const follows = ({ address, type }: ResourceChange): boolean => {
      const body = object(object(resources[type])[bare(address).split(".")[1] ?? ""]);
      return (
        pathsReading(body, (reference) => reference.address !== bare(address) && planned.has(reference.address))
          .length > 0
      );
    };
    const unwritten = [...planned].flatMap(([address, change]): readonly Drift[] => {
      if (known.has(address) || (change.previousAddress !== undefined && known.has(bare(change.previousAddress))))
        return [];
      if (drifted.has(address))
        return [{ stack: plan.stack, address: change.address, kind: "drift", action: change.action }];
      if (follows(change)) return [];
      return [{ stack: plan.stack, address: change.address, kind: "not applied yet", action: change.action }];
    });
    const previous = new Set(plan.changes.flatMap(({ previousAddress }) => previousAddress ?? []));
    const unplanned = written
      .filter((change) => changesSomething(change) && !planned.has(change.address) && !previous.has(change.address))
      .map(({ address, action }): Drift => ({ stack: plan.stack, address, kind: "applied already", action }));
    return [...unwritten, ...unplanned];
  });
}

/** A guard that comes or goes, or another order of what has none, is no change to a plan. */
function changesSomething({ action, changed, reordered }: ResourceChange): boolean {
  return !(action === "update" && (changed.length === 0 || reordered === true));
}

/** Address without an index of `count` or `for_each`. */
function bare(address: string): string {
  return address.replace(/\[(?:\d+|"(?:[^"\\]|\\.)*")\]$/, "");
}
