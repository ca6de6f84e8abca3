import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { UserError } from "../../ops/errors";
import { applyPlans } from "../../ops/plans/apply";
import { PlansToApply } from "../../ops/plans/saved";
import { apply } from "../../ops/terraform/deploy";
import type { PlannedChanges } from "../../ops/terraform/execute";
import type { Stack } from "../../ops/terraform/stack";
import { PLANS_FILE } from "../../review/plan/plans-index";
import { confirmed } from "../confirm";
import { colored } from "../print";
import { ALLOW_DATA_LOSS, collect, dataLossOf, type RunOptions } from "../run-options";
import { type Cli, optionsOf, settingsOf, withExamples, withFleet, withJson } from "../shared";
import { failIfFailed, heading, selection, STACKS, summary, withParallel } from "../stack-commands";

interface ApplyCommandOptions extends RunOptions {
  readonly yes?: boolean;
  readonly autoApprove?: boolean;
  readonly redeliver?: readonly string[];
  readonly plans?: string;
}

/** `steppe apply`. */
export function applyCommand(cli: Cli): Command {
  const command = withParallel(withJson(withFleet(new Command("apply"))))
    .description("apply stacks in order, side by side where the order allows")
    .argument("[stacks...]", `${STACKS}; or a directory of ./steppe plan --out`)
    .option("--plans <directory>", "apply exactly these plans, which ./steppe plan --out has saved")
    .option("-y, --yes", "apply without asking")
    .option("--auto-approve", "the same, in Terraform's words")
    .option(
      "--redeliver <host>",
      "give a machine its bundle again, for example after setting it up anew; repeatable",
      collect,
    )
    .option(...ALLOW_DATA_LOSS)
    .action(async (names: string[], _options, self: Command) => {
      const options: ApplyCommandOptions = optionsOf(self);
      const unasked = options.yes === true || options.autoApprove === true;
      if (!unasked && !(process.stdin.isTTY && process.stderr.isTTY))
        throw new UserError("an apply asks before it changes something, and nobody is here to answer", [
          "give --yes to apply without being asked",
        ]);
      const directory = plansOf(options, names);
      const { chosen, stacks, selected } = await selection(cli, options, directory === undefined ? names : []);
      const approve = (stack: Stack, changes: PlannedChanges, text: string): Promise<boolean> => {
        cli.output.err(`\n${heading(cli, stack.name)}\n\n${text}\n`);
        const { add, change, destroy } = changes;
        return confirmed(`Apply to ${stack.name}: ${add} to add, ${change} to change, ${destroy} to destroy?`);
      };
      const settings = {
        ...(await settingsOf(cli, chosen, selected, options.parallel)),
        color: colored(cli.output),
        ...dataLossOf(options),
        ...(!unasked && { approve }),
      };
      if (directory !== undefined) {
        await applySaved(cli, PlansToApply.read(directory, chosen.selected), stacks, settings, options);
        return;
      }
      const result = await apply(selected, { ...settings, allStacks: stacks, redeliver: options.redeliver ?? [] });
      cli.output.out(options.json === true ? JSON.stringify(result.stacks, undefined, 2) : `\n${summary(cli, result)}`);
      failIfFailed(result, "applied");
    });
  return withExamples(
    command,
    "apply --fleet example",
    "apply site-frankfurt --yes --fleet example",
    "apply plans/ --yes --fleet example",
    "apply --redeliver fra-server-2 --fleet example",
    'apply storage-east --allow-data-loss "the disks were moved away"',
  );
}

/** The directory of plans that a user means, by option or as the only argument. */
function plansOf({ plans, redeliver = [] }: ApplyCommandOptions, names: readonly string[]): string | undefined {
  const [first = "", ...others] = names;
  const isDirectory = first.includes("/") || existsSync(join(first, PLANS_FILE));
  const directory = plans ?? (first !== "" && isDirectory ? first : undefined);
  if (directory === undefined) return undefined;
  if ((plans === undefined ? others : names).length > 0)
    throw new UserError("plans are applied as they are: stacks are chosen when they are planned");
  if (redeliver.length > 0) throw new UserError("plans are applied as they are: --redeliver has no place beside them");
  return directory;
}

async function applySaved(
  cli: Cli,
  plans: PlansToApply,
  stacks: readonly Stack[],
  settings: Parameters<typeof applyPlans>[2],
  { json }: ApplyCommandOptions,
): Promise<void> {
  if (plans.done.size > 0) cli.output.err(`applied already: ${[...plans.done].join(", ")}`);
  for (const { stack, detail = "" } of plans.unplanned) cli.output.err(`warning: ${stack} has no plan: ${detail}`);
  const { result, next } = await applyPlans(plans, stacks, settings);
  if (json === true) cli.output.out(JSON.stringify(result.stacks, undefined, 2));
  else cli.output.out(result.stacks.length === 0 ? "nothing is left to apply" : `\n${summary(cli, result)}`);
  failIfFailed(result, "applied", next);
}
