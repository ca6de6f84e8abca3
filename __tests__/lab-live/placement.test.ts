import { join } from "node:path";
import * as fc from "fast-check";
import type { Job } from "../../constructs/jobspec/job";
import type { PoolPlacement } from "../../constructs/jobspec/placement/findings";
import { fitsPool, placeable } from "../../constructs/jobspec/placement/placeable";
import { renderJob } from "../../constructs/jobspec/render";
import { ensureNomadTools } from "../../lab/tools";
import type { Fleet } from "../../model/types";
import type { PlacementFailure, Plan } from "../helpers/nomad-api";
import { startNomad, type NomadAgents, type NomadAgentsOptions } from "../helpers/nomad-agents";
import { arbitraryJob, inPool } from "../jobspec/placement/arbitrary-jobs";
import { edgeJobs } from "../jobspec/placement/edge-jobs";
import { clientsOf, placementFleet } from "../jobspec/placement/fleet";
import { checksOf } from "../jobspec/placement/nomad-reasons";

/** Another seed finds other cases; more jobs take a few milliseconds per case. */
const SEED = Number(process.env["STEPPE_PLACEMENT_SEED"] ?? 20_261);
const JOBS = Number(process.env["STEPPE_PLACEMENT_JOBS"] ?? 120);

interface Case {
  readonly name: string;
  readonly job: Job;
}

/** One group of one job in one pool: what we say, and what Nomad says. */
interface Outcome {
  readonly name: string;
  readonly job: Job;
  readonly ours: PoolPlacement;
  readonly nomad: PlacementFailure | undefined;
}

let nomad: NomadAgents;
let fleet: Fleet;
let outcomes: readonly Outcome[];
/** Jobs that never come to be placed: a mistake of the test. */
const refused: string[] = [];

/** With so many agents one now and then finds its port taken by another's connection. */
async function start(options: NomadAgentsOptions): Promise<NomadAgents> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startNomad(options);
    } catch (error) {
      if (attempt === 4 || !String(error).includes("address already in use")) throw error;
    }
  }
}

/** CPU of this machine as Nomad sees it. */
async function machine(tools: { readonly nomad: string }): Promise<{ cpuMHz: number; cores: number }> {
  const one = await start({ ...tools, clients: [{ name: "one" }] });
  const node = (await one.get(`/v1/node/${one.nodes["one"] ?? ""}`)) as {
    NodeResources: { Cpu: { CpuShares: number; TotalCpuCores: number } };
  };
  await one.stop();
  return { cpuMHz: node.NodeResources.Cpu.CpuShares, cores: node.NodeResources.Cpu.TotalCpuCores };
}

const NOWHERE: PlacementFailure = {
  NodesEvaluated: 0,
  NodesFiltered: 0,
  NodesExhausted: 0,
  ConstraintFiltered: null,
  DimensionExhausted: null,
};
const NO_CLAIM: PlacementFailure = { ...NOWHERE, ConstraintFiltered: { "missing compatible host volumes": 1 } };

async function outcomesOf({ name, job }: Case): Promise<readonly Outcome[]> {
  const plan = await nomad.plan(renderJob(job)).catch((error: unknown) => String(error));
  // A sticky claim on a static volume passes the scheduler and then cannot be written down.
  const isClaim = typeof plan === "string" && plan.includes("volume claim insert failed");
  if (typeof plan === "string" && !isClaim) {
    refused.push(`${name}: ${plan}\n${JSON.stringify(job)}`);
    return [];
  }
  return fitsPool(job, fleet, job.nodePool ?? "").map((ours, index) => {
    const group = Object.keys(job.groups)[index] ?? "";
    return {
      name: `${name}, group ${group}`,
      job,
      ours,
      nomad: typeof plan === "string" ? NO_CLAIM : answer(plan, group),
    };
  });
}

/** What Nomad says of a group; undefined where all of it has a place. */
function answer(plan: Plan, group: string): PlacementFailure | undefined {
  const { Annotations } = plan as Plan & {
    Annotations: { DesiredTGUpdates: Record<string, { Place: number }> } | null;
  };
  const failure = plan.FailedTGAllocs?.[group];
  // Of a system job in no datacenter nothing fails: there is nothing to place.
  return failure ?? ((Annotations?.DesiredTGUpdates[group]?.Place ?? 0) > 0 ? undefined : NOWHERE);
}

function shown({ name, job, ours, nomad: failure }: Outcome): string {
  const reasons = ours.reasons.map(({ check, short }) => `${check}: ${short}`);
  const said = { filtered: failure?.ConstraintFiltered, exhausted: failure?.DimensionExhausted };
  const theirs = failure === undefined ? "a place" : JSON.stringify(said);
  return `${name}\n  job: ${JSON.stringify(job)}\n  ours: ${ours.verdict} ${JSON.stringify([...reasons, ...ours.doubts])}\n  nomad: ${theirs}`;
}

beforeAll(async () => {
  const { nomad: binary, fixtureDirectory } = await ensureNomadTools(() => undefined);
  const tools = { nomad: binary, fakeGpu: join(fixtureDirectory, "fake-gpu") };
  fleet = placementFleet(await machine(tools));
  nomad = await start({ ...tools, server: { region: "east" }, clients: clientsOf(fleet) });
  const jobs = fc.sample(arbitraryJob, { seed: SEED, numRuns: JOBS });
  const generated = jobs.flatMap((job, index) =>
    Object.entries(fleet.pools).map(([pool, { drivers = [] }]) => ({
      name: `job ${index} of seed ${SEED} in pool ${pool}`,
      job: inPool(job, pool, drivers),
    })),
  );
  const written = Object.entries(edgeJobs).map(([name, job]) => ({ name, job }));
  const found: Outcome[] = [];
  for (const each of [...written, ...generated]) found.push(...(await outcomesOf(each)));
  outcomes = found;
}, 1_200_000);
afterAll(async () => await nomad.stop(), 60_000);

const decided = () => outcomes.filter(({ ours }) => ours.verdict !== "perhaps");

test("there are cases enough, of both kinds", () => {
  const count = (verdict: string) => outcomes.filter(({ ours }) => ours.verdict === verdict).length;
  const counts = { yes: count("yes"), some: count("some"), no: count("no"), perhaps: count("perhaps") };
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
  const wrong = decided().filter(({ ours, nomad: failure }) => (ours.verdict === "yes") !== (failure === undefined));
  expect(wrong.slice(0, 20).map(shown)).toEqual([]);
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
