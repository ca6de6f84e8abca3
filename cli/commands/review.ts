import { Command, Option } from "commander";
import { type Severity, SEVERITIES } from "../../review/findings/types";
import { liftingsOfLabels } from "../../review/report/lifting";
import { reportOn, type Report } from "../../review/report/report";
import { type OutputOptions, showReview } from "../review-output";
import { reviewSource, type SourceOptions } from "../review-source";
import { gateCommand } from "./review-gate";
import { type Cli, optionsOf, withExamples, withFleet, withJson } from "../shared";

/** Exit code of a review that says no. */
const REFUSED = 3;

interface ReviewOptions extends SourceOptions, OutputOptions {
  readonly label: readonly string[];
  readonly failOn: Severity | "never";
}

/** `steppe review`: what a change means, before it is merged. */
export function reviewCommand(cli: Cli): Command {
  const command = withJson(withFleet(new Command("review")))
    .description(
      "say what a change of the fleet means: synthesize it at a commit and as it is now, and compare; needs no credentials",
    )
    .argument("[plans]", "directory of ./steppe plan --out, or a file of terraform show -json: review these plans")
    .option("--base <ref>", "commit, branch or tag to compare with")
    .option("--base-out <directory>", "what the base synthesizes, made elsewhere; with --head-out")
    .option("--head-out <directory>", "what the change synthesizes, made elsewhere; with --base-out")
    .option("--ask-nomad", "have each region's Nomad plan the changed jobs, and take its word; needs the fleet's trust")
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
    .addOption(new Option("--markdown", "print the comment for a pull request").conflicts(["json", "sarif"]))
    .addOption(new Option("--sarif", "print the findings as SARIF 2.1.0").conflicts(["json", "markdown"]))
    .option(
      "--write <directory>",
      "write review.md (the comment), review-full.md, review.json, review.sarif and fleet.mmd there as well",
    )
    .action(async (plans: string | undefined, _options, self: Command) => {
      const options = optionsOf(self) as ReviewOptions;
      const { subject, settings } = await reviewSource(cli, plans, options);
      const report = reportOn(subject, { ...settings, liftings: liftingsOfLabels(options.label) });
      showReview(cli, report, options);
      if (isRefused(report, options.failOn)) cli.exitWith(REFUSED);
    });
  command.enablePositionalOptions().addCommand(gateCommand(cli));
  return withExamples(
    command,
    "review --base origin/main --fleet example",
    "review --base HEAD~1 --json --fleet example",
    "review --base origin/main --label steppe-accept:data/volume-destroyed --fleet example",
    "review --base-out base/ --head-out head/",
    "review --base origin/main --markdown --fleet example",
    "review --base origin/main --write review/ --fleet example  # every form of it, for a pipeline",
    "review --base origin/main --ask-nomad --fleet example",
    "review plans/ --base origin/main --fleet example",
    "review plan.json",
  );
}

function isRefused({ findings }: Report, failOn: Severity | "never"): boolean {
  if (failOn === "never") return false;
  const limit = SEVERITIES.indexOf(failOn);
  return findings.some(({ severity, lifting }) => lifting === undefined && SEVERITIES.indexOf(severity) <= limit);
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}
