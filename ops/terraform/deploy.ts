import { formatProblem, isError, type Problem } from "../../constructs/core/problems";
import { secretsVariable } from "../../model/identities";
import { messageOf } from "../errors";
import { trustProblems } from "../trust/problems";
import { type Run, runOf, type RunSettings } from "./context";
import { type DataLoss, earlyLossOf, keptVolumes, lossOf } from "./data-loss";
import { type PlannedChanges, StackFailure, StackRunner } from "./execute";
import { connectionsToUse, replacedServers } from "./planned";
import { connectionProblems } from "./reach";
import { findServer, waitForRegion } from "./region";
import { readState, removalProblems } from "./removal";
import {
  Clock,
  Declined,
  overridden,
  overrideOf,
  Queue,
  refuse,
  reported,
  results,
  type RunResult,
  scheduling,
  type StackOutcome,
} from "./result";
import { inDependencyOrder, type Outcome } from "./schedule";
import type { Stack } from "./stack";
import { type Toolbox, withToolbox } from "./toolbox";

export interface PlanOptions extends RunSettings {
  /** Make the readable text of each plan. @default false */
  readonly text?: boolean;
  /** Colours in it. @default false */
  readonly color?: boolean;
  /** Ask providers what there is now, instead of trusting the state. @default true */
  readonly refresh?: boolean;
  /** Why volumes may be lost that the fleet has not let go of; recorded. @default - such a plan is refused */
  readonly allowDataLoss?: string;
}

export interface ApplyOptions extends PlanOptions {
  /** Asked before a stack with changes is applied. @default - applied without asking */
  readonly approve?: (stack: Stack, changes: PlannedChanges, text: string) => Promise<boolean>;
  /** How long to wait for a region's servers before its Nomad objects, seconds. @default 180 */
  readonly nomadWaitSeconds?: number;
  /** All stacks of the fleet, where only some are applied; a removed one is looked for among them. @default - the given */
  readonly allStacks?: readonly Stack[];
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
    refuse(LOSS, await lossesOf(stacks, planned.changes, runners, box, options));
    refuse("not every machine can be logged in to", await connectionProblems(connectionsToUse(planned.changes), run));
    const asking = new Queue();
    const outcomes = await inDependencyOrder(
      stacks,
      async (stack): Promise<StackOutcome> => {
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
          const loss = await judgedLoss(runner, changes, run, options);
          if (loss.refused !== undefined)
            throw new StackFailure([LOSS, ...loss.refused.map(formatProblem)].join("\n  - "));
          const { approve } = options;
          if (approve !== undefined || options.text === true) {
            const text = runner.clean(await runner.show(options.color ?? false));
            const yes = approve === undefined || (await asking.next(() => approve(stack, changes, text)));
            if (!yes || box.interrupts.interrupted) throw new Declined(changes);
          }
          await runner.apply(address);
          return { status: "changed", changes, ...loss };
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

const LOSS = "volumes would be lost";

/** Volumes that an apply would lose, in any stack: those whose own plan comes late are planned from their state. */
async function lossesOf(
  stacks: readonly Stack[],
  planned: ReadonlyMap<Stack, PlannedChanges | undefined>,
  runners: Map<Stack, StackRunner>,
  box: Toolbox,
  { allowDataLoss }: ApplyOptions,
): Promise<Problem[]> {
  const found: Problem[] = [];
  for (const stack of stacks) {
    if (overrideOf(box.run, stack) !== undefined) continue;
    const runner = runners.get(stack) ?? new StackRunner(box, stack);
    runners.set(stack, runner);
    const isPlanned = planned.has(stack);
    // What is allowed is recorded when its turn comes; what Terraform itself refuses is not to be allowed.
    const early = isPlanned
      ? await lossOf(runner, planned.get(stack))
      : await earlyLossOf(runner, () => addressOf(box.run, stack));
    found.push(...(allowDataLoss === undefined ? early : []));
  }
  return found;
}

async function addressOf(run: Run, { nomadRegion = "" }: Stack): Promise<string | undefined> {
  const server = await findServer(run, nomadRegion);
  return "address" in server ? server.address : undefined;
}

/** What a plan would lose: refused, or allowed for a reason, which is recorded. */
async function judgedLoss(
  runner: StackRunner,
  changes: PlannedChanges,
  run: Run,
  { allowDataLoss: reason }: PlanOptions,
): Promise<{ readonly refused?: readonly Problem[]; readonly dataLoss?: DataLoss }> {
  const volumes = await lossOf(runner, changes);
  if (volumes.length === 0) return {};
  if (reason === undefined) return { refused: volumes };
  for (const { path, rule } of volumes) {
    const text = `allowed (${reason}): ${path.replace(`${runner.stack.name}: `, "")} ${rule}`;
    runner.note(text);
    run.progress({ stack: runner.stack.name, kind: "working", text });
  }
  return { dataLoss: { reason, volumes } };
}

async function planOne(runner: StackRunner, run: Run, options: PlanOptions): Promise<StackOutcome> {
  const { nomadRegion } = runner.stack;
  const server = nomadRegion === undefined ? undefined : await findServer(run, nomadRegion);
  const address = server !== undefined && "address" in server ? server.address : undefined;
  try {
    await runner.init();
    const changes = await runner.plan(address, { refresh: options.refresh ?? true });
    if (changes === undefined) return { status: "unchanged" };
    const loss = await judgedLoss(runner, changes, run, options);
    if (options.text !== true) return { status: "changed", changes, ...loss };
    return { status: "changed", changes, text: runner.clean(await runner.show(options.color ?? false)), ...loss };
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
