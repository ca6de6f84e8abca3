import { UserError } from "../errors";
import { runOf } from "../terraform/context";
import { apply, type ApplyOptions } from "../terraform/deploy";
import type { RunResult } from "../terraform/result";
import type { Stack } from "../terraform/stack";
import { checkedOut } from "./repository";
import type { PlansToApply } from "./saved";

/** How plans were applied. */
export interface AppliedPlans {
  readonly result: RunResult;
  /** What to do after a failure, exactly. */
  readonly next?: string;
}

/**
 * Applies saved plans, exactly these, in order. What is applied already is left out.
 *
 * @param stacks - all of the fleet, as they are synthesized now.
 * @throws UserError where code or state has moved on, before anything has changed.
 */
export async function applyPlans(
  plans: PlansToApply,
  stacks: readonly Stack[],
  options: Omit<ApplyOptions, "saved" | "allStacks">,
): Promise<AppliedPlans> {
  const run = runOf(options);
  if (plans.index.fleet !== run.spec.fleet)
    throw new UserError(`these are plans of fleet ${plans.index.fleet}, not of ${run.spec.fleet}`);
  const code = plans.codeProblems(stacks, await checkedOut(run.project, run.env));
  if (code.length > 0) throw new UserError("these plans cannot be applied any more", [plans.again], code);
  const left = new Set(plans.left);
  const chosen = stacks.filter(({ name }) => left.has(name));
  const result = await apply(chosen, { ...options, allStacks: stacks, saved: plans });
  const open = result.stacks.filter(({ status }) => status !== "changed").map(({ stack }) => stack);
  return { result, ...(open.length > 0 && { next: plans.nextStep(open) }) };
}
