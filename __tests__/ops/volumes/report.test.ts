import { formatProblem } from "../../../constructs/core/problems";
import { CsiDriver } from "../../../model/csi-drivers";
import type { Fleet } from "../../../model/types";
import type { NomadAnswer } from "../../../ops/nomad-api";
import { readStorage } from "../../../ops/volumes/read";
import { regionVolumes } from "../../../ops/volumes/report";
import type { DeclaredMount, NomadStorage, RegionVolumes } from "../../../ops/volumes/types";
import { smallFleet, spoil } from "../../helpers/fleet";
import { allocation, csiVolume, hostVolume, node, plugin } from "../../helpers/stand-ins/nomad-volumes";

const now = new Date(1_760_000_000_000 + 3_600_000);
const capabilities = [{ accessMode: "single-node-writer" }];

function fleetWith(volumes: Readonly<Record<string, object>>): Fleet {
  return spoil(smallFleet(), "regions.north.storage", {
    plugins: { disks: { driver: CsiDriver.hostpath(), pools: ["gpu"] } },
    volumes,
  });
}
const disk = (more: object = {}) => ({ kind: "created", plugin: "disks", capacityMinGiB: 10, capabilities, ...more });

interface Has {
  readonly nodes?: readonly object[];
  readonly plugins?: readonly object[];
  readonly csi?: readonly { readonly ID?: unknown }[];
  readonly host?: readonly { readonly ID?: unknown }[];
}

/** What a region with these objects is read as. */
async function read(has: Has): Promise<NomadStorage> {
  const { csi = [], host = [] } = has;
  const bodyOf = (path: string): unknown => {
    if (path === "/v1/nodes")
      return has.nodes ?? [node("n-gpu", "gpu", { HostVolumes: { models: { Name: "models", ID: "" } } })];
    if (path.startsWith("/v1/plugins")) return has.plugins ?? [plugin("disks")];
    if (path.startsWith("/v1/volumes?type=csi")) return csi;
    if (path.startsWith("/v1/volumes?type=host")) return host;
    return [...csi, ...host].find(({ ID }) => path.includes(`/${encodeURIComponent(String(ID))}?`));
  };
  const answer = (path: string): NomadAnswer => {
    const body = bodyOf(path);
    return body === undefined ? { status: 404, body: "not found" } : { status: 200, body };
  };
  const found = await readStorage((paths) => Promise.resolve(paths.map(answer)), now);
  if ("failure" in found) throw new Error(found.failure);
  return found;
}

async function report(
  volumes: Readonly<Record<string, object>>,
  has: Has,
  mounts: readonly Partial<DeclaredMount>[] = [],
): Promise<RegionVolumes> {
  const declared = mounts.map((mount) => ({ ...MOUNT, ...mount }));
  return regionVolumes({
    fleet: fleetWith(volumes),
    region: "north",
    nomad: await read(has),
    declared: { mounts: declared, unread: [] },
    allocations: [],
  });
}
const MOUNT: DeclaredMount = {
  ...{ job: "db", namespace: "default", group: "db", type: "csi", volume: "scratch", access: "write" },
};
/** Findings about volumes of storage; the static one of the fleet is mounted by nothing. */
const findings = ({ findings: all }: RegionVolumes) =>
  all.map(formatProblem).filter((text) => !text.includes("volume models:"));
const written = (claims: object, more: object = {}) => csiVolume("scratch", "disks", { WriteAllocs: claims, ...more });

