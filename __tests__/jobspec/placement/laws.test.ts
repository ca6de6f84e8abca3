import fc from "../../helpers/properties";
import type { Group } from "../../../constructs/jobspec/group";
import type { Job } from "../../../constructs/jobspec/job";
import type { Verdict } from "../../../constructs/jobspec/placement/findings";
import { fitsPool } from "../../../constructs/jobspec/placement/placeable";
import { mebibytes, parseMebibytes, type Size } from "../../../constructs/jobspec/size";
import type { Task } from "../../../constructs/jobspec/task";
import { arbitraryJob, inPool } from "./arbitrary-jobs";
import { placementFleet } from "./fleet";

const fleet = placementFleet({ cpuMHz: 4000, cores: 2 });
const rank: Readonly<Record<Verdict, number>> = { no: 0, some: 1, perhaps: 2, yes: 3 };
const pools = Object.keys(fleet.pools);
const placed = fc
  .tuple(arbitraryJob, fc.constantFrom(...pools))
  .map(([job, pool]) => inPool(job, pool, fleet.pools[pool]?.drivers ?? []));

function verdicts(job: Job): readonly number[] {
  return fitsPool(job, fleet, job.nodePool ?? "").map(({ verdict }) => rank[verdict]);
}

function mapGroups(job: Job, change: (group: Group) => Group): Job {
  const groups = Object.entries(job.groups).map(([name, group]) => [name, change(group)] as const);
  return { ...job, groups: Object.fromEntries(groups) };
}

function mapTasks(job: Job, change: (task: Task) => Task): Job {
  return mapGroups(job, (group) => ({
    ...group,
    tasks: Object.fromEntries(Object.entries(group.tasks).map(([name, task]) => [name, change(task)])),
  }));
}

/** A job of which a group fares worse after a change than before; undefined where there is none. */
function worse(change: (job: Job) => Job): unknown {
  const property = fc.property(placed, (job) => {
    const before = verdicts(job);
    const after = verdicts(change(job));
    // A group that has a place now may crowd another out, of which is said perhaps.
    return Object.keys(job.groups).length > 1 || before.every((verdict, index) => (after[index] ?? 0) >= verdict);
  });
  return fc.check(property, { numRuns: 500, seed: 1 }).counterexample;
}

/** The same with a resource changed, however CPU is asked for. */
function withResources(task: Task, resources: object): Task {
  return { ...task, resources: { ...task.resources, ...resources } };
}

describe("laws of placement", () => {
  test("fewer constraints never take a place away", () => {
    expect(worse(({ constraints: _, ...job }) => job)).toBeNull();
    expect(worse((job) => mapGroups(job, ({ constraints: _, ...group }) => group))).toBeNull();
  });

  test("less memory never takes a place away", () => {
    const half = (size: Size) => mebibytes(Math.floor((parseMebibytes(size) ?? 0) / 2));
    expect(
      worse((job) =>
        mapTasks(job, (task) => withResources(task, { memory: half(task.resources?.memory ?? "300MiB") })),
      ),
    ).toBeNull();
  });

  test("fewer allocations never take a place away", () => {
    expect(worse((job) => mapGroups(job, (group) => ({ ...group, count: 1 })))).toBeNull();
  });

  test("no devices, no ports and no volumes never take a place away", () => {
    expect(worse((job) => mapTasks(job, (task) => withResources(task, { devices: [] })))).toBeNull();
    expect(worse((job) => mapGroups(job, ({ network: _, ...group }) => group))).toBeNull();
    expect(worse((job) => mapGroups(job, ({ volumes: _, ...group }) => group))).toBeNull();
  });

  test("a reason comes with every no, a doubt with every perhaps, and the reasons are in order", () => {
    fc.assert(
      fc.property(placed, (job) => {
        for (const { verdict, reasons, doubts } of fitsPool(job, fleet, job.nodePool ?? "")) {
          const explained = verdict === "yes" || (verdict === "perhaps" ? doubts : reasons).length > 0;
          expect({ job, explained }).toEqual({ job, explained: true });
          expect(reasons.every(({ path, rule, short }) => path !== "" && rule !== "" && short !== "")).toBe(true);
        }
      }),
      { numRuns: 500, seed: 2 },
    );
  });
});
