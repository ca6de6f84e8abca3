import type { Severity } from "../../findings/types";
import { type Alike, alike } from "../alike";
import type { JudgedFinding } from "../lifting";
import { counted } from "../words";
import { code, prose } from "./escape";
import { names } from "./names";
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
    const rows = alike(meant).map((group) => row(group, most));
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

function row({ first, names: all, stacks }: Alike, most: number): string {
  const { id, about, reason, fix, lifting } = first;
  const [stack] = stacks;
  const where = stacks.length > 1 ? `${stacks.length} stacks: ` : stack === undefined ? "" : `${code(stack)}: `;
  const what = all.length === 1 && about !== undefined ? ` (${prose(about)})` : "";
  const accepted = lifting === undefined ? "" : `\n  Accepted by ${lifting.by}: ${prose(lifting.reason)}`;
  return `- ${where}${names(all, most)}${what} ${prose(reason)} (${code(id)})\n  Fix: ${prose(fix)}${accepted}\n`;
}
