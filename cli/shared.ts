import type { Command } from "commander";
import { UserError } from "../ops/errors";
import { type Environment, projectDirectory } from "../ops/project";
import type { ExecContext, RunSettings } from "../ops/terraform/context";
import { synthesize } from "../ops/terraform/synth";
import type { Stack } from "../ops/terraform/stack";
import { findTrust } from "../ops/trust/trust";
import { type SelectedFleet, selectFleet } from "../ops/fleet";
import { type LabContextPart, loadPart } from "./lazy";
import { type Output, progressPrinter } from "./print";

/** What every command gets. */
export interface Cli {
  readonly output: Output;
  readonly env: Environment;
  readonly project: string;
  /** Ends the command with a code other than 0 that is not an error. */
  exitWith(code: number): void;
}

/** Options that every command about a fleet has. */
export interface FleetOptions {
  readonly fleet?: string;
  readonly json?: boolean;
}

/** Adds `--fleet` to a command. */
export function withFleet(command: Command): Command {
  return command.option("-f, --fleet <name>", "fleet: name of a file in fleets/, or a path to one (STEPPE_FLEET)");
}

/** Adds `--json` to a command that prints data. */
export function withJson(command: Command): Command {
  return command.option("--json", "print JSON");
}

/** Adds examples to a command's help. */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  return command.addHelpText(
    "after",
    `\nExamples:\n${examples.map((example) => `  $ ./steppe ${example}`).join("\n")}`,
  );
}

/** Options of a command together with those given before its name. */
export function optionsOf(command: Command): FleetOptions {
  return command.optsWithGlobals();
}

/** The fleet that a command's options choose. */
export function fleetOf(cli: Cli, options: FleetOptions): SelectedFleet {
  return selectFleet(options.fleet, cli.env, cli.project);
}

/** Synthesizes the chosen fleet. Warnings go to standard error. */
export function stacksOf(cli: Cli, { selected }: SelectedFleet): Promise<Stack[]> {
  return synthesize(selected, {
    env: cli.env,
    project: cli.project,
    onWarning: (line) => cli.output.err(`warning: ${line}`),
  });
}

/** How commands of the chosen fleet run: with its trust where there is one, and inside the lab for the lab's fleet. */
export async function settingsOf(
  cli: Cli,
  chosen: SelectedFleet,
  stacks: readonly Stack[],
  parallel?: number,
): Promise<RunSettings> {
  const trust = findTrust(chosen.fleet.name, { env: cli.env, project: cli.project });
  const context = await contextOf(chosen);
  return {
    spec: chosen.spec,
    trust,
    committed: chosen.committed,
    env: cli.env,
    project: cli.project,
    progress: progressPrinter(cli.output, Math.max(0, ...stacks.map(({ name }) => name.length))),
    ...(context !== undefined && { context }),
    ...(parallel !== undefined && { parallel }),
  };
}

/** Where commands of a fleet run, when that is not here: inside the lab for the lab's fleet. */
export async function contextOf({ fleet }: SelectedFleet): Promise<ExecContext | undefined> {
  if (!/^lab(-|$)/.test(fleet.name)) return undefined;
  return (loadPart("lab/context.ts") as LabContextPart | undefined)?.labContext(fleet);
}

/**
 * Reads a whole number from an option.
 *
 * @throws UserError that names the option.
 */
export function wholeNumber(option: string, minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < minimum)
      throw new UserError(`${option} must be a whole number from ${minimum}, got ${JSON.stringify(text)}`);
    return value;
  };
}

/** All of standard input. */
export async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * A secret from standard input.
 *
 * @param instead - command that pipes it in.
 * @throws UserError where standard input is a terminal, which would show it.
 */
export async function secretInput(name: string, instead: string): Promise<string> {
  if (process.stdin.isTTY)
    throw new UserError(`${name} is read from standard input, which is a terminal that would show it`, [
      `pipe it in: ${instead}`,
    ]);
  return await standardInput();
}

/** The checkout that commands work on. */
export const checkout = projectDirectory;