describe("a region's volumes", () => {
  test("say who mounts them, where, how and since when, and who is meant to", async () => {
    const { volumes, ...rest } = await report(
      { scratch: disk() },
      { csi: [written({ "db-0": allocation("db", "db", 0, "n-gpu") })] },
      [{}, { job: "reader", group: "r", access: "read" }],
    );
    expect(volumes.find(({ id }) => id === "scratch")).toEqual({
      ...{ id: "scratch", kind: "created", namespace: "default", inNomad: true, plugin: "disks" },
      ...{ capacityBytes: 20 * 1024 ** 3, capabilities: ["single-node-writer file-system"] },
      mountedBy: [
        {
          ...{ allocation: "db-0", namespace: "default", job: "db", group: "db", index: 0, access: "write" },
          ...{ nodeId: "n-gpu-id", node: "n-gpu", status: "running", since: "2025-10-09T08:53:20.000Z" },
        },
      ],
      meantFor: [
        { job: "db", namespace: "default", group: "db", access: "write" },
        { job: "reader", namespace: "default", group: "r", access: "read" },
      ],
    });
    expect(findings({ volumes, ...rest })).toEqual([]);
  });

  test("are missed in Nomad, and found unused there", async () => {
    expect(findings(await report({ scratch: disk(), idle: disk() }, { csi: [csiVolume("idle", "disks")] }))).toEqual([
      "region north: volume scratch: is not in Nomad; run ./steppe apply storage-north",
      "region north: volume idle: is mounted by nothing, and no job is meant to; mount it, or retire it",
    ]);
  });

  test("that the fleet does not have are told apart: strange, retired, left over", async () => {
    const found = await report(
      { parts: disk({ perAlloc: 1 }), old: disk({ retired: { reason: "moved" } }) },
      {
        csi: ["parts[0]", "parts[1]", "old", "strange"].map((id) => csiVolume(id, "disks", { Namespace: "default" })),
        host: [hostVolume("lost", "n-gpu", { Namespace: "ai" })],
      },
      [{ volume: "parts[0]" }],
    );
    expect(findings(found)).toEqual([
      "region north: volume parts[1]: is left over: the fleet has parts 1 times, with an index; nomad volume delete 'parts[1]' destroys it with its data; nomad volume deregister 'parts[1]' lets Nomad forget it",
      "region north: volume old: is retired, and still in Nomad with its data; nomad volume delete old destroys it with its data; nomad volume deregister old lets Nomad forget it",
      "region north: volume strange: is not in the fleet; nomad volume delete strange destroys it with its data; nomad volume deregister strange lets Nomad forget it",
      "region north: volume lost: is not in the fleet; nomad volume delete -namespace=ai -type=host lost-n-gpu-uuid destroys it with its data",
    ]);
  });

  test("name jobs that mount them and are not meant to", async () => {
    const found = await report({ scratch: disk() }, { csi: [written({ a: allocation("thief", "g", 0, "n-gpu") })] }, [
      {},
    ]);
    expect(findings(found)).toEqual([
      "region north: volume scratch: is mounted by job thief, which the fleet does not let mount it; find out whose job it is",
    ]);
  });

  test("of dynamic hosts are looked for on as many machines as the fleet says", async () => {
    const work = { kind: "dynamic-host", pool: "gpu", machines: 2 };
    const host = [
      hostVolume("work", "n-gpu", { State: "unavailable", Allocations: [allocation("w", "g", 0, "n-gpu")] }),
    ];
    const found = await report({ work }, { host, nodes: [node("n-gpu", "gpu", { Status: "down" })] }, [
      { job: "w", group: "g", type: "host", volume: "work", access: "read" },
    ]);
    expect(found.volumes.find(({ id }) => id === "work")).toMatchObject({
      nodes: ["n-gpu"],
      mountedBy: [{ job: "w", access: "read" }],
    });
    expect(findings(found)).toEqual([
      "region north: volume work: is unavailable: node n-gpu is down; bring node n-gpu back",
      "region north: volume work: is on 1 of 2 machines; run ./steppe apply storage-north",
    ]);
  });

  test("of a pool's machines are looked for on each of them", async () => {
    const { volumes, findings: all } = await report(
      {},
      { nodes: [node("n-gpu", "gpu"), node("n-2", "gpu", { Status: "down" })] },
    );
    expect(volumes).toMatchObject([{ id: "models", kind: "static-host", inNomad: false, nodes: [] }]);
    expect(all.map(formatProblem)).toEqual([
      "region north: volume models: is not on node n-gpu of pool gpu; run ./steppe apply site-north",
    ]);
  });
});

