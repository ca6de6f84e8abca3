import { formatProblem, type Problem } from "../../constructs/core/problems";
import { asking, readSomeVolumes } from "../volumes/read";
import { waitUntilFree } from "../volumes/release";
import { type DataLoss, lossOf } from "./data-loss";
import { type PlannedChanges, StackFailure, StackRunner } from "./execute";
import { nomadAccess, waitForRegion } from "./region";
import { type Clock, Declined, overridden, overrideOf, Queue, reported, type StackOutcome } from "./result";
import type { Outcome } from "./schedule";
import type { Stack } from "./stack";
import { holdProblems, lettingGo, madeBy, stacksOn, takenText, takes, takingOf } from "./taking";
import type { Toolbox } from "./toolbox";

export const LOSS = "volumes would be lost";

/** What an apply was asked for. */
export interface ApplySettings {
  readonly approve?: (stack: Stack, changes: PlannedChanges, text: string) => Promise<boolean>;
  readonly nomadWaitSeconds?: number;
  readonly releaseWaitSeconds?: number;
  readonly allStacks?: readonly Stack[];
  readonly allowDataLoss?: string;
  readonly text?: boolean;
  readonly color?: boolean;
  /** Plans that were made before, of every stack; nothing else is applied. @default - each stack is planned when its turn comes */
  readonly saved?: SavedPlans;
}

/** Plans that were made before. */
export interface SavedPlans {
  /** Absolute path. */
  fileOf(stack: Stack): string;
  /**
   * Looks whether the plan of a stack can still be applied.
   *
   * @returns what it does, or what has moved on.
   */
  check(runner: StackRunner): Promise<{ readonly changes: PlannedChanges } | { readonly problems: readonly Problem[] }>;
  /** A stack is applied. */
  applied(runner: StackRunner): Promise<void>;
  /** A stack could not be applied, or not to its end. */
  failed(runner: StackRunner): Promise<void>;
  /** What to do where code or state has moved on, as an imperative. */
  readonly again: string;
}

/**
 * Applies single stacks. Of a stack on which jobs stand, volumes and plugins that go are left to a second round, after the jobs:
 * what jobs need comes before them, and goes after them.
 */
export class Applying {
  public readonly runners = new Map<Stack, StackRunner>();
  /** Stacks that have a second round. */
  public readonly later: Stack[] = [];
  private readonly asking = new Queue();
  private readonly checked = new Map<Stack, PlannedChanges>();

  constructor(
    private readonly stacks: readonly Stack[],
    private readonly settings: ApplySettings,
    private readonly box: Toolbox,
    private readonly clock: Clock,
  ) {}

  public runnerOf(stack: Stack): StackRunner {
    const runner = this.runners.get(stack) ?? new StackRunner(this.box, stack, this.settings.saved?.fileOf(stack));
    this.runners.set(stack, runner);
    return runner;
  }

  /** Sets a stack up and looks whether its saved plan can still be applied. @returns what stands against it. */
  public async checkSaved(stack: Stack, saved: SavedPlans): Promise<readonly Problem[]> {
    const runner = this.runnerOf(stack);
    try {
      await runner.init();
      const found = await saved.check(runner);
      if ("problems" in found) return found.problems;
      this.checked.set(stack, found.changes);
      return splitProblems(stack, found.changes, stacksOn(stack, this.stacks));
    } catch (error) {
      if (error instanceof StackFailure) return [{ path: stack.name, rule: runner.clean(error.message) }];
      throw error;
    }
  }

  /** What saved plans do. */
  public get savedChanges(): ReadonlyMap<Stack, PlannedChanges> {
    return this.checked;
  }

