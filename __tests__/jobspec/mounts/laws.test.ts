import { isError } from "../../../constructs/core/problems";
import { jobFitsFleet } from "../../../constructs/jobspec/fleet-fit";
import type { Group } from "../../../constructs/jobspec/group";
import type { Job } from "../../../constructs/jobspec/job";
import type { Mount } from "../../../constructs/jobspec/mounts/mount";
import { mountVolumes } from "../../../constructs/jobspec/mounts/with-mounts";
import { checkJob } from "../../../constructs/jobspec/validate";
import type { Volume, VolumeAccessMode } from "../../../model/volume-types";
import { capabilitiesOf } from "../../../model/volumes";
import fc from "../../helpers/properties";
import { task } from "../refused/job";
import { created, fleet as base } from "./fleet";

const csiModes: readonly VolumeAccessMode[] = [
  "single-node-reader-only",
  "single-node-writer",
  "multi-node-reader-only",
  "multi-node-single-writer",
  "multi-node-multi-writer",
];
const hostModes: readonly VolumeAccessMode[] = [
  "single-node-reader-only",
  "single-node-writer",
  "single-node-single-writer",
  "single-node-multi-writer",
];

const volume: fc.Arbitrary<Volume> = fc.oneof(
  fc
    .record({
      modes: fc.subarray([...csiModes], { minLength: 1 }),
      perAlloc: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    })
    .map(({ modes, perAlloc }): Volume => ({ ...created(...modes), ...(perAlloc === undefined ? {} : { perAlloc }) })),
  fc
    .record({ modes: fc.subarray([...hostModes], { minLength: 1 }), machines: fc.integer({ min: 1, max: 3 }) })
    .map(({ modes, machines }): Volume => {
      const capabilities = modes.map((accessMode) => ({ accessMode }));
      return { kind: "dynamic-host", pool: "gpu", machines, capabilities };
    }),
);

const group: fc.Arbitrary<Group> = fc
  .record({ count: fc.integer({ min: 1, max: 3 }), canary: fc.integer({ min: 0, max: 1 }) })
  .map(({ count, canary }) => ({
    count,
    ...(canary === 0 ? {} : { update: { canary } }),
    tasks: { one: task, two: task },
  }));

const job: fc.Arbitrary<Job> = fc
  .record({ a: group, b: group, nodePool: fc.constantFrom("gpu", "gpu", "all") })
  .map(({ a, b, nodePool }) => ({ id: "web", region: "east", nodePool, groups: { a, b } }));

const mount: fc.Arbitrary<Mount> = fc
  .record({
    volume: fc.constantFrom("x", "y", "models", "scratch"),
    group: fc.constantFrom("a", "b"),
    task: fc.constantFrom("one", "two"),
    readOnly: fc.boolean(),
  })
  .map((each) => ({ ...each, destination: `/mnt/${each.volume}` }));

/** One mount of a volume in a task: more are twice at a path. */
const mounts = fc.uniqueArray(mount, {
  minLength: 1,
  maxLength: 4,
  selector: (each) => JSON.stringify([each.volume, each.group, each.task]),
});

const subject = fc.record({ volumes: fc.record({ x: volume, y: volume }), job, mounts });

function withStorage(volumes: Readonly<Record<string, Volume>>): typeof base {
  const { east } = base.regions;
  return { ...base, regions: { ...base.regions, east: { ...east!, storage: { ...east!.storage, volumes } } } };
}

/** The job without what mounts have added. */
function without({ groups, ...rest }: Job): Job {
  const cleaned = Object.entries(groups).map(([name, { volumes: _volumes, constraints: _, tasks, ...group }]) => {
    const bare = Object.entries(tasks).map(([key, { volumeMounts: _mounts, ...each }]) => [key, each] as const);
    return [name, { ...group, tasks: Object.fromEntries(bare) }] as const;
  });
  return { ...rest, groups: Object.fromEntries(cleaned) };
}

const counted = { accepted: 0, refused: 0 };

describe("mounts", () => {
  test("that are accepted make a job that Nomad's rules, Steppe's and the fleet take, in modes that the volumes have", () => {
    fc.assert(
      fc.property(subject, ({ volumes, job: given, mounts: wanted }) => {
        const fleet = withStorage(volumes);
        const { job: made, problems } = mountVolumes(given, wanted, { fleet, region: "east" });
        counted[problems.length === 0 ? "accepted" : "refused"] += 1;
        expect(without(made)).toEqual(given);
        if (problems.length > 0) return;
        const found = checkJob(made, { fleet, find: () => jobFitsFleet(made, fleet) }).problems.filter(isError);
        expect(found).toEqual([]);
        for (const { volumes: entries = {} } of Object.values(made.groups)) {
          for (const { source, accessMode, attachmentMode } of Object.values(entries)) {
            if (source !== "x" && source !== "y") continue;
            expect(capabilitiesOf(volumes[source])).toContainEqual({ accessMode, attachmentMode });
          }
        }
      }),
      { numRuns: 200, seed: 8 },
    );
    expect(counted.accepted).toBeGreaterThan(30);
    expect(counted.refused).toBeGreaterThan(30);
  });

  test("that are not there leave the job as it is", () => {
    fc.assert(
      fc.property(job, (given) => {
        expect(mountVolumes(given, [], { fleet: base, region: "east" })).toEqual({ job: given, problems: [] });
      }),
      { numRuns: 20 },
    );
  });
});
