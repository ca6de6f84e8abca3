import { Command } from "commander";
import { UserError } from "../../ops/errors";
import { destroy, type PlannedDestroy } from "../../ops/terraform/destroy";
import { typed } from "../confirm";
import { colored } from "../print";
import {
  type Cli,
  type FleetOptions,
  optionsOf,
  settingsOf,
  wholeNumber,
  withExamples,
  withFleet,
  withJson,
} from "../shared";
import { failIfFailed, heading, selection, STACKS, summary, withParallel } from "../stack-commands";

interface DestroyCommandOptions extends FleetOptions {
  readonly parallel?: number;
  readonly yes?: boolean;
  readonly wait?: number;
}

/** `steppe destroy`: stacks, in the reverse order of their application. */
export function destroyCommand(cli: Cli): Command {
  const command = withParallel(withJson(withFleet(new Command("destroy"))))
    .description(
      "destroy stacks in reverse order: jobs, volumes and plugins, what federation replicates, machines, tailnet; " +
        "refused while something is kept, or in use by what stays",
    )
    .argument("[stacks...]", STACKS)
    .option("-y, --yes", "destroy without asking")
    .option(
      "--wait <seconds>",
      "how long volumes may take to be let go, and plugins to end (default: 300)",
      wholeNumber("--wait", 1),
    )
    .action(async (names: string[], _options, self: Command) => {
      const options: DestroyCommandOptions = optionsOf(self);
      const { yes, wait, parallel } = options;
      if (yes !== true && !(process.stdin.isTTY && process.stderr.isTTY))
        throw new UserError("a destroy asks before it destroys something, and nobody is here to answer", [
          "give --yes to destroy without being asked",
        ]);
      const { chosen, stacks, selected } = await selection(cli, options, names);
      const [only, ...others] = selected;
      const name = only !== undefined && others.length === 0 ? only.name : chosen.fleet.name;
      const result = await destroy(selected, {
        ...(await settingsOf(cli, chosen, stacks, parallel)),
        fleet: chosen.fleet,
        allStacks: stacks,
        color: colored(cli.output),
        ...(wait !== undefined && { waitSeconds: wait }),
        ...(yes !== true && {
          approve: async (planned: readonly PlannedDestroy[]) => {
            for (const { stack, text } of planned) cli.output.err(`\n${heading(cli, stack)}\n\n${text}\n`);
            const count = planned.reduce((sum, { changes }) => sum + changes.destroy, 0);
            return await typed(
              `${count} resources in ${planned.length} stacks are destroyed, and cannot be brought back. Type ${name} to go on: `,
              name,
            );
          },
        }),
      });
      cli.output.out(options.json === true ? JSON.stringify(result.stacks, undefined, 2) : `\n${summary(cli, result)}`);
      for (const { stack, status, detail } of result.stacks)
        if (status === "destroyed" && detail !== undefined && options.json !== true)
          cli.output.err(`${stack}: ${detail}`);
      failIfFailed(result, "destroyed");
    });
  return withExamples(
    command,
    "destroy --fleet example                     # asks for the fleet's name",
    "destroy jobs-east storage-east --fleet example",
    "destroy jobs-east --yes --json",
  );
}
