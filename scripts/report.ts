import { formatProblem, isError, type Problem, ValidationError } from "../constructs/core/problems";

/** Prints warnings of a fleet to standard error. */
export function reportWarnings(problems: readonly Problem[]): void {
  for (const problem of problems) if (!isError(problem)) process.stderr.write(`warning: ${formatProblem(problem)}\n`);
}

/** Prints what the user can mend without a stack trace, anything else with one, and ends with code 1. */
export function reportAndExit(error: unknown): never {
  process.stderr.write(error instanceof ValidationError ? `error: ${error.message}\n` : `${(error as Error).stack}\n`);
  process.exit(1);
}
