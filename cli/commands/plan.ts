import { Command } from "commander";
import type { Problem } from "../../constructs/core/problems";
import { UserError } from "../../ops/errors";
import { ReviewedPlans } from "../../ops/plans/expect";
import { PlanDirectory } from "../../ops/plans/keep";
import { PLAN_FILES } from "../../ops/plans/layout";
import { passGate, writeSynthesized } from "../../ops/review/gate";
import { plan, type PlanOptions } from "../../ops/terraform/deploy";
import { removalProblems } from "../../ops/terraform/removal";
import type { RunResult } from "../../ops/terraform/result";
import { readStacks, selectStacks, type Stack } from "../../ops/terraform/stack";
import { outdirOf } from "../../ops/terraform/synth";
import { findTerraform } from "../../ops/terraform/tool";
import { colored, printWarnings } from "../print";
import { ALLOW_DATA_LOSS, dataLossOf, type RunOptions } from "../run-options";
import { type Cli, fleetOf, optionsOf, settingsOf, withExamples, withFleet, withJson } from "../shared";
import { failIfFailed, heading, selection, STACKS, summary, withParallel } from "../stack-commands";
import { ALLOW } from "./review-gate";

interface PlanCommandOptions extends RunOptions {
  readonly detailedExitcode?: boolean;
  readonly refresh?: boolean;
  readonly out?: string;
  readonly expect?: string;
  readonly synthesized?: string;
  readonly baseOut?: string;
  readonly allow?: string;
}

/** `steppe plan`: what an apply would change. */
export function planCommand(cli: Cli): Command {
  const command = withParallel(withJson(withFleet(new Command("plan"))))
    .description("show what an apply would change; needs no secret")
    .argument("[stacks...]", STACKS)
    .option("--detailed-exitcode", "exit with 2 when there are changes")
    .option("-o, --out <directory>", "save the plans there, for ./steppe review and ./steppe apply")
    .option("--expect <directory>", "with --out: end with 3, and save nothing, unless these reviewed plans do the same")
    .option("--synthesized <directory>", "plan what somebody else has synthesized, after the gate; with --base-out")
    .option("--base-out <directory>", "what the base synthesizes, for the gate")
    .option(...ALLOW)
    .option("--no-refresh", "compare with the state alone: providers are not asked what there is now")
    .option(...ALLOW_DATA_LOSS)
    .action(async (names: string[], _options, self: Command) => {
      const options: PlanCommandOptions = optionsOf(self);
      const { chosen, stacks, selected } = await toPlan(cli, options, names);
      printWarnings(removalProblems(stacks, chosen.fleet.name), cli.output);
      const result = await planned(cli, options, selected, names.length === 0, {
        ...(await settingsOf(cli, chosen, selected, options.parallel)),
        text: options.json !== true,
        color: colored(cli.output),
        refresh: options.refresh ?? true,
        ...dataLossOf(options),
      });
      if (options.json === true) cli.output.out(JSON.stringify(result.stacks, undefined, 2));
      else {
        for (const { stack, text } of result.stacks)
          if (text !== undefined) cli.output.out(`\n${heading(cli, stack)}\n\n${text}`);
        cli.output.out(`\n${summary(cli, result)}`);
      }
      if (options.out === undefined) failIfRefused(result);
      else printWarnings(refusedOf(result), cli.output);
      failIfFailed(result, "planned");
      const changes = result.stacks.some(({ status }) => status === "changed" || status === "deferred");
      if (options.detailedExitcode === true && changes) cli.exitWith(2);
    });
  return withExamples(
    command,
    "plan --fleet example",
    "plan jobs-east --fleet example",
    "plan --detailed-exitcode --json",
    "plan --no-refresh --fleet example",
    "plan --out plans/ --fleet example",
    "plan --out again/ --expect plans/ --fleet example",
    "plan --synthesized head/ --base-out base/ --out plans/ --fleet example",
  );
}

/** What is to be planned: what the program synthesizes, or what somebody else's has and the gate lets pass. */
async function toPlan(cli: Cli, options: PlanCommandOptions, names: readonly string[]) {
  const { synthesized: headOut, baseOut, allow } = options;
  if ((headOut === undefined) !== (baseOut === undefined) || (headOut === undefined && allow !== undefined))
    throw new UserError("--synthesized and --base-out belong together", [
      "give what the base synthesizes as well: the gate compares with it",
    ]);
  if (headOut === undefined || baseOut === undefined) return await selection(cli, options, names);
  const chosen = fleetOf(cli, options);
  const outdir = outdirOf(chosen.selected, cli.project);
  writeSynthesized(passGate({ baseOut, headOut, ...(allow !== undefined && { allow }) }), outdir);
  const stacks = readStacks(outdir);
  return { chosen, stacks, selected: selectStacks(stacks, chosen.fleet.name, names) };
}

/** Plans, and saves the plans where that was asked for. */
async function planned(
  cli: Cli,
  { out, json, expect }: PlanCommandOptions,
  stacks: readonly Stack[],
  isWhole: boolean,
  options: PlanOptions,
): Promise<RunResult> {
  if (out === undefined && expect !== undefined)
    throw new UserError("--expect belongs to --out: what is expected is applied from there");
  if (out === undefined) return await plan(stacks, options);
  const reviewed = expect === undefined ? undefined : ReviewedPlans.read(expect);
  const keeper = await PlanDirectory.make(out, {
    project: cli.project,
    env: cli.env,
    fleet: options.spec.fleet,
    terraform: findTerraform(cli.env).version,
  });
  try {
    const result = await plan(stacks, { ...options, keeper });
    failIfFailed(result, "planned, so that no plans were saved");
    const index = keeper.finish(stacks, result, (directory, made) => reviewed?.expect(directory, made, isWhole));
    const later = index.stacks.filter(({ status }) => status === "deferred").map(({ stack }) => stack);
    if (json !== true) cli.output.err(`plans are saved in ${out}`);
    cli.output.err(
      `warning: plan files can hold secrets: keep ${out}/${PLAN_FILES} to yourself; the other files may travel`,
    );
    if (later.length > 0)
      cli.output.err(`warning: without a plan, since their region does not run yet: ${later.join(", ")}`);
    return result;
  } finally {
    keeper.drop();
  }
}

function failIfRefused(result: RunResult): void {
  const refused = refusedOf(result);
  if (refused.length > 0) throw new UserError("volumes would be lost: an apply refuses this", [], refused);
}

/** Volumes that would be lost. A saved plan of that is for the review to judge; an apply refuses it as well. */
function refusedOf({ stacks }: RunResult): readonly Problem[] {
  return stacks.flatMap((stack) => stack.refused ?? []);
}