describe("a plugin", () => {
  test("that was taken away is none, though Nomad lists it until it collects its jobs", async () => {
    const healthy = plugin("disks", {
      ControllersHealthy: 1,
      ControllersExpected: 1,
      NodesHealthy: 1,
      NodesExpected: 1,
    });
    const gone = { ControllersHealthy: 0, ControllersExpected: 1, NodesHealthy: 0, NodesExpected: 0 };
    expect(findings(await report({}, { plugins: [healthy, plugin("gone", gone)] }))).toEqual([]);
    const left = plugin("gone", { ...gone, NodesHealthy: 1, NodesExpected: 2 });
    expect(findings(await report({}, { plugins: [healthy, left] }))).toHaveLength(1);
  });

  test("that lacks controllers or nodes, or is not there, is a finding", async () => {
    const sick = plugin("disks", { ControllersHealthy: 0, ControllersExpected: 0, NodesHealthy: 1, NodesExpected: 2 });
    expect(findings(await report({}, { plugins: [sick] }))).toEqual([
      "region north: plugin disks: is not healthy everywhere: 0 of 0 controllers, 1 of 2 nodes; look at nomad plugin status disks",
    ]);
    expect(findings(await report({}, { plugins: [] }))).toEqual([
      "region north: plugin disks: is not in Nomad; run ./steppe apply storage-north",
    ]);
  });
});

describe("a claim", () => {
  const stuck = async (claims: object, more: object = {}, nodes = [node("n-gpu", "gpu")]) =>
    findings(await report({ scratch: disk() }, { csi: [written(claims, more)], nodes }, [{}])).map((text) =>
      text.replace("region north: volume scratch: has a stuck claim ", ""),
    );

  test("of what runs, or has just ended, is none", async () => {
    expect(await stuck({ a: allocation("db", "db", 0, "n-gpu") })).toEqual([]);
    const ended = (seconds: number) =>
      allocation("db", "db", 0, "n-gpu", {
        ClientStatus: "complete",
        ModifyTime: (now.getTime() - seconds * 1000) * 1e6,
      });
    expect(await stuck({ a: ended(299) })).toEqual([]);
    expect(await stuck({ a: ended(301) })).toEqual([
      "(write) of db/db[0] on n-gpu: its allocation has ended (complete); nomad volume detach scratch n-gpu-id",
    ]);
  });

  test("of a node that is down or gone is stuck, and the way out names the node", async () => {
    const claims = { a: allocation("db", "db", 2, "n-gpu") };
    expect(await stuck(claims, {}, [node("n-gpu", "gpu", { Status: "down" })])).toEqual([
      "(write) of db/db[2] on n-gpu: node n-gpu is down; nomad volume detach scratch n-gpu-id",
    ]);
    expect(await stuck(claims, {}, [])).toEqual([
      "(write) of db/db[2] on n-gpu: node n-gpu is gone; nomad volume detach scratch n-gpu-id",
    ]);
  });

  test("whose allocation Nomad has forgotten is stuck, on a node that nobody knows any more", async () => {
    expect(await stuck({ "0123456789": null })).toEqual([
      "(write) of allocation 01234567: its allocation is gone; nomad volume detach scratch <node>; Nomad has forgotten on which node it was: nomad plugin status -verbose disks lists those that it can be",
    ]);
  });
});

test("a region that refuses to answer says why", async () => {
  const answer = (path: string): NomadAnswer =>
    path.startsWith("/v1/plugins") ? { status: 403, body: "Permission denied" } : { status: 200, body: [] };
  expect(await readStorage((paths) => Promise.resolve(paths.map(answer)), now)).toEqual({
    failure: "HTTP 403 Permission denied",
  });
});
