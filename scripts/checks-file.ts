import type { Problem } from "../constructs/core/problems";
import type { AllowanceInForce } from "../constructs/jobspec/validate";

/** What the rules say of one job of a program. */
export interface ProgramCheck {
  /** Path of the construct. Shape: `lab-jobs-east/hello`. */
  readonly construct: string;
  readonly job: string;
  readonly region: string;
  readonly warnings: readonly Problem[];
  /** Rules that the job breaks on purpose. */
  readonly allowances: readonly AllowanceInForce[];
}

/** File beside the stacks that holds a list of {@link ProgramCheck}. */
export const CHECKS_FILE = "checks.json";
