import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Problem } from "../../constructs/core/problems";
import { object } from "../../review/json";
import { masked } from "../../review/plan/mask";
import { normalized, normalizedText } from "../../review/plan/normalize";
import type { PlannedStack, PlansIndex, StateVersion } from "../../review/plan/plans-index";
import { readPlansIndex } from "../review/plans";
import type { SavedPlans } from "../terraform/applying";
import type { PlannedChanges, StackRunner } from "../terraform/execute";
import type { Stack } from "../terraform/stack";
import { quoted, writePrivate } from "../trust/directory";
import { changesIn } from "./changes";
import { APPLIED_FILE, digestOf, documentDigest, planFileOf } from "./layout";
import type { CheckedOut } from "./repository";

/** A directory of plans that are to be applied. */
export class PlansToApply implements SavedPlans {
  /** Names of stacks whose plan is applied already. */
  public readonly done: ReadonlySet<string>;

  public readonly again: string;
  private readonly directory: string;
  private moved = false;

  /**
   * @param given - what the user calls the directory.
   * @param fleet - what the user calls the fleet.
   */
  private constructor(
    private readonly given: string,
    private readonly fleet: string,
    public readonly index: PlansIndex,
  ) {
    this.directory = resolve(given);
    this.done = new Set(Object.keys(this.record()));
    this.again = `plan and review again: ./steppe plan --out <new directory> --fleet ${quoted(fleet)}`;
  }

  /** @throws UserError for what is no directory of plans. */
  public static read(directory: string, fleet: string): PlansToApply {
    return new PlansToApply(directory, fleet, readPlansIndex(directory));
  }

  /** What is left to apply, in order. Shape: names. */
  public get left(): readonly string[] {
    return this.index.stacks
      .filter(({ stack, status }) => status === "changed" && !this.done.has(stack))
      .map(({ stack }) => stack);
  }

  /** Stacks that have no plan, although they may change. */
  public get unplanned(): readonly PlannedStack[] {
    return this.index.stacks.filter(({ status }) => status === "deferred" || status === "override");
  }

  /**
   * Where what is synthesized now is not what the plans were made from.
   *
   * @param stacks - all of the fleet.
   * @param now - what is checked out.
   */
  public codeProblems(stacks: readonly Stack[], now: CheckedOut | undefined): readonly Problem[] {
    const { commit, dirty } = this.index;
    const from = commit === undefined ? "" : ` at ${commit.slice(0, 12)}${dirty === true ? ", with changes" : ""}`;
    const to = now === undefined ? "" : ` at ${now.commit.slice(0, 12)}${now.dirty ? ", with changes" : ""}`;
    return this.index.stacks
      .filter(({ stack }) => !this.done.has(stack))
      .flatMap(({ stack: name, document }): readonly Problem[] => {
        const stack = stacks.find((one) => one.name === name);
        if (stack === undefined) return [{ path: name, rule: `is no longer synthesized: its plan was made${from}` }];
        if (documentDigest(stack) === document) return [];
        return [
          { path: name, rule: `its code has moved on: the plan was made${from}, what is synthesized now${to} differs` },
        ];
      });
  }

  public fileOf({ name }: Stack): string {
    return join(this.directory, planFileOf(name));
  }

  public async check(
    runner: StackRunner,
  ): Promise<{ readonly changes: PlannedChanges } | { readonly problems: readonly Problem[] }> {
    const { name } = runner.stack;
    const entry = this.index.stacks.find(({ stack }) => stack === name);
    const file = this.fileOf(runner.stack);
    const problem = (rule: string) => ({ problems: [{ path: name, rule }] });
    if (entry?.planFile === undefined || !existsSync(file)) return problem("has no plan file here: plan it again");
    if (digestOf(readFileSync(file)) !== entry.planFile) return problem("its plan file is not the one that was saved");
    const state = await runner.stateVersion();
    if (!isSame(state, entry.state))
      return problem(
        `its state has moved on: the plan was made on ${stateText(entry.state)}, now it is ${stateText(state)}`,
      );
    const plan = await runner.planned();
    if (digestOf(normalizedText(normalized(masked(plan)))) !== entry.normalized)
      return problem("its plan file does not do what its JSON says");
    return { changes: changesIn(plan) };
  }

  public async applied(runner: StackRunner): Promise<void> {
    const state = await runner.stateVersion();
    const entry = { at: new Date().toISOString(), ...(state !== undefined && { state }) };
    const record = { ...this.record(), [runner.stack.name]: entry };
    writePrivate(join(this.directory, APPLIED_FILE), `${JSON.stringify(record, undefined, 2)}\n`);
  }

  public async failed(runner: StackRunner): Promise<void> {
    const entry = this.index.stacks.find(({ stack }) => stack === runner.stack.name);
    // A backend that does not answer now may have been written to.
    const isAsBefore = await runner.stateVersion().then(
      (state) => isSame(state, entry?.state),
      () => false,
    );
    this.moved ||= !isAsBefore;
  }

  /** The exact command to go on with after a failure. @param left - names of what is not applied. */
  public nextStep(left: readonly string[]): string {
    const about = `--fleet ${quoted(this.fleet)}`;
    if (!this.moved) return `mend the cause, then go on: ./steppe apply ${quoted(this.given)} ${about}`;
    // What failed has changed its state on the way, so that its plan is no longer good.
    const next = quoted(`${this.given.replace(/\/+$/, "")}-next`);
    return `mend the cause, plan what is left, and review it: ./steppe plan ${left.join(" ")} --out ${next} ${about}`;
  }

  private record(): Readonly<Record<string, unknown>> {
    const path = join(this.directory, APPLIED_FILE);
    return existsSync(path) ? object(JSON.parse(readFileSync(path, "utf8"))) : {};
  }
}

function isSame(left: StateVersion | undefined, right: StateVersion | undefined): boolean {
  return left?.lineage === right?.lineage && left?.serial === right?.serial;
}

function stateText(state: StateVersion | undefined): string {
  return state === undefined ? "none" : `serial ${state.serial} of ${state.lineage}`;
}
