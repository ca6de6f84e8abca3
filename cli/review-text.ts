import pc from "picocolors";
import type { Drift } from "../review/plan/drift";
import type { JudgedFinding } from "../review/report/lifting";
import type { Report } from "../review/report/report";
import { ACTIONS, VERDICTS } from "../review/report/words";
import type { Severity } from "../review/findings/types";
import { colored, type Output, table } from "./print";

const PAINT = { blocking: pc.red, warning: pc.yellow, notice: pc.cyan } as const satisfies Record<Severity, unknown>;

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
      : [report.findings.map((finding) => findingText(finding, output)).join("\n")]),
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

function findingText({ id, severity, stack, resource, reason, fix, lifting }: JudgedFinding, output: Output): string {
  const label = lifting === undefined ? severity : `${severity}, accepted`;
  const shown = colored(output) ? PAINT[severity](label) : label;
  const place = stack === undefined ? resource : `${stack}: ${resource}`;
  const accepted = lifting === undefined ? "" : `\n    accepted by ${lifting.by}: ${lifting.reason}`;
  return `${shown}  ${place} ${reason} [${id}]\n    ${fix}${accepted}`;
}
