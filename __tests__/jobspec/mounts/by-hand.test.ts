import { formatProblem } from "../../../constructs/core/problems";
import { jobFitsFleet } from "../../../constructs/jobspec/fleet-fit";
import type { Group } from "../../../constructs/jobspec/group";
import type { Job } from "../../../constructs/jobspec/job";
import { fitsPool } from "../../../constructs/jobspec/placement/placeable";
import { job, wrong } from "../refused/job";
import { fleet } from "./fleet";

const csi = { type: "csi", accessMode: "single-node-writer", attachmentMode: "file-system" };
const asking = (volume: object, group: Partial<Group> = {}, changes: Partial<Job> = {}): Job =>
  job({ region: "east", nodePool: "gpu", ...changes }, { ...group, volumes: { data: wrong(volume) } });
const own = (subject: Job, pool = subject.nodePool ?? "") => fitsPool(subject, fleet, pool)[0];
const verdict = (subject: Job) => own(subject)?.verdict;

describe("a volume that is written by hand", () => {
  test.each<[string, Job]>([
    ["in a mode that the volume lacks", asking({ ...csi, source: "cache" })],
    ["as a file system of a block device", asking({ ...csi, source: "raw" })],
    ["to write what can be read", asking({ ...csi, source: "readers" })],
    ["of another namespace", asking({ ...csi, source: "team" })],
    ["that is retired", asking({ ...csi, source: "old" })],
    ["of another region", asking({ ...csi, source: "far" })],
    ["of a plugin that does not run in the pool", asking({ ...csi, source: "db" }, {}, { nodePool: "web" })],
    ["without perAlloc", asking({ ...csi, source: "parts" })],
    ["with perAlloc", asking({ ...csi, source: "db", perAlloc: true })],
    ["with too many allocations", asking({ ...csi, source: "parts", perAlloc: true }, { count: 4 })],
    ["of the other type, CSI", asking({ ...csi, source: "local" })],
    ["of the other type, host", asking({ type: "host", source: "db" })],
    ["of another pool", asking({ type: "host", source: "local" }, {}, { nodePool: "web" })],
    ["in the mode that Nomad takes by itself", asking({ type: "host", source: "local" })],
    [
      "for more writers than machines have one",
      asking({ type: "host", source: "alone", accessMode: "single-node-single-writer" }, { count: 3 }),
    ],
  ])("is refused %s", (_what, subject) => {
    const problems = jobFitsFleet(subject, fleet).map(formatProblem);
    expect(problems).toHaveLength(1);
    expect(problems).toMatchSnapshot();
  });

  test.each<[string, object]>([
    ["a CSI volume", { ...csi, source: "db" }],
    ["one of those for each allocation", { ...csi, source: "parts[1]" }],
    ["one for each allocation", { ...csi, source: "parts", perAlloc: true }],
    ["a directory", { type: "host", source: "local", accessMode: "single-node-multi-writer" }],
  ])("has a place: %s", (_what, volume) => {
    const subject = asking(volume);
    expect([verdict(subject), jobFitsFleet(subject, fleet)]).toEqual(["yes", []]);
  });
});

describe("placement", () => {
  test("knows how many volumes there are for allocations", () => {
    const verdicts = [3, 4].map((count) => verdict(asking({ ...csi, source: "parts", perAlloc: true }, { count })));
    expect(verdicts).toEqual(["yes", "some"]);
  });

  test("counts the machines that have a directory", () => {
    const each = { type: "host", source: "each", accessMode: "single-node-multi-writer" };
    const spread = { constraints: [{ operator: "distinct_hosts" as const }] };
    const verdicts = [2, 3].map((count) => verdict(asking(each, { ...spread, count })));
    expect(verdicts).toEqual(["yes", "some"]);
    expect(verdict(asking(each, { count: 3 }))).toBe("yes");
  });

  test("leaves to Nomad which machine has a directory", () => {
    const local = { type: "host", source: "local", accessMode: "single-node-multi-writer" };
    const named = { constraints: [{ attribute: "${node.unique.name}", value: "b" }] as const };
    expect(own(asking(local, named))).toMatchObject({
      verdict: "perhaps",
      doubts: [{ unknown: "whether a machine of pool gpu that will do has volume local" }],
    });
  });

  test("leaves to Nomad what other means have made, and what is about to go", () => {
    expect(verdict(asking({ ...csi, source: "unknown" }))).toBe("perhaps");
    expect(verdict(asking({ ...csi, source: "parts[3]" }))).toBe("perhaps");
    expect(verdict(asking({ ...csi, source: "old" }))).toBe("perhaps");
  });

  test("leaves to Nomad whether machines are where a volume must be", () => {
    const { east } = fleet.regions;
    const { db } = east!.storage!.volumes! as Record<string, object>;
    const volumes = { db: { ...db, requiredTopologies: [{ zone: "a" }] } };
    const zoned = {
      ...fleet,
      regions: { ...fleet.regions, east: { ...east!, storage: { ...east!.storage, volumes: wrong(volumes) } } },
    };
    expect(fitsPool(asking({ ...csi, source: "db" }), zoned, "gpu")[0]?.verdict).toBe("perhaps");
  });

  test("says what to do for another pool", () => {
    expect(
      own(asking({ ...csi, source: "db" }), "web")?.reasons.find(({ kind }) => kind === "csiVolume"),
    ).toMatchObject({
      short: "CSI plugin any",
      fix: 'add "web" to regions.east.storage.plugins.any.pools, or use another pool',
    });
  });
});
