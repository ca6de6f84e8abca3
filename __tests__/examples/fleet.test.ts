import { jobFitsFleet } from "../../constructs/jobspec/fleet-fit";
import { placeable } from "../../constructs/jobspec/placement/placeable";
import { checkJob } from "../../constructs/jobspec/validate";
import { fleet } from "../../examples/fleet";
import { jobs } from "../../examples/jobs";
import { placed, workloads } from "../../examples/workloads";
import { publicTrustOf, synthesizeFleet } from "../helpers/synth";

const all = Object.entries(placed).flatMap(([region, byId]) =>
  Object.entries(byId).map(([id, job]) => [id, { ...job, region }] as const),
);

test("every example runs somewhere", () => {
  const isPlaced = (name: string) => all.some(([id]) => id === name || id.startsWith(`${name}-`));
  expect(Object.keys(jobs).filter((name) => !isPlaced(name))).toEqual([]);
});

test.each(all)("%s fits its pool, all of it", (_id, job) => {
  expect(checkJob(job, { fleet, find: () => jobFitsFleet(job, fleet) }).problems).toEqual([]);
  for (const { pools } of placeable(job, fleet)) {
    const { verdict, reasons } = pools.find(({ pool }) => pool === job.nodePool)!;
    expect(reasons).toEqual([]);
    expect(["yes", "perhaps"]).toContain(verdict);
  }
});

test("what the fleet cannot tell is known", () => {
  const doubts = all.flatMap(([id, job]) =>
    placeable(job, fleet).flatMap(({ pools }) =>
      pools
        .filter(({ pool }) => pool === job.nodePool)
        .flatMap((found) => found.doubts.map((each) => [id, each.unknown])),
    ),
  );
  expect(Object.fromEntries(doubts)).toEqual({
    "ai-mistral-24b": "whether the device plugin of pool spark reports a NVIDIA GB10",
    "ai-orchestrator": "whether the device plugin of pool spark reports a NVIDIA GB10",
    "ai-surrealdb": "whether pool general has a free volume surrealdb-data",
  });
});

test("the fleet synthesizes with every job in its region's stack", () => {
  const stacks = synthesizeFleet(fleet, { trust: publicTrustOf(fleet), workloads });
  for (const [region, byId] of Object.entries(placed)) {
    const resources = stacks.get(`seeds-jobs-${region}`)?.resource?.["nomad_job"] ?? {};
    expect(Object.keys(resources)).toHaveLength(Object.keys(byId).length);
  }
});

test("the fleet lets the callers of the seeds' clients through, and nobody else", () => {
  const callers = Object.entries(fleet.services ?? {}).map(([name, service]) => [name, service.callers] as const);
  expect(Object.fromEntries(callers)).toMatchObject({
    orchestrator: ["workstations"],
    "sglang-worker": ["rigs"],
    "distributed-training": ["training"],
  });
});