  /**
   * Applies a stack but for what goes from under jobs.
   *
   * @param planned - how it was planned before, where it was.
   */
  public async first(
    stack: Stack,
    planned: { readonly changes: PlannedChanges | undefined } | undefined,
  ): Promise<StackOutcome> {
    return await this.reported(stack, async () => {
      const { run } = this.box;
      const override = overrideOf(run, stack);
      if (override !== undefined) {
        run.progress({ stack: stack.name, kind: "working", text: `applying ${override.describe}` });
        await override.apply(stack);
        return overridden(override);
      }
      const address = await this.addressOf(stack);
      const runner = this.runnerOf(stack);
      if (planned === undefined) await runner.init();
      const { changes } = planned ?? { changes: await runner.plan(address) };
      if (changes === undefined) return { status: "unchanged" };
      const jobs = stacksOn(stack, this.stacks);
      if (jobs.length === 0 || !takes(changes, "delete")) {
        failFor("volumes are held", await this.heldProblems(stack, changes, address));
        return await this.carryOut(stack, changes, address);
      }
      return await this.before(stack, changes, jobs, address);
    });
  }

  /** Takes away what the first round left, once nothing holds it. */
  public async last(stack: Stack): Promise<StackOutcome> {
    return await this.reported(stack, async () => {
      const address = await this.addressOf(stack);
      const changes = this.checked.get(stack) ?? (await this.runnerOf(stack).plan(address));
      if (changes === undefined) return { status: "unchanged" };
      return await this.carryOut(stack, changes, address, async () => await this.release(stack));
    });
  }

  /**
   * Volumes that a planned stack would take away, and that somebody holds who does not let go in the same apply. Nothing where its
   * region cannot be asked.
   */
  public async heldProblems(
    stack: Stack,
    changes: PlannedChanges | undefined,
    address: string | undefined,
  ): Promise<Problem[]> {
    const access = nomadAccess(this.box.run);
    if (stack.nomadRegion === undefined || address === undefined || access === undefined) return [];
    if (!takes(changes, "delete", "replace")) return [];
    const taking = takingOf(await this.runnerOf(stack).planned());
    const volumes = [...taking.gone, ...taking.anew];
    if (volumes.length === 0) return [];
    const ask = await asking(access, stack.nomadRegion);
    const held = "failure" in ask ? ask : await readSomeVolumes(ask, volumes, new Date());
    if ("failure" in held) return [{ path: stack.name, rule: `its volumes cannot be looked at: ${held.failure}` }];
    if (held.every(({ claims }) => claims.length === 0)) return [];
    const leaving: string[] = [];
    for (const jobs of stacksOn(stack, this.stacks)) {
      const runner = this.runnerOf(jobs);
      const isSaved = this.checked.has(jobs);
      if (!isSaved) await runner.init();
      if (isSaved || (await runner.plan(address)) !== undefined)
        leaving.push(...lettingGo(await runner.planned(), volumes));
    }
    const others = stacksOn(stack, this.settings.allStacks ?? this.stacks);
    const absent = others.filter((jobs) => !this.stacks.includes(jobs));
    return holdProblems(stack, taking, held, leaving, absent);
  }

  /** The first round of a stack that has a second. */
  private async before(
    stack: Stack,
    changes: PlannedChanges,
    jobs: readonly Stack[],
    address: string | undefined,
  ): Promise<StackOutcome> {
    const runner = this.runnerOf(stack);
    if (this.settings.allowDataLoss === undefined) failFor(LOSS, await lossOf(runner, changes));
    const detail = takenText(takingOf(await runner.planned()), jobs);
    failFor("volumes are held", await this.heldProblems(stack, changes, address));
    this.later.push(stack);
    this.box.run.progress({ stack: stack.name, kind: "waiting", text: `for jobs: ${detail}` });
    const made = madeBy(changes);
    const rest = made.length === 0 ? undefined : await runner.plan(address, { target: made });
    return rest === undefined
      ? { status: "not-begun", detail }
      : { ...(await this.carryOut(stack, rest, address)), detail };
  }

  /** Judges the kept plan, asks, and applies it. */
  private async carryOut(
    stack: Stack,
    changes: PlannedChanges,
    address: string | undefined,
    ready: () => Promise<void> = () => Promise.resolve(),
  ): Promise<StackOutcome> {
    const { approve, text: withText = false, color = false, allowDataLoss } = this.settings;
    const runner = this.runnerOf(stack);
    const loss = await judgedLoss(runner, changes, this.box, allowDataLoss);
    failFor(LOSS, loss.refused ?? []);
    if (approve !== undefined || withText) {
      const text = runner.clean(await runner.show(color));
      const isApproved = approve === undefined || (await this.asking.next(() => approve(stack, changes, text)));
      if (!isApproved || this.box.interrupts.interrupted) throw new Declined(changes);
    }
    await ready();
    const { saved } = this.settings;
    try {
      await runner.apply(address);
    } catch (error) {
      await saved?.failed(runner);
      throw error;
    }
    await saved?.applied(runner);
    return { status: "changed", changes, ...loss };
  }

