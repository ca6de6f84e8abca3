import { formatProblem } from "../../../constructs/core/problems";
import { healthOf, type RaftServer, type RegionHealth } from "../../../ops/server/autopilot";
import { stillMissing } from "../../../ops/server/back";
import { gateProblems } from "../../../ops/server/gate";

const raftServer = (index: number, more: Partial<RaftServer> = {}): RaftServer => ({
  id: `id-${index}`,
  name: `e-${index}`,
  address: `100.64.0.${index}:4647`,
  healthy: true,
  voter: true,
  leader: index === 1,
  ...more,
});
const region = (failureTolerance: number, ...servers: RaftServer[]): RegionHealth => ({
  healthy: servers.every(({ healthy }) => healthy),
  failureTolerance,
  servers,
});
const WHOLE = region(1, raftServer(1), raftServer(2), raftServer(3));
const target = { server: "e-2", region: "east", servers: ["e-1", "e-2", "e-3"] };
const told = (...[of, health]: Parameters<typeof gateProblems>) => gateProblems(of, health).map(formatProblem);

describe("gateProblems", () => {
  test("lets a server of a whole region go", () => {
    expect(told(target, WHOLE)).toEqual([]);
  });

  test.each([
    ["down", region(0, raftServer(1), raftServer(2, { healthy: false }), raftServer(3))],
    ["given up by Autopilot", region(0, raftServer(1), raftServer(3))],
    ["back, and no voter yet", region(0, raftServer(1), raftServer(2, { voter: false }), raftServer(3))],
  ])("lets a server go that is %s", (_what, health) => {
    expect(told(target, health)).toEqual([]);
  });

  test("names every other server that is not well", () => {
    const health = region(0, raftServer(1, { healthy: false }), raftServer(2), raftServer(4, { voter: false }));
    expect(told(target, health)).toEqual([
      "region east: e-1: is not healthy; bring e-1 back first",
      "region east: e-3: is not known to Autopilot; bring e-3 back first",
      "region east: e-4: is not a voter yet; wait until Autopilot has promoted it",
    ]);
  });

  test("keeps a server that the quorum needs", () => {
    expect(told({ ...target, servers: ["e-1", "e-2"] }, region(0, raftServer(1), raftServer(2)))).toEqual([
      "region east: tolerates no failure now, got 0; wait until it does",
    ]);
  });

  test("keeps the only server, and a server of a region that does not answer", () => {
    expect(told({ ...target, servers: ["e-2"] }, region(0, raftServer(2)))).toEqual([
      "region east: has no server but e-2: nothing is scheduled, and its API is away, until the new one runs; jobs that run go on meanwhile",
    ]);
    expect(told(target, { failure: "e-1: no leader yet" })).toEqual([
      "region east: cannot be asked for its health: e-1: no leader yet; ./steppe status shows who is reached",
    ]);
  });
});

describe("stillMissing", () => {
  const expected = { server: "e-2", id: "id-2", address: "100.64.0.2:4647", voters: 3 };
  const second = (more: Partial<RaftServer>) => region(1, raftServer(1), raftServer(2, more), raftServer(3));

  test("misses nothing when all is as before", () => {
    expect(stillMissing(expected, WHOLE)).toBeUndefined();
  });

  test.each([
    ["an answer of the region: no leader", { failure: "no leader" }],
    ["e-2 to be known to Autopilot", region(0, raftServer(1), raftServer(3))],
    ["e-2 to be healthy", second({ healthy: false })],
    ["e-2 to be a voter", second({ voter: false })],
    ["3 voters, there are 2", region(1, raftServer(1), raftServer(2))],
    ["the region to be healthy", region(1, raftServer(1), raftServer(2), raftServer(3, { healthy: false }))],
  ])("waits for %s", (missing, health) => {
    expect(stillMissing(expected, health)).toEqual({ missing });
  });

  test("does not wait for another Raft id or address to mend", () => {
    expect(stillMissing(expected, second({ id: "id-9" }))).toEqual({
      wrong: "e-2 came back with another Raft id: id-9, not id-2",
    });
    const both = region(1, raftServer(1), raftServer(2, { healthy: false }), raftServer(2, { id: "id-9" }));
    expect(stillMissing(expected, both)).toEqual({ wrong: "e-2 came back with another Raft id: id-9, not id-2" });
    expect(stillMissing(expected, second({ address: "100.64.0.9:4647" }))).toEqual({
      wrong: "e-2 came back with another address: 100.64.0.9:4647, not 100.64.0.2:4647",
    });
  });

  test("takes any id where none was known, and leaves the others alone where they were not well before", () => {
    const health = region(0, raftServer(1), raftServer(2, { id: "id-9" }), raftServer(3, { healthy: false }));
    expect(stillMissing({ server: "e-2" }, health)).toBeUndefined();
  });
});

describe("healthOf", () => {
  const body = {
    Healthy: false,
    FailureTolerance: 0,
    Servers: [{ ID: "i", Name: "e-2.east", Address: "a", Healthy: false, Voter: true, Leader: false }],
  };

  test("reads the health of a region that is not healthy, which Nomad sends as an error", () => {
    expect(healthOf({ status: 429, body }, "east")).toEqual({
      healthy: false,
      failureTolerance: 0,
      servers: [{ id: "i", name: "e-2", address: "a", healthy: false, voter: true, leader: false }],
    });
  });

  test.each([
    [{ status: 500, body: "No cluster leader" }, "HTTP 500 No cluster leader"],
    [{ status: 429, body: "too many requests" }, "HTTP 429 too many requests"],
    [{ status: 200, body: {} }, "its answer is not Autopilot's"],
    [{ status: 0 as const, failure: "connection refused" }, "connection refused"],
  ])("says why there is no health in %j", (answer, failure) => {
    expect(healthOf(answer, "east")).toEqual({ failure });
  });
});
