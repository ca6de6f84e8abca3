import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { object } from "../../review/json";
import { type ComparedPlan, unexpected } from "../../review/plan/expected";
import { normalized, normalizedText } from "../../review/plan/normalize";
import type { PlansIndex } from "../../review/plan/plans-index";
import { UserError } from "../errors";
import { readPlansIndex } from "../review/plans";
import { readJson } from "../review/snapshot";
import { digestOf, planJsonOf } from "./layout";

/** Exit code of plans that are not those that were reviewed. */
const REFUSED = 3;

/** Plans that were reviewed. */
export class ReviewedPlans {
  private constructor(
    private readonly given: string,
    private readonly plans: readonly ComparedPlan[],
    private readonly fleet: string,
  ) {}

  /**
   * @param given - a directory of plans, or its index.
   * @throws UserError for what is neither, and for JSON that the index does not know.
   */
  public static read(given: string): ReviewedPlans {
    const directory = existsSync(given) && statSync(given).isDirectory() ? given : dirname(given);
    const index = readPlansIndex(directory);
    return new ReviewedPlans(given, comparedPlans(directory, index), index.fleet);
  }

  /**
   * Compares with plans that are made now.
   *
   * @param isWhole - false where only some stacks were planned again.
   * @throws UserError with every difference, and exit code 3.
   */
  public expect(directory: string, index: PlansIndex, isWhole: boolean): void {
    if (index.fleet !== this.fleet) throw new UserError(`${this.given} has plans of fleet ${this.fleet}`);
    const problems = unexpected(this.plans, comparedPlans(directory, index), isWhole);
    if (problems.length > 0)
      throw new UserError(
        `the plans are not those that were reviewed in ${this.given}: nothing is saved`,
        ["review what is planned now, and apply that"],
        problems,
        REFUSED,
      );
  }
}

function comparedPlans(directory: string, { stacks }: PlansIndex): readonly ComparedPlan[] {
  return stacks.map(({ stack, status, normalized: digest }): ComparedPlan => {
    const entry = { stack, status, ...(digest !== undefined && { normalized: digest }) };
    const path = join(directory, planJsonOf(stack));
    if (digest === undefined || !existsSync(path)) return entry;
    const plan = normalized(object(readJson(path, directory)));
    if (digestOf(normalizedText(plan)) !== digest)
      throw new UserError(`${path} is not the plan that its index knows`, ["fetch the reviewed plans again"]);
    return { ...entry, plan };
  });
}
