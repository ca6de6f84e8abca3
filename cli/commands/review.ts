import { Command, Option } from "commander";
import { UserError } from "../../ops/errors";
import { Interrupts } from "../../ops/process";
import { compareWith } from "../../ops/review/compare";
import { readSnapshot } from "../../ops/review/snapshot";
import { type Severity, SEVERITIES } from "../../review/findings/types";
import { liftingsOfLabels } from "../../review/report/lifting";
import { reportOn, type Report } from "../../review/report/report";
import { synthSubject } from "../../review/subject";
import { reviewText } from "../review-text";
import { type Cli, type FleetOptions, fleetOf, optionsOf, withExamples, withFleet, withJson } from "../shared";

/** Exit code of a review that says no. */
const REFUSED = 3;

interface ReviewOptions extends FleetOptions {
  readonly base?: string;
  readonly baseOut?: string;
  readonly headOut?: string;
  readonly label: readonly string[];
  readonly failOn: Severity | "never";
}

/** `steppe review`: what a change means, before it is merged. */
export function reviewCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("review")))
    .description(
      "say what a change of the fleet means: synthesize it at a commit and as it is now, and compare; needs no credentials",
    )
    .option("--base <ref>", "commit, branch or tag to compare with")
    .option("--base-out <directory>", "what the base synthesizes, made elsewhere; with --head-out")
    .option("--head-out <directory>", "what the change synthesizes, made elsewhere; with --base-out")
    .option(
      "--label <label>",
      "label of the pull request; steppe-accept:<finding> lifts that finding; repeatable",
      collect,
      [],
    )
    .addOption(
      new Option("--fail-on <severity>", `exit with ${REFUSED} when there is a finding of this severity or a worse one`)
        .choices([...SEVERITIES, "never"])
        .default("blocking"),
    )
    .action(async (_options, self: Command) => {
      const options = optionsOf(self) as ReviewOptions;
      const report = await reportOf(cli, options);
      cli.output.out(options.json === true ? JSON.stringify(report, undefined, 2) : reviewText(report, cli.output));
      if (isRefused(report, options.failOn)) cli.exitWith(REFUSED);
    });
  return withExamples(
    command,
    "review --base origin/main --fleet example",
    "review --base HEAD~1 --json --fleet example",
    "review --base origin/main --label steppe-accept:data/volume-destroyed --fleet example",
    "review --base-out base/ --head-out head/",
  );
}

async function reportOf(cli: Cli, options: ReviewOptions): Promise<Report> {
  const { base, baseOut, headOut } = options;
  const liftings = liftingsOfLabels(options.label);
  if ((baseOut === undefined) !== (headOut === undefined) || (base === undefined) === (baseOut === undefined))
    throw new UserError("a review compares two things", [
      "give --base <ref>, or --base-out <directory> together with --head-out <directory>",
    ]);
  if (base === undefined) {
    const subject = synthSubject(readSnapshot(baseOut ?? ""), readSnapshot(headOut ?? ""));
    return reportOn(subject, { base: baseOut ?? "", head: headOut ?? "", liftings });
  }
  const interrupts = new Interrupts();
  const comparison = await interrupts.during(() =>
    compareWith(base, fleetOf(cli, options), {
      project: cli.project,
      env: cli.env,
      interrupts,
      onWarning: (line) => cli.output.err(`warning: ${line}`),
    }),
  );
  if (interrupts.interrupted) throw new UserError("interrupted", [], [], 130);
  const { baseName, headName, notes } = comparison;
  return reportOn(synthSubject(comparison.base, comparison.head), { base: baseName, head: headName, liftings, notes });
}

function isRefused({ findings }: Report, failOn: Severity | "never"): boolean {
  if (failOn === "never") return false;
  const limit = SEVERITIES.indexOf(failOn);
  return findings.some(({ severity, lifting }) => lifting === undefined && SEVERITIES.indexOf(severity) <= limit);
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}
