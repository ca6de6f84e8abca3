import { ValidationError } from "../../../constructs/core/problems";
import { blocking, reportOn } from "../../../review/report/report";
import type { Snapshot } from "../../../review/source/snapshot";
import { synthSubject } from "../../../review/subject";
import { CHANGES } from "./changes";
import { CorpusRepository } from "./repository";
import { type Score, scoreOf, summaryOf } from "./score";
import { synthesizeSources } from "./synthesize";

/** A synthesis takes a third of a second: `npm test` takes one change of three, `npm run corpus` all. */
const isTaken = (_change: unknown, index: number) => process.env["STEPPE_CORPUS"] === "all" || index % 3 === 0;

describe("the corpus", () => {
  const repository = new CorpusRepository();
  const scores: Score[] = [];
  let base: Snapshot;

  beforeAll(() => {
    base = synthesizeSources(repository.sources("main"));
  });
  afterAll(() => {
    repository.dispose();
    const { changes, precision, recall, right, wrong, found, missed } = summaryOf(scores);
    process.stdout.write(
      `corpus: ${changes} reviewed of ${CHANGES.length} changes; precision ${precision.toFixed(3)} (${right} right, ${wrong} wrong), recall ${recall.toFixed(3)} (${found} found, ${missed} missed)\n`,
    );
  });

  test("has at least 60 changes, each with a name of its own", () => {
    expect(CHANGES.length).toBeGreaterThanOrEqual(60);
    expect(new Set(CHANGES.map(({ name }) => name)).size).toBe(CHANGES.length);
  });

  const refused = CHANGES.filter((change) => change.refused !== undefined).filter(isTaken);
  const reviewed = CHANGES.filter((change) => change.refused === undefined).filter(isTaken);

  test.each(refused)("is not synthesized: $kind: $name", (change) => {
    const synthesized = () => synthesizeSources(repository.add(change));
    expect(synthesized).toThrow(ValidationError);
    expect(synthesized).toThrow(change.refused);
  });

  test.each(reviewed)("$kind: $name", (change) => {
    const { findings } = reportOn(synthSubject(base, synthesizeSources(repository.add(change))));
    const score = scoreOf(change, findings);
    scores.push(score);
    expect({ missed: score.missed, wrong: score.wrong }).toEqual({ missed: [], wrong: [] });
    expect(blocking(findings).length > 0).toBe(change.blocks ?? false);
  });
});
