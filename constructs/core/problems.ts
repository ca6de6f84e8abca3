/** One thing wrong with what the user wrote: where, what was given, which rule it breaks, and what to do about it. */
export interface Problem {
  /** Where, in the caller's words, for example `regions.east.servers.hosts`. */
  readonly path: string;
  /** The rule, worded to follow the path: `must be 1, 3 or 5`. */
  readonly rule: string;
  /** The value given. Never a secret. Left out where there is no value to show. */
  readonly got?: unknown;
  /** What to change, as an imperative: `add a third host`. */
  readonly fix?: string;
  /** A warning is printed and does not stop synthesis. @default "error" */
  readonly severity?: "error" | "warning";
  /** Name of the rule, for rules that may be broken with a reason. Shape: `floating-image`. @default - cannot be broken */
  readonly name?: string;
}

/** Renders one problem as one line: `path: rule, got "value"; fix [name]`. */
export function formatProblem(problem: Problem): string {
  const got = problem.got === undefined ? "" : `, got ${shown(problem.got)}`;
  const fix = problem.fix === undefined ? "" : `; ${problem.fix}`;
  const name = problem.name === undefined ? "" : ` [${problem.name}]`;
  return `${problem.path}: ${problem.rule}${got}${fix}${name}`;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** What the user wrote cannot stand. Carries every problem found, not only the first. */
export class ValidationError extends Error {
  public override readonly name = "ValidationError";

  constructor(
    /** What is not valid, for example `fleet lab` or a construct path. */
    public readonly subject: string,
    public readonly problems: readonly Problem[],
  ) {
    super(`${subject} is not valid\n${problems.map((problem) => `  - ${formatProblem(problem)}`).join("\n")}`);
  }
}

/** True for a problem that stops synthesis. */
export function isError(problem: Problem): boolean {
  return problem.severity !== "warning";
}

/**
 * Throws when a list of problems holds an error.
 *
 * @throws ValidationError with all errors of the list.
 */
export function assertValid(subject: string, problems: readonly Problem[]): void {
  const errors = problems.filter(isError);
  if (errors.length > 0) throw new ValidationError(subject, errors);
}

/** A state that our own code should have made impossible: our bug, not the user's. */
export class AssumptionError extends Error {
  public override readonly name = "AssumptionError";
}