  /** Waits until nothing holds the volumes that the kept plan takes away. */
  private async release(stack: Stack): Promise<void> {
    const access = nomadAccess(this.box.run);
    const { gone } = takingOf(await this.runnerOf(stack).planned());
    if (access === undefined || stack.nomadRegion === undefined) return;
    const seconds = this.settings.releaseWaitSeconds ?? 300;
    const { left, interrupted } = await waitUntilFree(access, stack.nomadRegion, gone, {
      seconds,
      isInterrupted: () => this.box.interrupts.interrupted,
      tell: (text) => this.box.run.progress({ stack: stack.name, kind: "waiting", text: `for ${text}` }),
    });
    if (left.length > 0)
      throw new StackFailure(
        `volumes are still in use, ${interrupted ? "interrupted" : `after ${seconds} s`}: ${left.join(", ")}\n` +
          "./steppe volumes says who holds them, and how to free a stuck claim; then apply again",
      );
  }

  private async addressOf(stack: Stack): Promise<string | undefined> {
    if (stack.nomadRegion === undefined) return undefined;
    return await waitForRegion(this.box.run, this.box, stack, this.settings.nomadWaitSeconds ?? 180);
  }

  private async reported(stack: Stack, work: () => Promise<StackOutcome>): Promise<StackOutcome> {
    return await reported(this.box.run, stack, this.clock, work);
  }
}

/** What a plan would lose: refused, or allowed for a reason, which is recorded. */
export async function judgedLoss(
  runner: StackRunner,
  changes: PlannedChanges,
  { run }: Pick<Toolbox, "run">,
  reason: string | undefined,
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

/** What became of a stack in both its rounds. */
export function inBothRounds(
  first: Outcome<StackOutcome>,
  last: Outcome<StackOutcome> | undefined,
): Outcome<StackOutcome> {
  if (last === undefined || last.kind === "not-begun") return first;
  if (last.kind === "failed" || first.kind !== "done") return last;
  const made = first.value.changes;
  const gone = last.value.changes;
  if (made === undefined) return last;
  if (gone === undefined) return { kind: "done", value: { status: "changed", changes: made } };
  const dataLoss = [first.value, last.value].flatMap((value) => (value.dataLoss === undefined ? [] : [value.dataLoss]));
  const changes = {
    add: made.add + gone.add,
    change: made.change + gone.change,
    destroy: made.destroy + gone.destroy,
    resources: [...made.resources, ...gone.resources],
  };
  const [loss] = dataLoss;
  return {
    kind: "done",
    value: {
      status: "changed",
      changes,
      ...(loss && { dataLoss: { ...loss, volumes: dataLoss.flatMap(({ volumes }) => volumes) } }),
    },
  };
}

/** A plan is applied as a whole, and what jobs need comes before them, while what they hold goes after them. */
function splitProblems(stack: Stack, changes: PlannedChanges, jobs: readonly Stack[]): readonly Problem[] {
  if (jobs.length === 0 || !takes(changes, "delete") || madeBy(changes).length === 0) return [];
  return [
    {
      path: stack.name,
      rule: `makes things that ${jobs.map(({ name }) => name).join(", ")} may need, and takes away what they may hold: two plans`,
      fix: `split the change in two, or apply it without saved plans: ./steppe apply ${[stack, ...jobs].map(({ name }) => name).join(" ")}`,
    },
  ];
}

/** @throws StackFailure with all problems, where there are any. */
function failFor(what: string, problems: readonly Problem[]): void {
  if (problems.length > 0) throw new StackFailure([what, ...problems.map(formatProblem)].join("\n  - "));
}
