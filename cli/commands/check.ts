import { Command } from "commander";
import { isError, type Problem } from "../../constructs/core/problems";
import { validateFleet } from "../../model/validate";
import { checksOf, type ProgramCheck } from "../../ops/checks";
import { UserError } from "../../ops/errors";
import { removalProblems } from "../../ops/terraform/removal";
import type { Stack } from "../../ops/terraform/stack";
import { trustProblems } from "../../ops/trust/problems";
import { findTrust } from "../../ops/trust/trust";
import { printWarnings, table } from "../print";
import { type Cli, fleetOf, optionsOf, stacksOf, withExamples, withFleet, withJson } from "../shared";

/** `steppe check`: everything that can be told without touching anything. */
export function checkCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("check")))
    .description(
      "validate the fleet, synthesize it, look at its jobs, trust and what was removed, and list the rules that are broken on purpose; changes nothing",
    )
    .action(async (_options, self: Command) => {
      const options = optionsOf(self);
      const chosen = fleetOf(cli, options);
      const { name } = chosen.fleet;
      const stacks = await stacksOf({ ...cli, output: { ...cli.output, err: () => undefined } }, chosen);
      const jobs = checksOf(stacks);
      const trust = findTrust(name, { env: cli.env, project: cli.project });
      const problems = [
        ...validateFleet(chosen.fleet),
        ...trustProblems(trust, chosen.spec, new Date(), chosen.committed),
        ...removalProblems(stacks, name),
        ...jobs.flatMap(ofFleet),
      ];
      const errors = problems.filter(isError);
      if (options.json === true) {
        const result = {
          fleet: name,
          stacks: stacks.map((stack) => stack.name),
          problems,
          allowances: allowancesOf(jobs),
        };
        cli.output.out(JSON.stringify(result, undefined, 2));
        if (errors.length > 0) cli.exitWith(1);
        return;
      }
      printWarnings(
        problems.filter((problem) => !isError(problem)),
        cli.output,
      );
      noteRemoteStates(cli, stacks);
      printAllowances(cli, jobs);
      if (errors.length > 0) throw new UserError(`fleet ${name} is not in order`, [], errors);
      cli.output.out(`fleet ${name} is in order: ${stacks.length} stacks`);
    });
  return withExamples(
    command,
    "check --fleet example",
    "check --fleet lab --json                    # problems, and allowances with their reasons",
  );
}

/** A job's problems under its construct's path. */
function ofFleet({ construct, warnings }: ProgramCheck): readonly Problem[] {
  return warnings.map((problem) => ({ ...problem, path: `${construct} ${problem.path}` }));
}

function allowancesOf(jobs: readonly ProgramCheck[]) {
  return jobs.flatMap(({ job, region, allowances }) =>
    allowances.map(({ rule, path, reason, problems }) => ({ job, region, rule, path, reason, problems })),
  );
}

function printAllowances(cli: Cli, jobs: readonly ProgramCheck[]): void {
  const rows = allowancesOf(jobs).map(({ job, region, rule, path, reason, problems }) => [
    region,
    job,
    rule,
    path === "" ? placesOf(problems) : path,
    reason,
  ]);
  if (rows.length === 0) return;
  cli.output.out("rules that are broken on purpose:\n");
  cli.output.out(`${table(cli.output, ["region", "job", "rule", "where", "reason"], rows)}\n`);
}

/** Where an allowance of a whole job is used. */
function placesOf([first, ...others]: readonly Problem[]): string {
  return `${first?.path ?? ""}${others.length === 0 ? "" : ` and ${others.length} more`}`;
}

function noteRemoteStates(cli: Cli, stacks: readonly Stack[]): void {
  if (stacks.every(({ backend }) => backend.kind === "local")) return;
  cli.output.err(
    "note: the states of a remote backend cannot be listed, so removed stacks and machines were not looked for",
  );
}
