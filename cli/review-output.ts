import { existsSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { isInside, realPath, repositoryOf } from "../ops/project";
import { writeFiles } from "../ops/review/write";
import { reviewComment, reviewDocument } from "../review/report/markdown";
import { mermaidOf } from "../review/report/mermaid";
import type { Report } from "../review/report/report";
import { sarifOf } from "../review/report/sarif";
import { reviewText } from "./review-text";
import type { Cli } from "./shared";

/** How a review is shown. */
export interface OutputOptions {
  readonly fleet?: string;
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly sarif?: boolean;
  readonly write?: string;
}

/** Prints a review, and writes it to files where that was asked for. */
export function showReview(cli: Cli, report: Report, options: OutputOptions): void {
  const sarif = () => json(sarifOf(report, fleetFile(cli, options, report)));
  if (options.write !== undefined)
    writeFiles(options.write, {
      "review.md": reviewComment(report),
      "review-full.md": reviewDocument(report),
      "review.json": `${json(report)}\n`,
      "review.sarif": `${sarif()}\n`,
      ...(report.picture !== undefined && { "fleet.mmd": mermaidOf(report.picture) }),
    });
  if (options.json === true) cli.output.out(json(report));
  else if (options.markdown === true) cli.output.out(reviewComment(report).trimEnd());
  else if (options.sarif === true) cli.output.out(sarif());
  else cli.output.out(reviewText(report, cli.output));
}

function json(value: unknown): string {
  return JSON.stringify(value, undefined, 2);
}

/** The fleet's file, from the root of the repository, where it is in it. */
function fleetFile({ project, env }: Cli, { fleet }: OutputOptions, report: Report): { readonly fleetFile?: string } {
  const selected = fleet ?? env["STEPPE_FLEET"] ?? report.fleet ?? "";
  const path = selected.endsWith(".ts") ? selected : join(project, "fleets", `${selected}.ts`);
  const repository = repositoryOf(project);
  if (!existsSync(path) || !isInside(path, repository)) return {};
  const file = relative(realPath(repository), realPath(path));
  return isAbsolute(file) ? {} : { fleetFile: file };
}
