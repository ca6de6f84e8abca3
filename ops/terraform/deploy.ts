import { isError, type Problem } from "../../constructs/core/problems";
import { secretsVariable } from "../../model/identities";
import { messageOf, UserError } from "../errors";
import { healthyServer, type NomadAccess } from "../nomad-api";
import { trustProblems } from "../trust/problems";
import { type ApplyOverride, type Run, runOf, type RunSettings } from "./context";
import { type PlannedChanges, StackFailure, StackRunner } from "./execute";
import { connectionsToUse, replacedServers } from "./planned";
import { connectionProblems } from "./reach";
import { readState, removalProblems } from "./removal";
import { inDependencyOrder, type Outcome } from "./schedule";
import type { Stack } from "./stack";
import { type Toolbox, withToolbox } from "./toolbox";

/** What became of one stack. */
export interface StackResult {
  readonly stack: string;
  /**
   * `deferred`: could not be planned before its region runs. `override`: applied in another way than by Terraform.
   * `declined`: the user said no. `not-begun`: something before it failed.
   */
  readonly status: "unchanged" | "changed" | "deferred" | "override" | "declined" | "failed" | "not-begun";
  /** @default - nothing to change, or not known */
  readonly changes?: PlannedChanges;
  /** The plan as a person reads it, where it was asked for. */
  readonly text?: string;
  /** Why it failed, was deferred, or how else it is applied. */
  readonly detail?: string;
  readonly seconds: number;
  /** Path of the whole output. */
  readonly log?: string;
}

export interface PlanOptions extends RunSettings {
  /** Make the readable text of each plan. @default false */
  readonly text?: boolean;
  /** Colours in it. @default false */
  readonly color?: boolean;
  /** Ask providers what there is now, instead of trusting the state. @default true */
  readonly refresh?: boolean;
}

export interface ApplyOptions extends PlanOptions {
  /** Asked before a stack with changes is applied. @default - applied without asking */
  readonly approve?: (stack: Stack, changes: PlannedChanges, text: string) => Promise<boolean>;
  /** How long to wait for a region's servers before its Nomad objects, seconds. @default 180 */
  readonly nomadWaitSeconds?: number;
  /** All stacks of the fleet, where only some are applied; a removed one is looked for among them. @default - the given */
  readonly allStacks?: readonly Stack[];
}

/** What became of all stacks. */
export interface RunResult {
  /** In order. */
  readonly stacks: readonly StackResult[];
  /** Ctrl-C or a termination signal ended it early. */
  readonly interrupted: boolean;
}

type PlanOutcome = Omit<StackResult, "stack" | "seconds" | "log">;

/**
 * Plans stacks side by side. Needs no secret: secret variables get placeholders.
 *
 * @returns one result per stack. Failures are results, not exceptions.
 * @throws UserError without a usable Terraform.
 */
export async function plan(stacks: readonly Stack[], options: PlanOptions): Promise<RunResult> {
  const run = runOf(options);
  return withToolbox(stacks, run, async (box) => {
    const runners = new Map<Stack, StackRunner>();
    const clock = new Clock();
    const outcomes = await inDependencyOrder(
      stacks,
      async (stack): Promise<PlanOutcome> => {
        return reported(run, stack, clock, async () => {
          const override = overrideOf(run, stack);
          if (override !== undefined) return overridden(override);
          const runner = new StackRunner(box, stack);
          runners.set(stack, runner);
          return planOne(runner, run, options);
        });
      },
      // Plans do not read each other's state, so one that fails says nothing about the next.
      { ...scheduling(run, box), ordered: false },
    );
    return results(outcomes, runners, clock, box);
  });
}

/**
 * Applies stacks, each after those that it depends on, side by side where the order allows.
 *
 * First everything that could stop it is looked for: trust, removed stacks, the plans of all stacks that do not need a
 * running region, the machines that these would log in to. Only then something changes. The first failure keeps
 * everything that has not begun from beginning.
 *
 * @returns one result per stack. Failures of single stacks are results, not exceptions.
 * @throws UserError with everything found, before anything has changed.
 */
