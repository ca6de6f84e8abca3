import type { Stack } from "./stack";

/** How one stack ended. */
export type Outcome<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "not-begun" };

export interface ScheduleOptions {
  /** Stacks at work at the same time. */
  readonly parallel: number;
  /** Asked before each start; nothing new begins once it is true. */
  readonly stopped: () => boolean;
  /** Told once for each stack that cannot begin at once, with what it waits for. */
  readonly onWaiting: (stack: Stack, blockers: readonly string[]) => void;
  /**
   * False for work that changes nothing: nothing waits for anything, and a failure stops nothing.
   *
   * @default true - a stack waits for those that it depends on
   */
  readonly ordered?: boolean;
  /** Names of the stacks that must be done before a stack. @default - those that it depends on */
  readonly before?: (stack: Stack) => readonly string[];
}

/**
 * Works on stacks, each as soon as those that it depends on are done. After the first failure nothing new begins; what
 * is at work comes to its end.
 *
 * @returns how each stack ended, in the given order.
 */
export async function inDependencyOrder<T>(
  stacks: readonly Stack[],
  work: (stack: Stack) => Promise<T>,
  options: ScheduleOptions,
): Promise<Map<Stack, Outcome<T>>> {
  const names = new Set(stacks.map(({ name }) => name));
  const outcomes = new Map<Stack, Outcome<T>>();
  const done = new Set<string>();
  const running = new Map<Stack, Promise<void>>();
  const told = new Map<Stack, string>();
  let failed = false;

  const before = options.before ?? (({ dependencies }: Stack) => dependencies);
  const blockersOf = (stack: Stack): string[] =>
    options.ordered === false ? [] : before(stack).filter((name) => names.has(name) && !done.has(name));
  const begin = (stack: Stack): void => {
    running.set(
      stack,
      work(stack)
        .then(
          (value) => {
            outcomes.set(stack, { kind: "done", value });
            done.add(stack.name);
          },
          (error: unknown) => {
            outcomes.set(stack, { kind: "failed", error });
            failed = options.ordered !== false;
          },
        )
        .finally(() => running.delete(stack)),
    );
  };

  const mayBegin = (): boolean => !failed && !options.stopped();
  for (;;) {
    if (mayBegin())
      for (const stack of stacks) {
        if (outcomes.has(stack) || running.has(stack)) continue;
        const blockers = blockersOf(stack);
        if (blockers.length === 0 && running.size < options.parallel) begin(stack);
        else if (blockers.length > 0 && told.get(stack) !== blockers.join()) {
          told.set(stack, blockers.join());
          options.onWaiting(stack, blockers);
        }
      }
    if (running.size === 0) break;
    await Promise.race(running.values());
  }
  return new Map(stacks.map((stack) => [stack, outcomes.get(stack) ?? { kind: "not-begun" }]));
}
