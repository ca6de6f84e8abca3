import { changeSection, stackSection } from "./markdown/changes";
import { driftSection } from "./markdown/drift";
import { code, prose } from "./markdown/escape";
import { findingSections } from "./markdown/findings";
import { jobSection } from "./markdown/jobs";
import { bytesOf, cut, fitted, type Section } from "./markdown/share";
import { mermaidOf } from "./mermaid";
import type { Picture } from "./picture";
import { blocking, type Report, type Verdict } from "./report";
import { counted, VERDICTS } from "./words";

/** Most bytes of a comment. GitHub takes 65,536 characters. */
export const COMMENT_BYTES = 60_000;
/** Names that a line of a comment holds; the others are counted. */
const COMMENT_NAMES = 5;

const SIGNS: Readonly<Record<Verdict, string>> = {
  blocked: "⛔",
  "to be looked at": "⚠️",
  clear: "✅",
  "no changes": "✅",
};

/** What a document is cut to. */
interface Extent {
  readonly bytes: number;
  /** Most names in a line. */
  readonly names: number;
}

/**
 * The comment on a pull request: one per fleet, found again by its first line.
 *
 * Every text of a report is anybody's, and stays a text.
 */
export function reviewComment(report: Report): string {
  return render(report, { bytes: COMMENT_BYTES, names: COMMENT_NAMES });
}

/** The whole review, however long. */
export function reviewDocument(report: Report): string {
  return render(report, { bytes: Infinity, names: Infinity });
}

/** First line of a fleet's comment; readers do not see it. */
export function commentMarker(fleet: string | undefined): string {
  const name = (fleet ?? "").replace(/[^A-Za-z0-9]+/g, "-").slice(0, 63);
  return `<!-- steppe-review:${name} -->`;
}

function render(report: Report, { bytes, names: most }: Extent): string {
  const head = headOf(report);
  const sections: readonly Section[] = [
    stackSection(report.stacks),
    ...findingSections(report.findings, most),
    driftSection(report.drift ?? [], most),
    jobSection(report.jobs, most),
    changeSection(report.stacks, report.changes, most),
    pictureSection(report.picture),
    noteSection(report.notes),
  ];
  const whole = `${head}${fitted(sections, bytes - bytesOf(head) - bytesOf(CUT))}`;
  const all = `${head}${sections.map((section) => section.render(Infinity)).join("")}`;
  return whole === all ? whole : `${whole}${CUT}`;
}

const CUT =
  "This comment is cut to fit. The artifact of the run holds the whole review: `review-full.md`, `review.json`.\n";

function headOf(report: Report): string {
  const { fleet, source, base, head, verdict, findings, stacks } = report;
  const changed = stacks.filter(({ status }) => status !== "unchanged").length;
  const title = fleet === undefined ? "Review" : `Review of fleet ${prose(fleet)}`;
  const count = blocking(findings).length;
  const from = base === undefined ? "" : ` from ${code(base)} to ${code(head ?? "here")}`;
  return [
    commentMarker(fleet),
    `### ${SIGNS[verdict]} ${title}: ${VERDICTS[verdict]}\n`,
    `By ${prose(source)}${from}: ${changed} of ${counted(stacks.length, "stack")} changed, ${counted(count, "blocking finding")}.\n\n`,
  ].join("\n");
}

/** All of it or nothing; and nothing for a fleet in which nothing changes. */
function pictureSection(picture: Picture | undefined): Section {
  const isChanged = Object.values(picture ?? {}).some((parts: Picture["sites" | "regions" | "pools"]) =>
    parts.some(({ mark }) => mark !== "unchanged"),
  );
  const text =
    picture === undefined || !isChanged
      ? ""
      : `<details><summary>Picture of the fleet</summary>\n\n\`\`\`mermaid\n${mermaidOf(picture)}\`\`\`\n\n</details>\n\n`;
  return { weight: 3, render: (bytes) => (bytesOf(text) <= bytes ? text : "… the picture of the fleet left out.\n\n") };
}

function noteSection(notes: readonly string[]): Section {
  return {
    weight: 1,
    render: (bytes) =>
      cut(
        {
          head: "#### Notes\n\n",
          rows: notes.map((note) => `- ${prose(note)}\n`),
          left: (count) => `… ${counted(count, "more note")} left out.`,
        },
        bytes,
      ),
  };
}
