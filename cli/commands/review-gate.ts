import { Command } from "commander";
import { passGate } from "../../ops/review/gate";
import { type Cli, withExamples } from "../shared";

interface GateOptions {
  readonly baseOut: string;
  readonly headOut: string;
  readonly allow?: string;
}

export const ALLOW = [
  "--allow <file>",
  "JSON of the base that says what a change may have although the base does not: providers, dataSources, ...",
] as const;

/** `steppe review gate`: what must not come near a credential. */
export function gateCommand(cli: Cli): Command {
  const command = new Command("gate")
    .description(
      "refuse what a change synthesizes where a plan of it would run, read or send what the base does not; run it with the base's checkout",
    )
    .requiredOption("--base-out <directory>", "what the base synthesizes")
    .requiredOption("--head-out <directory>", "what the change synthesizes, by anybody")
    .option(...ALLOW)
    .action((options: GateOptions) => {
      const { stacks } = passGate(options);
      cli.output.out(`${stacks.length} stacks may be planned`);
    });
  return withExamples(
    command,
    "review gate --base-out base/ --head-out head/",
    "review gate --base-out base/ --head-out head/ --allow gate.json",
  );
}
