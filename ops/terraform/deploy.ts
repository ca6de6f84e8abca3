import { isError, type Problem } from "../../constructs/core/problems";
import { secretsVariable } from "../../model/identities";
import { messageOf, UserError } from "../errors";
import { trustProblems } from "../trust/problems";
import { type Run, runOf, type RunSettings } from "./context";
import { Applying, inBothRounds, judgedLoss, LOSS, type SavedPlans } from "./applying";
import { type EarlyPlan, earlyPlan, keptVolumes, lossOf, mayHaveVolumes } from "./data-loss";
import { type PlannedChanges, StackFailure, StackRunner } from "./execute";
import { allBefore } from "./destroy-order";
import { connectionsToUse, replacedServers } from "./planned";
import { connectionProblems } from "./reach";
import { findServer } from "./region";
import { readState, removalProblems } from "./removal";
import {
  Clock,
  overridden,
  overrideOf,
  refuse,
  reported,
  results,
  type RunResult,
  scheduling,
  type StackOutcome,
} from "./result";
import { inDependencyOrder, type Outcome } from "./schedule";
import type { Stack } from "./stack";
import { stacksOn, takenText, takes, takingOf } from "./taking";
import { type Toolbox, withToolbox } from "./toolbox";

/** Is shown each plan while it is at hand. */
export interface PlanKeeper {
  /** A stack is about to be planned. */
  before(runner: StackRunner): Promise<void>;
  planned(runner: StackRunner, changes: PlannedChanges | undefined): Promise<void>;
}

export interface PlanOptions extends RunSettings {
  /** Make the readable text of each plan. @default false */
  readonly text?: boolean;
  /** Colours in it. @default false */
  readonly color?: boolean;
  /** Ask providers what there is now, instead of trusting the state. @default true */
  readonly refresh?: boolean;
  /** Why volumes may be lost that the fleet has not let go of; recorded. @default - such a plan is refused */
  readonly allowDataLoss?: string;
  /** Of `plan`. @default - plans are not kept */
  readonly keeper?: PlanKeeper;
}