export async function apply(stacks: readonly Stack[], options: ApplyOptions): Promise<RunResult> {
  const run = runOf(options);
  refuse(`fleet ${run.spec.fleet} cannot be applied as things are`, applyProblems(stacks, options));
  return withToolbox(stacks, run, async (box) => {
    const runners = new Map<Stack, StackRunner>();
    const clock = new Clock();
    const early = stacks.filter((stack) => stack.nomadRegion === undefined && overrideOf(run, stack) === undefined);
    const planned = await planEarly(stacks, early, runners, clock, box);
    if (planned.failed !== undefined) return planned.failed;
    refuse("servers are replaced one at a time, while their region goes on", replacedServers(planned.changes));
    refuse("not every machine can be logged in to", await connectionProblems(connectionsToUse(planned.changes), run));
    const asking = new Queue();
    const outcomes = await inDependencyOrder(
      stacks,
      async (stack): Promise<PlanOutcome> => {
        return reported(run, stack, clock, async () => {
          const override = overrideOf(run, stack);
          if (override !== undefined) {
            run.progress({ stack: stack.name, kind: "working", text: `applying ${override.describe}` });
            await override.apply(stack);
            return overridden(override);
          }
          const runner = runners.get(stack) ?? new StackRunner(box, stack);
          runners.set(stack, runner);
          const address =
            stack.nomadRegion === undefined
              ? undefined
              : await waitForRegion(run, box, stack, options.nomadWaitSeconds ?? 180);
          let changes = planned.changes.get(stack);
          if (!planned.changes.has(stack)) {
            await runner.init();
            changes = await runner.plan(address);
          }
          if (changes === undefined) return { status: "unchanged" };
          const { approve } = options;
          if (approve !== undefined || options.text === true) {
            const text = runner.clean(await runner.show(options.color ?? false));
            const yes = approve === undefined || (await asking.next(() => approve(stack, changes, text)));
            if (!yes || box.interrupts.interrupted) throw new Declined(changes);
          }
          await runner.apply(address);
          return { status: "changed", changes };
        });
      },
      scheduling(run, box),
    );
    return results(outcomes, runners, clock, box);
  });
}

/** What stops an apply before it begins: trust that is missing or has ended, secrets nobody has, removed stacks. */
export function applyProblems(
  stacks: readonly Stack[],
  options: RunSettings & { readonly allStacks?: readonly Stack[] },
): Problem[] {
  const wanted = new Set(stacks.flatMap(({ secretVariables }) => secretVariables));
  const identities = options.spec.identities.filter((identity) => wanted.has(secretsVariable(identity)));
  const known = new Set(identities.map(secretsVariable));
  return [
    ...trustProblems(options.trust, { ...options.spec, identities }, new Date(), options.committed),
    ...[...wanted]
      .filter((variable) => !known.has(variable))
      .map((variable) => ({
        path: `variable ${variable}`,
        rule: "wants the secrets of an identity that the fleet does not have",
      })),
    ...removalProblems(options.allStacks ?? stacks, options.spec.fleet),
  ].filter(isError);
}

function refuse(message: string, problems: readonly Problem[]): void {
  if (problems.length > 0) throw new UserError(message, [], problems);
}

/** Time spent on each stack, over all its parts. */
class Clock {
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
class Queue {
  private tail: Promise<unknown> = Promise.resolve();

