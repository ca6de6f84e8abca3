import { Command, CommanderError } from "commander";
import { awsCommand } from "./commands/aws";
import { backendCommand } from "./commands/backend";
import { checkCommand } from "./commands/check";
import { destroyCommand } from "./commands/destroy";
import { envCommand } from "./commands/env";
import { gcpCommand } from "./commands/gcp";
import { importCommand } from "./commands/import";
import { jobsCommand } from "./commands/jobs";
import { secretCommand } from "./commands/secret";
import { reviewCommand } from "./commands/review";
import { serverCommand } from "./commands/server";
import { snapshotCommand } from "./commands/snapshot";
import { stackCommands } from "./commands/deploy";
import { tailnetCommand } from "./commands/tailnet";
import { trustCommand } from "./commands/trust";
import { volumesCommand } from "./commands/volumes";
import { type LabCommandsPart, loadPart } from "./lazy";
import { type Output, printError, processOutput } from "./print";
import { checkout, type Cli, withExamples, withFleet } from "./shared";

/**
 * Runs one command.
 *
 * @param argv - arguments after the program's name.
 * @returns the exit code: 0, 1 for errors of every kind, 2 for `plan --detailed-exitcode` with changes, 3 for a review, gate
 *   or expected plan that says no, 130 after Ctrl-C.
 */
export async function main(argv: readonly string[], settings: Partial<Omit<Cli, "exitWith">> = {}): Promise<number> {
  const output = settings.output ?? processOutput;
  const env = settings.env ?? process.env;
  let code = 0;
  const cli: Cli = {
    output,
    env,
    project: settings.project ?? checkout,
    exitWith: (wanted) => (code = wanted),
  };
  // A reader like head that has seen enough is no error.
  if (output === processOutput)
    process.stdout.once("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? code : 1));
  const program = programOf(cli, argv);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    // commander has printed its own errors, and throws for --help as well.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    return printError(error, output, env["STEPPE_DEBUG"] === "1");
  }
}

/** All commands. Those of the lab are only there when the arguments begin with it. */
export function programOf(cli: Cli, argv: readonly string[]): Command {
  const program = withFleet(new Command("steppe"))
    .description("GPU fleets on federated Nomad over a tailnet: describe, plan, apply, look after")
    .enablePositionalOptions();
  program.addCommand(trustCommand(cli));
  program.addCommand(secretCommand(cli));
  program.addCommand(tailnetCommand(cli));
  program.addCommand(envCommand(cli));
  for (const command of stackCommands(cli)) program.addCommand(command);
  program.addCommand(destroyCommand(cli));
  program.addCommand(serverCommand(cli));
  program.addCommand(checkCommand(cli));
  program.addCommand(reviewCommand(cli));
  program.addCommand(jobsCommand(cli));
  program.addCommand(volumesCommand(cli));
  program.addCommand(snapshotCommand(cli));
  program.addCommand(importCommand(cli));
  program.addCommand(backendCommand(cli));
  program.addCommand(awsCommand(cli));
  program.addCommand(gcpCommand(cli));
  addLab(program, argv);
  withExamples(program, "lab run", "trust init --fleet example", "plan --fleet example", "apply --fleet example");
  for (const command of everyCommand(program))
    command
      .exitOverride()
      .showHelpAfterError(`  see ./${pathOf(command)} --help`)
      .configureOutput(outputOf(cli.output));
  return program;
}

/** The lab is large, so it is only loaded for its own commands. */
function addLab(program: Command, argv: readonly string[]): void {
  const wanted = argv.find(
    (argument, index) => !argument.startsWith("-") && !/^(-f|--fleet)$/.test(argv[index - 1] ?? ""),
  );
  const part = wanted === "lab" ? (loadPart("lab/commands.ts") as LabCommandsPart | undefined) : undefined;
  if (part !== undefined) part.registerLabCommands(program);
  else
    program
      .command("lab")
      .description("a fleet on real hosts on this machine: run, up, status, ssh, exec, down, reboot, rebuild")
      .action(() => {
        throw new CommanderError(1, "steppe.nolab", "this checkout has no lab");
      });
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

function outputOf(output: Output) {
  return {
    writeOut: (text: string) => output.out(text.trimEnd()),
    writeErr: (text: string) => output.err(text.trimEnd()),
  };
}