export interface ApplyOptions extends PlanOptions {
  /** Asked before a stack with changes is applied. @default - applied without asking */
  readonly approve?: (stack: Stack, changes: PlannedChanges, text: string) => Promise<boolean>;
  /** How long to wait for a region's servers before its Nomad objects, seconds. @default 180 */
  readonly nomadWaitSeconds?: number;
  /** How long claims of volumes that are taken away may take to go, seconds. @default 300 */
  readonly releaseWaitSeconds?: number;
  /** All stacks of the fleet, where only some are applied; a removed one is looked for among them. @default - the given */
  readonly allStacks?: readonly Stack[];
  /** Plans that were made before, of every given stack; nothing else is applied. @default - planned now */
  readonly saved?: SavedPlans;
}

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
      async (stack): Promise<StackOutcome> => {
        return reported(run, stack, clock, async () => {
          const override = overrideOf(run, stack);
          if (override !== undefined) return overridden(override);
          const runner = new StackRunner(box, stack);
          runners.set(stack, runner);
          return planOne(runner, stacks, run, options);
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
    const clock = new Clock();
    const applying = new Applying(stacks, options, box, clock);
    const early = stacks.filter((stack) => stack.nomadRegion === undefined && overrideOf(run, stack) === undefined);
    const planned =
      options.saved === undefined
        ? await planEarly(stacks, early, applying.runners, clock, box)
        : await takeSaved(stacks, options.saved, applying, box);
    if (planned.failed !== undefined) return planned.failed;
    refuse("servers are replaced one at a time, while their region goes on", replacedServers(planned.changes));
    const found = await volumeProblems(stacks, planned.changes, applying, box, options);
    refuse(LOSS, found.lost);
    refuse("volumes are held that this apply would take away", found.held);
    refuse("not every machine can be logged in to", await connectionProblems(connectionsToUse(planned.changes), run));
    const first = await inDependencyOrder(
      stacks,
      async (stack): Promise<StackOutcome> =>
        await applying.first(stack, planned.changes.has(stack) ? { changes: planned.changes.get(stack) } : undefined),
      { ...scheduling(run, box), ...(options.saved !== undefined && wholeOrder(options.allStacks ?? stacks)) },
    );
    const isWhole = [...first.values()].every(({ kind }) => kind === "done");
    const last = await inDependencyOrder(
      isWhole ? applying.later : [],
      async (stack): Promise<StackOutcome> => await applying.last(stack),
      scheduling(run, box),
    );
    const outcomes = [...first].map(([stack, outcome]) => [stack, inBothRounds(outcome, last.get(stack))] as const);
    return results(new Map(outcomes), applying.runners, clock, box);
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

/** @throws UserError with all that has moved on since the plans were made. */
async function takeSaved(
  stacks: readonly Stack[],
  saved: SavedPlans,
  applying: Applying,
  box: Toolbox,
): Promise<{ readonly changes: Map<Stack, PlannedChanges | undefined>; readonly failed?: RunResult }> {
  const checked = await inDependencyOrder(stacks, async (stack) => await applying.checkSaved(stack, saved), {
    ...scheduling(box.run, box),
    ordered: false,
  });
  const problems: Problem[] = [];
  for (const outcome of checked.values()) {
    if (outcome.kind === "failed") throw outcome.error;
    if (outcome.kind === "done") problems.push(...outcome.value);
  }
  if (problems.length > 0) throw new UserError("these plans cannot be applied any more", [saved.again], problems);
  return { changes: new Map(applying.savedChanges) };
}

/** Plans are saved only of stacks that change: those between them keep their order. */
function wholeOrder(stacks: readonly Stack[]) {
  const needs = new Map(stacks.map(({ name, dependencies }) => [name, dependencies]));
  return { before: ({ name }: Stack) => allBefore(needs, name) };
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
  const all = new Map<Stack, Outcome<StackOutcome>>(
    stacks.map((stack) => {
      const outcome = outcomes.get(stack);
      return [stack, outcome?.kind === "failed" ? outcome : { kind: "not-begun" }];
    }),
  );
  return { changes, failed: results(all, runners, clock, box) };
}

/**
 * Volumes that an apply would lose, in any stack, or take away from who holds them: stacks whose own plan comes late are planned
 * from their state.
 */
async function volumeProblems(
  stacks: readonly Stack[],
  planned: ReadonlyMap<Stack, PlannedChanges | undefined>,
  applying: Applying,
  { run }: Toolbox,
  { allowDataLoss }: ApplyOptions,
): Promise<{ readonly lost: readonly Problem[]; readonly held: readonly Problem[] }> {
  const lost: Problem[] = [];
  const held: Problem[] = [];
  for (const stack of stacks) {
    if (overrideOf(run, stack) !== undefined || !(planned.has(stack) || mayHaveVolumes(stack))) continue;
    const runner = applying.runnerOf(stack);
    const address = await addressOf(run, stack);
    const plan: EarlyPlan = planned.has(stack) ? { changes: planned.get(stack) } : await earlyPlan(runner, address);
    // What is allowed is recorded when its turn comes; what Terraform itself refuses is not to be allowed.
    if (allowDataLoss === undefined) lost.push(...("kept" in plan ? plan.kept : await lossOf(runner, plan.changes)));
    held.push(...(await applying.heldProblems(stack, plan.changes, address).catch(untilItsTurn)));
  }
  return { lost, held };
}

/** Jobs that cannot be planned yet are planned when it is their turn. */
function untilItsTurn(error: unknown): readonly Problem[] {
  if (error instanceof StackFailure) return [];
  throw error;
}

async function addressOf(run: Run, { nomadRegion }: Stack): Promise<string | undefined> {
  const server = nomadRegion === undefined ? undefined : await findServer(run, nomadRegion);
  return server !== undefined && "address" in server ? server.address : undefined;
}

async function planOne(
  runner: StackRunner,
  stacks: readonly Stack[],
  run: Run,
  options: PlanOptions,
): Promise<StackOutcome> {
  const { nomadRegion } = runner.stack;
  const server = nomadRegion === undefined ? undefined : await findServer(run, nomadRegion);
  const address = server !== undefined && "address" in server ? server.address : undefined;
  try {
    await runner.init();
    await options.keeper?.before(runner);
    const changes = await runner.plan(address, { refresh: options.refresh ?? true });
    await options.keeper?.planned(runner, changes);
    if (changes === undefined) return { status: "unchanged" };
    const jobs = stacksOn(runner.stack, stacks);
    const detail =
      jobs.length > 0 && takes(changes, "delete") ? takenText(takingOf(await runner.planned()), jobs) : undefined;
    const loss = await judgedLoss(runner, changes, { run }, options.allowDataLoss);
    const outcome: StackOutcome = { status: "changed", changes, ...loss, ...(detail !== undefined && { detail }) };
    if (options.text !== true) return outcome;
    const text = runner.clean(await runner.show(options.color ?? false));
    return { ...outcome, text: detail === undefined ? text : `${text}\n\nIn an apply, ${detail}.` };
  } catch (error) {
    const kept = error instanceof StackFailure ? keptVolumes(runner.stack, error.message) : [];
    if (kept.length > 0) return { status: "failed", detail: messageOf(error), refused: kept };
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
