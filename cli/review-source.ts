import { UserError } from "../ops/errors";
import { Interrupts } from "../ops/process";
import { askNomad } from "../ops/review/ask-nomad";
import { compareWith } from "../ops/review/compare";
import { readSnapshot } from "../ops/review/snapshot";
import { runOf } from "../ops/terraform/context";
import { nomadAccess } from "../ops/terraform/region";
import type { Subject } from "../review/findings/types";
import type { ReportSettings } from "../review/report/report";
import { synthSubject } from "../review/subject";
import { planSource } from "./plan-review";
import { type Cli, type FleetOptions, fleetOf, settingsOf } from "./shared";

/** Options that say what is reviewed. */
export interface SourceOptions extends FleetOptions {
  readonly base?: string;
  readonly baseOut?: string;
  readonly headOut?: string;
  readonly askNomad?: boolean;
}

/** What a review looks at, and what its report says of where that came from. */
export interface ReviewSource {
  readonly subject: Subject;
  readonly settings: Pick<ReportSettings, "base" | "head" | "drift" | "notes">;
}

/**
 * Reads what a user wants to have reviewed.
 *
 * @param plans - directory of plans, or a single plan as JSON. @default - what two commits synthesize
 * @throws UserError where that cannot be read, or is not said.
 */
export async function reviewSource(cli: Cli, plans: string | undefined, options: SourceOptions): Promise<ReviewSource> {
  const source = plans === undefined ? await commits(cli, options) : await planSource(cli, plans, options);
  return options.askNomad === true ? await withNomad(cli, options, source) : source;
}

async function commits(cli: Cli, options: SourceOptions): Promise<ReviewSource> {
  const { base, baseOut, headOut } = options;
  if ((baseOut === undefined) !== (headOut === undefined) || (base === undefined) === (baseOut === undefined))
    throw new UserError("a review compares two things", [
      "give --base <ref>, or --base-out <directory> together with --head-out <directory>, or plans",
    ]);
  return base === undefined ? synthesized(baseOut ?? "", headOut ?? "") : await compared(cli, options, base);
}

function synthesized(baseOut: string, headOut: string): ReviewSource {
  const subject = synthSubject(readSnapshot(baseOut), readSnapshot(headOut));
  return { subject, settings: { base: baseOut, head: headOut } };
}

async function compared(cli: Cli, options: SourceOptions, ref: string): Promise<ReviewSource> {
  const interrupts = new Interrupts();
  const { base, head, baseName, headName, notes } = await interrupts.during(() =>
    compareWith(ref, fleetOf(cli, options), {
      project: cli.project,
      env: cli.env,
      interrupts,
      onWarning: (line) => cli.output.err(`warning: ${line}`),
    }),
  );
  if (interrupts.interrupted) throw new UserError("interrupted", [], [], 130);
  return { subject: synthSubject(base, head), settings: { base: baseName, head: headName, notes } };
}

/** Servers that do not answer are a note, not a failure: a review must be possible without them. */
async function withNomad(cli: Cli, options: SourceOptions, { subject, settings }: ReviewSource): Promise<ReviewSource> {
  const access = nomadAccess(runOf(await settingsOf(cli, fleetOf(cli, options), [])));
  if (access === undefined)
    throw new UserError("Nomad can only be asked with the fleet's trust, which is not here", [
      "leave --ask-nomad out, or fetch the trust: ./steppe trust --help",
    ]);
  const asked = await askNomad(subject, access);
  return { subject: asked.subject, settings: { ...settings, notes: [...(settings.notes ?? []), ...asked.notes] } };
}
