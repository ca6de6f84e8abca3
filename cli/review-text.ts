import pc from "picocolors";
import type { Action } from "../review/change/types";
import type { JudgedFinding } from "../review/report/lifting";
import type { Report, Verdict } from "../review/report/report";
import type { Severity } from "../review/findings/types";
import { colored, type Output, table } from "./print";

const ACTIONS: readonly Action[] = ["create", "update", "replace", "delete", "move", "forget", "import"];
const PAINT = { blocking: pc.red, warning: pc.yellow, notice: pc.cyan } as const satisfies Record<Severity, unknown>;

const VERDICTS: Readonly<Record<Verdict, string>> = {
  blocked: "blocked: something must not be merged as it is",
  "to be looked at": "to be looked at: nothing blocks, something matters",
  clear: "clear: changes, and nothing found in them",
  "no changes": "no changes",
};

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
    ...report.notes.map((note) => `note: ${note}`),
  ].join("\n\n");
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
