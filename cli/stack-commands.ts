import type { Command } from "commander";
import { UserError } from "../ops/errors";
import type { RunResult } from "../ops/terraform/result";
import { selectStacks } from "../ops/terraform/stack";
import { colored, table } from "./print";
import { type Cli, type FleetOptions, fleetOf, stacksOf, wholeNumber } from "./shared";

/** Help of the argument that names stacks. */
export const STACKS = "names of stacks, with or without the fleet's (default: all)";

/** Adds `--parallel` to a command over stacks. */
export function withParallel(command: Command): Command {
  return command.option(
    "-p, --parallel <n>",
    "stacks at work at the same time (default: 4)",
    wholeNumber("--parallel", 1),
  );
}

/** The chosen fleet, its stacks, and those of them that the user named. */
export async function selection(cli: Cli, options: FleetOptions, names: readonly string[]) {
  const chosen = fleetOf(cli, options);
  const stacks = await stacksOf(cli, chosen);
  return { chosen, stacks, selected: selectStacks(stacks, chosen.fleet.name, names) };
}

/** Above what is said of one stack. */
export function heading(cli: Cli, stack: string): string {
  return colored(cli.output) ? `\u001b[1m── ${stack} ──\u001b[22m` : `── ${stack} ──`;
}

/** What became of all stacks, as a table. */
export function summary(cli: Cli, { stacks }: RunResult): string {
  return table(
    cli.output,
    ["stack", "result", "add", "change", "destroy", "seconds"],
    stacks.map(({ stack, status, changes, seconds, detail }) => [
      stack,
      status === "override" || status === "deferred" ? `${status}: ${detail ?? ""}` : status.replace("-", " "),
      ...(changes === undefined ? ["", "", ""] : [changes.add, changes.change, changes.destroy].map(String)),
      seconds.toFixed(1),
    ]),
  );
}

/**
 * @param next - what to do then. @default - run it again
 * @throws UserError that says which stacks failed and why; with exit code 130 after Ctrl-C.
 */
export function failIfFailed({ stacks, interrupted }: RunResult, done: string, next?: string): void {
  const then = next === undefined ? [] : [next];
  const failed = stacks.filter(({ status }) => status === "failed");
  const told = failed.map(({ stack, detail = "", log }) =>
    [
      `${stack}: ${detail.trim().replaceAll("\n", "\n    ")}`,
      ...(log === undefined ? [] : [`everything it said: ${log}`]),
    ].join("\n    "),
  );
  if (interrupted)
    throw new UserError("interrupted", [...told, next ?? "run it again to go on: what was done is kept"], [], 130);
  if (failed.length > 0)
    throw new UserError(`${failed.length} of ${stacks.length} stacks could not be ${done}`, [...told, ...then]);
  if (stacks.some(({ status }) => status === "declined")) throw new UserError("not everything was approved", then);
}
