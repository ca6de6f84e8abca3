import type { Finding } from "../../../review/findings/types";
import type { Change } from "./types";

/** What a review said of one change, against what it should. */
export interface Score {
  readonly name: string;
  /** Warnings and blocking findings that are right. */
  readonly right: number;
  /** Warnings and blocking findings that should not be. */
  readonly wrong: readonly string[];
  /** Findings that should be. */
  readonly missed: readonly string[];
  readonly found: number;
}

export function scoreOf({ name, must = [], may = [] }: Change, findings: readonly Finding[]): Score {
  const allowed = [...must.flatMap(alternatives), ...may];
  const isAllowed = ({ id }: Finding) => allowed.some((one) => one === id || (one.endsWith("/") && id.startsWith(one)));
  const loud = findings.filter(({ severity }) => severity !== "notice");
  const missed = must.filter((one) => !findings.some(({ id }) => alternatives(one).includes(id)));
  return {
    name,
    right: loud.filter(isAllowed).length,
    wrong: loud
      .filter((finding) => !isAllowed(finding))
      .map(({ id, stack = "", resource }) => `${id} ${stack} ${resource}`),
    missed,
    found: must.length - missed.length,
  };
}

function alternatives(one: string): readonly string[] {
  return one.split("|");
}

/** Precision and recall over all changes. */
export function summaryOf(scores: readonly Score[]) {
  const sum = (of: (score: Score) => number) => scores.reduce((all, score) => all + of(score), 0);
  const [right, wrong] = [sum((score) => score.right), sum(({ wrong: list }) => list.length)];
  const [found, missed] = [sum((score) => score.found), sum(({ missed: list }) => list.length)];
  return {
    changes: scores.length,
    precision: right / (right + wrong),
    recall: found / (found + missed),
    right,
    wrong,
    found,
    missed,
  };
}
