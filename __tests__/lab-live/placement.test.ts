import { join } from "node:path";
import * as fc from "fast-check";
import { fitsPool, placeable } from "../../constructs/jobspec/placement/placeable";
import { ensureNomadTools } from "../../lab/tools";
import type { Fleet } from "../../model/types";
import { type NomadAgents, startBesideOthers } from "../helpers/nomad-agents";
import { arbitraryJob, inPool } from "../jobspec/placement/arbitrary-jobs";
import { edgeJobs } from "../jobspec/placement/edge-jobs";
import { clientsOf, placementFleet } from "../jobspec/placement/fleet";
import { checksOf } from "../jobspec/placement/nomad-reasons";
import { disagreements, type Outcome, outcomesOf, shown, verdicts } from "../jobspec/placement/outcomes";

/** Another seed finds other cases; more jobs take a few milliseconds per case. */
const SEED = Number(process.env["STEPPE_PLACEMENT_SEED"] ?? 20_261);
const JOBS = Number(process.env["STEPPE_PLACEMENT_JOBS"] ?? 120);

let nomad: NomadAgents;
let fleet: Fleet;
let outcomes: readonly Outcome[];
/** Jobs that never come to be placed: a mistake of the test. */
const refused: string[] = [];

/** CPU of this machine as Nomad sees it. */
async function machine(tools: { readonly nomad: string }): Promise<{ cpuMHz: number; cores: number }> {
  const one = await startBesideOthers({ ...tools, clients: [{ name: "one" }] });
  const node = (await one.get(`/v1/node/${one.nodes["one"] ?? ""}`)) as {
    NodeResources: { Cpu: { CpuShares: number; TotalCpuCores: number } };
  };
  await one.stop();
  return { cpuMHz: node.NodeResources.Cpu.CpuShares, cores: node.NodeResources.Cpu.TotalCpuCores };
}

beforeAll(async () => {
  const { nomad: binary, fixtureDirectory } = await ensureNomadTools(() => undefined);
  const tools = { nomad: binary, fakeGpu: join(fixtureDirectory, "fake-gpu") };
  fleet = placementFleet(await machine(tools));
  nomad = await startBesideOthers({ ...tools, server: { region: "east" }, clients: clientsOf(fleet) });
  const jobs = fc.sample(arbitraryJob, { seed: SEED, numRuns: JOBS });
  const generated = jobs.flatMap((job, index) =>
    Object.entries(fleet.pools).map(([pool, { drivers = [] }]) => ({
      name: `job ${index} of seed ${SEED} in pool ${pool}`,
      job: inPool(job, pool, drivers),
    })),
  );
  const written = Object.entries(edgeJobs).map(([name, job]) => ({ name, job }));
  const found: Outcome[] = [];
  for (const each of [...written, ...generated]) {
    const outcome = await outcomesOf(nomad, fleet, each);
    if (typeof outcome === "string") refused.push(outcome);
    else found.push(...outcome);
  }
  outcomes = found;
}, 1_200_000);
afterAll(async () => await nomad.stop(), 60_000);

const decided = () => outcomes.filter(({ ours }) => ours.verdict !== "perhaps");

test("there are cases enough, of both kinds", () => {
  const counts = verdicts(outcomes);
  const placed = outcomes.filter((outcome) => outcome.nomad === undefined).length;
  process.stderr.write(
    `placement: ${outcomes.length} cases, ${placed} placed by nomad; ours ${JSON.stringify(counts)}\n`,
  );
  expect(refused.slice(0, 5)).toEqual([]);
  expect(decided().length).toBeGreaterThanOrEqual(200);
  expect(counts.yes).toBeGreaterThan(50);
  expect(counts.no).toBeGreaterThan(50);
});

test("our verdict and the plan of the real nomad agree on every case", () => {
  expect(disagreements(outcomes).slice(0, 20).map(shown)).toEqual([]);
});

test("the first reason is the one that nomad gives", () => {
  let compared = 0;
  const wrong = outcomes.filter(({ job, ours, nomad: failure }) => {
    const [reason] = ours.reasons;
    if (failure === undefined || reason === undefined) return false;
    // Groups get into each other's way, and Nomad may have stopped at what the fleet does not say.
    if (Object.keys(job.groups).length > 1 || ours.doubts.length > 0) return false;
    compared += 1;
    return !checksOf(failure).has(reason.check === "jobConstraint" ? "constraint" : reason.check);
  });
  process.stderr.write(`placement: ${compared} first reasons compared\n`);
  expect(wrong.slice(0, 20).map(shown)).toEqual([]);
  expect(compared).toBeGreaterThan(200);
});

test("perhaps is said of few cases, and only for what the fleet does not say", () => {
  const perhaps = outcomes.filter(({ ours }) => ours.verdict === "perhaps");
  const kinds: Record<string, number> = {};
  for (const { ours } of perhaps)
    for (const check of new Set(ours.doubts.map((doubt) => doubt.check))) kinds[check] = (kinds[check] ?? 0) + 1;
  process.stderr.write(`placement: ${perhaps.length} perhaps ${JSON.stringify(kinds)}\n`);
  expect(perhaps.length).toBeLessThan(outcomes.length * 0.1);
});

test("all pools at once say the same as one by one", () => {
  for (const { job } of outcomes.slice(0, 100)) {
    const named = placeable(job, fleet).flatMap(({ pools }) => pools.filter(({ pool }) => pool === job.nodePool));
    expect(named).toEqual(fitsPool(job, fleet, job.nodePool ?? ""));
  }
});
