import pc from "picocolors";
import type { Drift } from "../review/plan/drift";
import { type Alike, alike } from "../review/report/alike";
import type { Report } from "../review/report/report";
import { ACTIONS, VERDICTS } from "../review/report/words";
import type { Severity } from "../review/findings/types";
import { colored, type Output, table } from "./print";

const PAINT = { blocking: pc.red, warning: pc.yellow, notice: pc.cyan } as const satisfies Record<Severity, unknown>;

/** Names of what a finding is said of; more are counted. */
const NAMES = 8;

const ACCEPTING =
  "what is meant is accepted with a label steppe-accept:<id>, or with a line and a reason in review.accepted of the fleet";

/** A review for a terminal. */
export function reviewText(report: Report, output: Output): string {
  const { base, head, source } = report;
  const from = base === undefined ? "" : ` from ${base} to ${head ?? "here"}`;
  const changed = report.stacks.filter(({ status }) => status !== "unchanged");
  return [
    `${VERDICTS[report.verdict]} (${source}${from})`,
    ...(changed.length === 0 ? [] : [stackTable(report, output)]),
    ...(report.findings.length === 0
      ? []
      : [
          alike(report.findings)
            .map((findings) => findingText(findings, output))
            .join("\n"),
        ]),
    ...(report.drift === undefined || report.drift.length === 0 ? [] : [driftText(report.drift)]),
    ...report.notes.map((note) => `note: ${note}`),
    ...(report.verdict === "blocked" ? [ACCEPTING] : []),
  ].join("\n\n");
}

function driftText(drift: readonly Drift[]): string {
  const lines = drift.map(({ stack, address, kind, action }) => `  ${kind}: ${stack}: ${address} (${action})`);
  return ["the plans are not what the change of the code says:", ...lines].join("\n");
}

function stackTable({ stacks }: Report, output: Output): string {
  const used = ACTIONS.filter((action) => stacks.some(({ counts }) => counts[action] !== undefined));
  return table(
    output,
    ["stack", "", ...used],
    stacks
      .filter(({ status }) => status !== "unchanged")
      .map(({ stack, status, counts }) => [stack, status, ...used.map((action) => String(counts[action] ?? ""))]),
  );
}

/** The same of several things is told once. */
function findingText({ first, names, stacks }: Alike, output: Output): string {
  const { id, severity, about, reason, fix, lifting } = first;
  const label = lifting === undefined ? severity : `${severity}, accepted`;
  const shown = colored(output) ? PAINT[severity](label) : label;
  const where = stacks.length > 1 ? `${stacks.length} stacks: ` : stacks.map((stack) => `${stack}: `).join("");
  const more = names.length > NAMES + 1 ? ` and ${names.length - NAMES} more` : "";
  const what = names.slice(0, more === "" ? NAMES + 1 : NAMES).join(", ");
  const known = names.length === 1 && about !== undefined ? ` (${about})` : "";
  const accepted = lifting === undefined ? "" : `\n    accepted by ${lifting.by}: ${lifting.reason}`;
  return `${shown}  ${where}${what}${more}${known} ${reason} [${id}]\n    ${fix}${accepted}`;
}
