import type { Severity } from "../../findings/types";
import type { JudgedFinding } from "../lifting";
import { counted } from "../words";
import { code, prose } from "./escape";
import { grouped, names } from "./names";
import { cut, type Section } from "./share";

/** A list of findings of one kind. */
interface FindingList {
  readonly title: string;
  readonly weight: number;
  readonly isFolded?: boolean;
  readonly isMeant: (finding: JudgedFinding) => boolean;
}

const isOpen =
  (severity: Severity) =>
  (finding: JudgedFinding): boolean =>
    finding.severity === severity && finding.lifting === undefined;

const LISTS: readonly FindingList[] = [
  { title: "Blocking", weight: 8, isMeant: isOpen("blocking") },
  { title: "Accepted", weight: 2, isMeant: ({ lifting }) => lifting !== undefined },
  { title: "Warnings", weight: 4, isMeant: isOpen("warning") },
  { title: "Notices", weight: 1, isFolded: true, isMeant: isOpen("notice") },
];

/** Findings, those first that must not be merged. */
export function findingSections(findings: readonly JudgedFinding[], most: number): readonly Section[] {
  return LISTS.map(({ title, weight, isFolded = false, isMeant }) => {
    const meant = findings.filter(isMeant);
    const head = `${title} (${meant.length})`;
    const rows = grouped(meant, sameness).map((group) => row(group, most));
    return {
      weight,
      render: (bytes) =>
        cut(
          {
            head: isFolded ? `<details><summary>${head}</summary>\n\n` : `#### ${head}\n\n`,
            rows,
            foot: isFolded ? "</details>\n\n" : "",
            left: (count) => `… ${counted(count, "more line")} of ${title.toLowerCase()} left out.`,
          },
          bytes,
        ),
    };
  });
}

/** Findings that are told in one line: the same of several resources. */
function sameness({ id, stack, reason, fix, lifting }: JudgedFinding): string {
  return JSON.stringify([id, stack, reason, fix, lifting]);
}

function row(group: readonly [JudgedFinding, ...JudgedFinding[]], most: number): string {
  const [{ id, stack, reason, fix, lifting }] = group;
  const resources = names(
    group.map(({ resource }) => resource),
    most,
  );
  const place = stack === undefined ? resources : `${code(stack)}: ${resources}`;
  const accepted = lifting === undefined ? "" : `\n  Accepted by ${lifting.by}: ${prose(lifting.reason)}`;
  return `- ${place} ${prose(reason)} (${code(id)})\n  Fix: ${prose(fix)}${accepted}\n`;
}