  public next<T>(ask: () => Promise<T>): Promise<T> {
    const answer = this.tail.then(ask);
    this.tail = answer.catch(() => undefined);
    return answer;
  }
}

/** The user said no to a stack: nothing is wrong, and nothing after it may begin. */
class Declined extends Error {
  constructor(public readonly changes: PlannedChanges) {
    super("not approved");
  }
}

async function planEarly(
  stacks: readonly Stack[],
  early: readonly Stack[],
  runners: Map<Stack, StackRunner>,
  clock: Clock,
  box: Toolbox,
): Promise<{ readonly changes: Map<Stack, PlannedChanges | undefined>; readonly failed?: RunResult }> {
  const outcomes = await inDependencyOrder(
    early,
    async (stack) => {
      clock.start(stack);
      const runner = new StackRunner(box, stack);
      runners.set(stack, runner);
      try {
        await runner.init();
        return await runner.plan();
      } catch (error) {
        box.run.progress({ stack: stack.name, kind: "failed", text: "could not be planned" });
        throw error;
      } finally {
        clock.stop(stack);
      }
    },
    { ...scheduling(box.run, box), ordered: false },
  );
  const changes = new Map<Stack, PlannedChanges | undefined>();
  for (const [stack, outcome] of outcomes) if (outcome.kind === "done") changes.set(stack, outcome.value);
  if (changes.size === early.length && !box.interrupts.interrupted) return { changes };
  const all = new Map<Stack, Outcome<PlanOutcome>>(
    stacks.map((stack) => {
      const outcome = outcomes.get(stack);
      return [stack, outcome?.kind === "failed" ? outcome : { kind: "not-begun" }];
    }),
  );
  return { changes, failed: results(all, runners, clock, box) };
}

async function planOne(runner: StackRunner, run: Run, options: PlanOptions): Promise<PlanOutcome> {
  const { nomadRegion } = runner.stack;
  const server = nomadRegion === undefined ? undefined : await findServer(run, nomadRegion);
  const address = server !== undefined && "address" in server ? server.address : undefined;
  try {
    await runner.init();
    const changes = await runner.plan(address, { refresh: options.refresh ?? true });
    if (changes === undefined) return { status: "unchanged" };
    if (options.text !== true) return { status: "changed", changes };
    return { status: "changed", changes, text: runner.clean(await runner.show(options.color ?? false)) };
  } catch (error) {
    if (nomadRegion === undefined || address !== undefined || hasState(runner.stack)) throw error;
    return {
      status: "deferred",
      detail: `region ${nomadRegion} does not answer yet (${server !== undefined && "failures" in server ? server.failures.join("; ") : "unknown"})`,
    };
  }
}

function hasState({ backend }: Stack): boolean {
  return backend.path !== undefined && (readState(backend.path)?.resources ?? 0) > 0;
}

async function findServer(run: Run, region: string) {
  const access = nomadAccess(run);
  return access === undefined ? { failures: ["no trust at hand to ask it with"] } : healthyServer(access, region);
}

/** How to ask the fleet's Nomad, or nothing without a trust that can. */
export function nomadAccess(run: Pick<Run, "trust" | "spec" | "context" | "env">): NomadAccess | undefined {
  const { trust } = run;
  if (trust?.managementToken === undefined || trust.certificates["cli"] === undefined) return undefined;
  return { trust, spec: run.spec, prefix: run.context.prefix, env: run.env };
}

async function waitForRegion(run: Run, box: Toolbox, stack: Stack, seconds: number): Promise<string> {
  const region = stack.nomadRegion ?? "";
  const deadline = Date.now() + seconds * 1000;
  let told = "";
  for (;;) {
    const server = await findServer(run, region);
    if ("address" in server) return server.address;
    const why = server.failures.join("; ");
    if (box.interrupts.interrupted) throw new StackFailure(`interrupted while waiting for region ${region}`);
    if (Date.now() > deadline)
      throw new StackFailure(
        `region ${region} has no server that answers and knows a leader, after ${seconds} s: ${why}`,
      );
    if (why !== told) run.progress({ stack: stack.name, kind: "waiting", text: `for region ${region}: ${why}` });
    told = why;
    await new Promise((done) => setTimeout(done, 1000));
  }
}

function overrideOf(run: Run, stack: Stack): ApplyOverride | undefined {
  return run.context.overrides?.find((override) => override.matches(stack));
}

function overridden(override: ApplyOverride): PlanOutcome {
  return { status: "override", detail: override.describe };
}

function scheduling(run: Run, box: Toolbox) {
  return {
    parallel: run.parallel,
    stopped: () => box.interrupts.interrupted,
    onWaiting: (stack: Stack, blockers: readonly string[]) =>
      run.progress({ stack: stack.name, kind: "waiting", text: `for ${blockers.join(", ")}` }),
  };
}

async function reported(run: Run, stack: Stack, clock: Clock, work: () => Promise<PlanOutcome>): Promise<PlanOutcome> {
  clock.start(stack);
  try {
    const outcome = await work();
    run.progress({ stack: stack.name, kind: "done", text: outcomeText(outcome) });
    return outcome;
  } catch (error) {
    if (error instanceof Declined) run.progress({ stack: stack.name, kind: "skipped", text: "not approved" });
    else run.progress({ stack: stack.name, kind: "failed", text: "failed" });
    throw error;
  } finally {
    clock.stop(stack);
  }
}

function outcomeText({ status, changes, detail }: PlanOutcome): string {
  if (changes !== undefined) return `${changes.add} to add, ${changes.change} to change, ${changes.destroy} to destroy`;
  return detail === undefined ? status : `${status}: ${detail}`;
}

function results(
  outcomes: ReadonlyMap<Stack, Outcome<PlanOutcome>>,
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
