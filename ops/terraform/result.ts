import type { Problem } from "../../constructs/core/problems";
import { messageOf, UserError } from "../errors";
import type { ApplyOverride, Run } from "./context";
import type { DataLoss } from "./data-loss";
import { type PlannedChanges, StackFailure, type StackRunner } from "./execute";
import type { Outcome } from "./schedule";
import type { Stack } from "./stack";
import type { Toolbox } from "./toolbox";

/** What became of one stack. */
export interface StackResult {
  readonly stack: string;
  /**
   * `deferred`: could not be planned before its region runs. `override`: applied in another way than by Terraform.
   * `destroyed`, `forgotten` (taken out of the state alone): of a destroy. `declined`: the user said no. `not-begun`: something
   * before it failed.
   */
  readonly status:
    "unchanged" | "changed" | "deferred" | "override" | "destroyed" | "forgotten" | "declined" | "failed" | "not-begun";
  /** @default - nothing to change, or not known */
  readonly changes?: PlannedChanges;
  /** The plan as a person reads it, where it was asked for. */
  readonly text?: string;
  /** Volumes that its plan would lose: an apply refuses it. */
  readonly refused?: readonly Problem[];
  /** The same, where a reason allows it. */
  readonly dataLoss?: DataLoss;
  /** Why it failed, was deferred, how else it is applied, or what of it comes last. */
  readonly detail?: string;
  readonly seconds: number;
  /** Path of the whole output. */
  readonly log?: string;
}

/** What became of all stacks. */
export interface RunResult {
  /** In order. */
  readonly stacks: readonly StackResult[];
  /** Ctrl-C or a termination signal ended it early. */
  readonly interrupted: boolean;
}

/** How the work on one stack ended well. */
export type StackOutcome = Omit<StackResult, "stack" | "seconds" | "log">;

/** @throws UserError with all problems, where there are any. */
export function refuse(message: string, problems: readonly Problem[]): void {
  if (problems.length > 0) throw new UserError(message, [], problems);
}

/** Time spent on each stack, over all its parts. */
export class Clock {
  private readonly begun = new Map<Stack, number>();
  private readonly spent = new Map<Stack, number>();

  public start(stack: Stack): void {
    this.begun.set(stack, performance.now());
  }

  public stop(stack: Stack): void {
    const since = performance.now() - (this.begun.get(stack) ?? performance.now());
    this.spent.set(stack, (this.spent.get(stack) ?? 0) + since);
  }

  public seconds(stack: Stack): number {
    return Math.round((this.spent.get(stack) ?? 0) / 100) / 10;
  }
}

/** Waits for other questions to be answered before it asks the next. */
export class Queue {
  private tail: Promise<unknown> = Promise.resolve();

  public next<T>(ask: () => Promise<T>): Promise<T> {
    const answer = this.tail.then(ask);
    this.tail = answer.catch(() => undefined);
    return answer;
  }
}

/** The user said no to a stack: nothing is wrong, and nothing after it may begin. */
export class Declined extends Error {
  constructor(public readonly changes: PlannedChanges) {
    super("not approved");
  }
}

/** The other way in which a stack is applied, where there is one. */
export function overrideOf(run: Run, stack: Stack): ApplyOverride | undefined {
  return run.context.overrides?.find((override) => override.matches(stack));
}

export function overridden(override: ApplyOverride): StackOutcome {
  return { status: "override", detail: override.describe };
}

/** How stacks are scheduled by one run. */
export function scheduling(run: Run, box: Toolbox) {
  return {
    parallel: run.parallel,
    stopped: () => box.interrupts.interrupted,
    onWaiting: (stack: Stack, blockers: readonly string[]) =>
      run.progress({ stack: stack.name, kind: "waiting", text: `for ${blockers.join(", ")}` }),
  };
}

/** Does the work on one stack, and reports how it ended. */
export async function reported(
  run: Run,
  stack: Stack,
  clock: Clock,
  work: () => Promise<StackOutcome>,
): Promise<StackOutcome> {
  clock.start(stack);
  try {
    const outcome = await work();
    // What waits for its second round has said so.
    if (outcome.status !== "not-begun") run.progress({ stack: stack.name, kind: "done", text: outcomeText(outcome) });
    return outcome;
  } catch (error) {
    if (error instanceof Declined) run.progress({ stack: stack.name, kind: "skipped", text: "not approved" });
    else run.progress({ stack: stack.name, kind: "failed", text: "failed" });
    throw error;
  } finally {
    clock.stop(stack);
  }
}

function outcomeText({ status, changes, detail }: StackOutcome): string {
  if (changes !== undefined) return `${changes.add} to add, ${changes.change} to change, ${changes.destroy} to destroy`;
  return detail === undefined ? status : `${status}: ${detail}`;
}

/** What became of all stacks, in order. */
export function results(
  outcomes: ReadonlyMap<Stack, Outcome<StackOutcome>>,
  runners: ReadonlyMap<Stack, StackRunner>,
  clock: Clock,
  box: Toolbox,
): RunResult {
  const stacks = [...outcomes].map(([stack, outcome]): StackResult => {
    const log = runners.get(stack)?.log;
    const common = {
      stack: stack.name,
      seconds: clock.seconds(stack),
      ...(log !== undefined && { log }),
    };
    if (outcome.kind === "done") return { ...common, ...outcome.value };
    if (outcome.kind === "not-begun") return { ...common, status: "not-begun" };
    const { error } = outcome;
    if (error instanceof Declined) return { ...common, status: "declined", changes: error.changes };
    const expected = error instanceof StackFailure || error instanceof UserError || box.interrupts.interrupted;
    const detail = expected || process.env["STEPPE_DEBUG"] !== "1" ? messageOf(error) : ((error as Error).stack ?? "");
    return { ...common, status: "failed", detail: runners.get(stack)?.clean(detail) ?? detail };
  });
  return { stacks, interrupted: box.interrupts.interrupted };
}
