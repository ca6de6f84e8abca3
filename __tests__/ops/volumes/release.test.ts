import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NomadAccess } from "../../../ops/nomad-api";
import { trustSpecOf } from "../../../ops/trust/spec";
import { initTrust } from "../../../ops/trust/trust";
import { waitUntilFree, waitUntilGone } from "../../../ops/volumes/release";
import { smallFleet } from "../../helpers/fleet";
import { allocation, csiVolume, node, plugin, StandInVolumes } from "../../helpers/stand-ins/nomad-volumes";

const root = mkdtempSync(join(tmpdir(), "steppe-release-"));
let nomad: StandInVolumes;
let access: NomadAccess;

beforeAll(async () => {
  const spec = trustSpecOf(smallFleet());
  const env = { ...process.env, STEPPE_TRUST_DIR: join(root, "trust") };
  const { trust } = await initTrust(spec, { env, project: join(root, "checkout") });
  nomad = await StandInVolumes.start(trust, "north");
  access = { trust, spec, prefix: [], env: { ...process.env, ...nomad.env } };
});
afterAll(async () => {
  await nomad.stop();
  rmSync(root, { recursive: true, force: true });
});
beforeEach(() => {
  nomad.has.nodes = [node("n-gpu", "gpu")];
  nomad.beforeAnswer = () => undefined;
});

const held = () =>
  csiVolume("scratch[0]", "disks", {
    WriteAllocs: { a: allocation("db", "db", 0, "n-gpu", { ClientStatus: "complete", ModifyTime: Date.now() * 1e6 }) },
  });
const scratch = { type: "csi", id: "scratch[0]", namespace: "ai" } as const;
const waiting = (seconds: number, told: string[] = []) => ({
  seconds,
  isInterrupted: () => false,
  tell: (text: string) => void told.push(text),
});

test("waits for claims to be freed, and says once for which", async () => {
  nomad.has.csi = { "scratch[0]": held() };
  let looks = 0;
  nomad.beforeAnswer = (path) => {
    if (path.startsWith("/v1/volume/csi/") && ++looks === 3)
      nomad.has.csi["scratch[0]"] = csiVolume("scratch[0]", "disks");
  };
  const told: string[] = [];
  expect(await waitUntilFree(access, "north", [scratch], waiting(60, told))).toEqual({ left: [], interrupted: false });
  expect(told).toEqual(["volume scratch[0]: db/db[0] on n-gpu"]);
  expect(nomad.requests).toContain("GET /v1/volume/csi/scratch%5B0%5D?namespace=ai");
});

test("does not wait for a volume that is gone, and not for ever for one that is held", async () => {
  nomad.has.csi = {};
  expect(await waitUntilFree(access, "north", [scratch], waiting(0))).toEqual({ left: [], interrupted: false });
  nomad.has.csi = { "scratch[0]": held() };
  expect((await waitUntilFree(access, "north", [scratch], waiting(0))).left).toEqual([
    "volume scratch[0]: db/db[0] on n-gpu",
  ]);
  nomad.has.nodes = [];
  expect((await waitUntilFree(access, "north", [scratch], waiting(0))).left).toEqual([
    "volume scratch[0]: db/db[0] on n-gpu (stuck: node n-gpu is gone)",
  ]);
});

test("ends with Ctrl-C", async () => {
  nomad.has.csi = { "scratch[0]": held() };
  const result = await waitUntilFree(access, "north", [scratch], { ...waiting(60), isInterrupted: () => true });
  expect(result).toMatchObject({ interrupted: true });
});

test("waits until no plugin has a node or a controller", async () => {
  nomad.has.plugins = [plugin("disks", { Nodes: { "n-gpu-id": {} }, Controllers: {} })];
  expect((await waitUntilGone(access, "north", ["disks", "other"], waiting(0))).left).toEqual([
    "plugin disks: 1 nodes, 0 controllers",
  ]);
  nomad.has.plugins = [plugin("disks", { Nodes: {}, Controllers: null })];
  expect((await waitUntilGone(access, "north", ["disks"], waiting(0))).left).toEqual([]);
});

test("is not over because nobody answers", async () => {
  nomad.away = ["n-1", "n-2", "n-3"];
  const { left } = await waitUntilGone(access, "north", ["disks"], waiting(0));
  nomad.away = [];
  expect(left.join()).toContain("n-1.");
});
