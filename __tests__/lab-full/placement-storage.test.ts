import { ensureCsiPlugin, ensureNomadTools } from "../../lab/tools";
import type { NomadAgents } from "../helpers/nomad-agents";
import { startStorage } from "../helpers/placement-storage";
import { checksOf } from "../jobspec/placement/nomad-reasons";
import { disagreements, type Outcome, outcomesOf, shown, verdicts } from "../jobspec/placement/outcomes";
import { storageFleet } from "../jobspec/placement/storage-fleet";
import { storageCases } from "../jobspec/placement/storage-jobs";

let nomad: NomadAgents;
const outcomes: Outcome[] = [];
/** Jobs that never come to be placed: a mistake of the test. */
const refused: string[] = [];

beforeAll(async () => {
  const tools = await ensureNomadTools(() => undefined);
  const fleet = storageFleet();
  nomad = await startStorage(fleet, { nomad: tools.nomad, csiPlugin: await ensureCsiPlugin(() => undefined) });
  for (const each of storageCases()) {
    const outcome = await outcomesOf(nomad, fleet, each);
    if (typeof outcome === "string") refused.push(outcome);
    else outcomes.push(...outcome);
  }
}, 1_200_000);
afterAll(async () => await nomad.stop(), 60_000);

test("there are cases enough, of every kind", () => {
  const counts = verdicts(outcomes);
  process.stderr.write(`storage: ${outcomes.length} cases; ours ${JSON.stringify(counts)}\n`);
  expect(refused.slice(0, 5)).toEqual([]);
  expect(counts.yes).toBeGreaterThan(50);
  expect(counts.no).toBeGreaterThan(200);
  expect(counts.some).toBeGreaterThan(1);
});

test("our verdict and the plan of the real nomad agree on every case", () => {
  expect(disagreements(outcomes).slice(0, 20).map(shown)).toEqual([]);
});

test("the first reason is the one that nomad gives", () => {
  const wrong = outcomes.filter(({ ours: { reasons, doubts }, nomad: failure }) => {
    const [reason] = reasons;
    if (failure === undefined || reason === undefined || doubts.length > 0) return false;
    return !checksOf(failure).has(reason.check);
  });
  expect(wrong.slice(0, 20).map(shown)).toEqual([]);
});
