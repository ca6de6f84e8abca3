import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { masked } from "../../review/plan/mask";
import { normalized, normalizedText } from "../../review/plan/normalize";
import { type PlannedStack, PLANS_FILE, type PlansIndex, type PlanStatus } from "../../review/plan/plans-index";
import { CHECKS_FILE } from "../../scripts/checks-file";
import { FLEET_FILE } from "../../scripts/fleet-file";
import { UserError } from "../errors";
import type { Environment } from "../project";
import type { PlanKeeper } from "../terraform/deploy";
import type { PlannedChanges, StackRunner } from "../terraform/execute";
import type { RunResult } from "../terraform/result";
import type { Stack } from "../terraform/stack";
import { digestOf, documentDigest, planFileOf, planJsonOf, SYNTHESIZED } from "./layout";
import { assertFresh, type CheckedOut, checkedOut } from "./repository";

interface KeepSettings {
  readonly project: string;
  readonly env: Environment;
  readonly fleet: string;
  /** Version. */
  readonly terraform: string;
}

type Kept = Pick<PlannedStack, "state" | "providers" | "planFile" | "normalized">;

/**
 * A directory of plans in the making: plan files, their JSON without sensitive values, and what they were made from. It stands beside its
 * place until it is whole.
 */
export class PlanDirectory implements PlanKeeper {
  private readonly kept = new Map<string, Kept>();

  private constructor(
    private readonly place: string,
    private readonly making: string,
    private readonly settings: KeepSettings,
    private readonly at: CheckedOut | undefined,
  ) {
    // Whatever the repository ignores: git never sees what lies here.
    this.write(".gitignore", "*\n");
  }

  /** @throws UserError where the directory is not to be written to. */
  public static async make(directory: string, settings: KeepSettings): Promise<PlanDirectory> {
    await assertFresh(directory, settings.env);
    const at = await checkedOut(settings.project, settings.env);
    const place = resolve(directory);
    const making = `${place}.new-${process.pid}`;
    rmSync(making, { recursive: true, force: true });
    mkdirSync(making, { recursive: true, mode: 0o700 });
    chmodSync(making, 0o700);
    return new PlanDirectory(place, making, settings, at);
  }

  public async before(runner: StackRunner): Promise<void> {
    const state = await runner.stateVersion();
    const providers = await runner.providerVersions();
    this.kept.set(runner.stack.name, { providers, ...(state !== undefined && { state }) });
  }

  public async planned(runner: StackRunner, changes: PlannedChanges | undefined): Promise<void> {
    const { name } = runner.stack;
    const plan = masked(await runner.planned());
    this.write(planJsonOf(name), runner.clean(JSON.stringify(plan)));
    const file = changes === undefined ? undefined : this.copy(runner.planFile, planFileOf(name));
    this.kept.set(name, {
      ...(this.kept.get(name) ?? { providers: {} }),
      normalized: digestOf(normalizedText(normalized(plan))),
      ...(file !== undefined && { planFile: digestOf(readFileSync(file)) }),
    });
  }

  /**
   * Puts the directory into its place.
   *
   * @param stacks - those that were planned.
   * @param verify - looks at what is whole but not in its place yet; nothing is left where it throws.
   * @throws UserError where a stack could not be planned; nothing is left then.
   */
  public finish(
    stacks: readonly Stack[],
    { stacks: results, interrupted }: RunResult,
    verify: (directory: string, index: PlansIndex) => void = () => undefined,
  ): PlansIndex {
    const failed = results.filter(({ status }) => statusOf(status) === undefined).map(({ stack }) => stack);
    if (failed.length > 0 || interrupted) {
      this.drop();
      throw new UserError(
        `no plans were saved: ${interrupted ? "interrupted" : `without a plan: ${failed.join(", ")}`}`,
      );
    }
    const index: PlansIndex = {
      formatVersion: "1.0",
      fleet: this.settings.fleet,
      madeAt: new Date().toISOString(),
      ...this.at,
      terraform: this.settings.terraform,
      stacks: stacks.flatMap((stack) => {
        const result = results.find((each) => each.stack === stack.name);
        const status = result === undefined ? undefined : statusOf(result.status);
        if (status === undefined) return [];
        const { detail } = result ?? {};
        return [
          {
            stack: stack.name,
            status,
            document: documentDigest(stack),
            ...(this.kept.get(stack.name) ?? { providers: {} }),
            ...(detail !== undefined && { detail }),
          },
        ];
      }),
    };
    this.takeSynthesized(stacks);
    this.write(PLANS_FILE, `${JSON.stringify(index, undefined, 2)}\n`);
    verify(this.making, index);
    rmSync(this.place, { recursive: true, force: true });
    renameSync(this.making, this.place);
    return index;
  }

  /** Leaves nothing behind. */
  public drop(): void {
    rmSync(this.making, { recursive: true, force: true });
  }

  private takeSynthesized(stacks: readonly Stack[]): void {
    const [first] = stacks;
    if (first === undefined) return;
    const outdir = dirname(dirname(first.directory));
    const manifest = JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8")) as {
      readonly stacks: Readonly<Record<string, { readonly synthesizedStackPath: string }>>;
    };
    const documents = Object.values(manifest.stacks).map(({ synthesizedStackPath }) => synthesizedStackPath);
    for (const file of ["manifest.json", FLEET_FILE, CHECKS_FILE, ...documents])
      if (existsSync(join(outdir, file))) this.copy(join(outdir, file), join(SYNTHESIZED, file));
  }

  private copy(from: string, to: string): string {
    const path = this.pathOf(to);
    copyFileSync(from, path);
    chmodSync(path, 0o600);
    return path;
  }

  private write(to: string, content: string): void {
    writeFileSync(this.pathOf(to), content, { mode: 0o600 });
  }

  private pathOf(file: string): string {
    const path = join(this.making, file);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return path;
  }
}

function statusOf(status: string): PlanStatus | undefined {
  return (["changed", "unchanged", "deferred", "override"] as const).find((each) => each === status);
}
