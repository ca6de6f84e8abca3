import { Command } from "commander";
import { UserError } from "../../ops/errors";
import { PlanDirectory } from "../../ops/plans/keep";
import { PLAN_FILES } from "../../ops/plans/layout";
import { plan, type PlanOptions } from "../../ops/terraform/deploy";
import { removalProblems } from "../../ops/terraform/removal";
import type { RunResult } from "../../ops/terraform/result";
import type { Stack } from "../../ops/terraform/stack";
import { findTerraform } from "../../ops/terraform/tool";
import { colored, printWarnings } from "../print";
import { ALLOW_DATA_LOSS, dataLossOf, type RunOptions } from "../run-options";
import { type Cli, optionsOf, settingsOf, withExamples, withFleet, withJson } from "../shared";
import { failIfFailed, heading, selection, STACKS, summary, withParallel } from "../stack-commands";

interface PlanCommandOptions extends RunOptions {
  readonly detailedExitcode?: boolean;
  readonly refresh?: boolean;
  readonly out?: string;
}

/** `steppe plan`: what an apply would change. */
export function planCommand(cli: Cli): Command {
  const command = withParallel(withJson(withFleet(new Command("plan"))))
    .description("show what an apply would change; needs no secret")
    .argument("[stacks...]", STACKS)
    .option("--detailed-exitcode", "exit with 2 when there are changes")
    .option("-o, --out <directory>", "save the plans there, for ./steppe review and ./steppe apply")
    .option("--no-refresh", "compare with the state alone: providers are not asked what there is now")
    .option(...ALLOW_DATA_LOSS)
    .action(async (names: string[], _options, self: Command) => {
      const options: PlanCommandOptions = optionsOf(self);
      const { chosen, stacks, selected } = await selection(cli, options, names);
      printWarnings(removalProblems(stacks, chosen.fleet.name), cli.output);
      const result = await planned(cli, options, selected, {
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
      failIfRefused(result);
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
  );
}

/** Plans, and saves the plans where that was asked for. */
async function planned(
  cli: Cli,
  { out, json }: PlanCommandOptions,
  stacks: readonly Stack[],
  options: PlanOptions,
): Promise<RunResult> {
  if (out === undefined) return await plan(stacks, options);
  const keeper = await PlanDirectory.make(out, {
    project: cli.project,
    env: cli.env,
    fleet: options.spec.fleet,
    terraform: findTerraform(cli.env).version,
  });
  try {
    const result = await plan(stacks, { ...options, keeper });
    failIfFailed(result, "planned, so that no plans were saved");
    const index = keeper.finish(stacks, result);
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

function failIfRefused({ stacks }: RunResult): void {
  const refused = stacks.flatMap((stack) => stack.refused ?? []);
  if (refused.length > 0) throw new UserError("volumes would be lost: an apply refuses this", [], refused);
}
