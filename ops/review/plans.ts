import { existsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { PLANS_FILE, type PlansIndex, readIndex } from "../../review/plan/plans-index";
import { type Plan, readPlan } from "../../review/source/plan";
import type { Snapshot } from "../../review/source/snapshot";
import { UserError } from "../errors";
import { planJsonOf, SYNTHESIZED } from "../plans/layout";
import { readJson, readSnapshot } from "./snapshot";

/** Plans to be reviewed. */
export interface PlansToReview {
  readonly plans: readonly Plan[];
  /** Absent for the bare plan of another program. */
  readonly index?: PlansIndex;
  /** What the plans were made from. */
  readonly head?: Snapshot;
  /** What is not in the plans. One sentence each. */
  readonly notes: readonly string[];
}

/**
 * Reads plans that anybody may have written.
 *
 * @param path - a directory that `./steppe plan --out` made, or a file with what `terraform show -json` prints.
 * @throws UserError with everything that is wrong with them.
 */
export function readPlans(path: string): PlansToReview {
  if (!existsSync(path))
    throw new UserError(`${path} does not exist`, ["make it with ./steppe plan --out, or terraform show -json"]);
  if (!statSync(path).isDirectory()) return readBare(path);
  const index = readPlansIndex(path);
  const planned = index.stacks.filter(({ normalized }) => normalized !== undefined);
  const read = planned.map(({ stack }) => readPlan(stack, readJson(join(path, planJsonOf(stack)), path)));
  const problems = read.flatMap((one) => ("problems" in one ? one.problems : []));
  if (problems.length > 0) throw new UserError(`${path} has plans that cannot be read`, [], problems);
  const plans = read.flatMap((one) => ("plan" in one ? [one.plan] : []));
  return {
    plans,
    index,
    head: readSnapshot(join(path, SYNTHESIZED)),
    notes: [
      ...incomplete(plans),
      ...index.stacks
        .filter(({ status }) => status === "deferred" || status === "override")
        .map(({ stack, status, detail }) => `${stack} is not planned: ${detail ?? status}`),
      ...(index.dirty === true ? ["the plans were made from a work tree with changes that are in no commit"] : []),
    ],
  };
}

/**
 * The index of a directory of plans.
 *
 * @throws UserError with everything that is wrong with it.
 */
export function readPlansIndex(directory: string): PlansIndex {
  if (!existsSync(join(directory, PLANS_FILE)))
    throw new UserError(`${directory} has no ${PLANS_FILE}: it is no directory of plans`, [
      "make one with ./steppe plan --out <directory>, or give a single plan as terraform show -json prints it",
    ]);
  const read = readIndex(readJson(join(directory, PLANS_FILE), directory));
  if ("problems" in read) throw new UserError(`${directory} is no directory of plans`, [], read.problems);
  return read.index;
}

function readBare(path: string): PlansToReview {
  const name = basename(path).replace(/\.json$/, "");
  const read = readPlan(name, readJson(path, dirname(path)));
  if ("problems" in read) throw new UserError(`${path} cannot be reviewed`, [], read.problems);
  return { plans: [read.plan], notes: incomplete([read.plan]) };
}

function incomplete(plans: readonly Plan[]): readonly string[] {
  return plans
    .filter(({ isIncomplete }) => isIncomplete)
    .map(({ stack }) => `Terraform could not plan ${stack} to its end`);
}
