import { Command } from "commander";
import { UserError } from "../../ops/errors";
import { apply } from "../../ops/terraform/deploy";
import type { PlannedChanges } from "../../ops/terraform/execute";
import type { Stack } from "../../ops/terraform/stack";
import { confirmed } from "../confirm";
import { colored } from "../print";
import { ALLOW_DATA_LOSS, collect, dataLossOf, type RunOptions } from "../run-options";
import { type Cli, optionsOf, settingsOf, withExamples, withFleet, withJson } from "../shared";
import { failIfFailed, heading, selection, STACKS, summary, withParallel } from "../stack-commands";

interface ApplyCommandOptions extends RunOptions {
  readonly yes?: boolean;
  readonly autoApprove?: boolean;
  readonly redeliver?: readonly string[];
}

/** `steppe apply`. */
export function applyCommand(cli: Cli): Command {
  const command = withParallel(withJson(withFleet(new Command("apply"))))
    .description("apply stacks in order, side by side where the order allows")
    .argument("[stacks...]", STACKS)
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
      const { chosen, stacks, selected } = await selection(cli, options, names);
      const approve = (stack: Stack, changes: PlannedChanges, text: string): Promise<boolean> => {
        cli.output.err(`\n${heading(cli, stack.name)}\n\n${text}\n`);
        const { add, change, destroy } = changes;
        return confirmed(`Apply to ${stack.name}: ${add} to add, ${change} to change, ${destroy} to destroy?`);
      };
      const result = await apply(selected, {
        ...(await settingsOf(cli, chosen, selected, options.parallel)),
        allStacks: stacks,
        redeliver: options.redeliver ?? [],
        color: colored(cli.output),
        ...dataLossOf(options),
        ...(!unasked && { approve }),
      });
      cli.output.out(options.json === true ? JSON.stringify(result.stacks, undefined, 2) : `\n${summary(cli, result)}`);
      failIfFailed(result, "applied");
    });
  return withExamples(
    command,
    "apply --fleet example",
    "apply site-frankfurt --yes --fleet example",
    "apply --redeliver fra-server-2 --fleet example",
    'apply storage-east --allow-data-loss "the disks were moved away"',
  );
}
