import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { inBothRounds } from "../../ops/terraform/applying";
import { apply, plan } from "../../ops/terraform/deploy";
import type { Json, Stack } from "../../ops/terraform/stack";
import { holdProblems, lettingGo, madeBy, stacksOn, takes, takingOf } from "../../ops/terraform/taking";
import { UserError } from "../../ops/errors";
import type { StateVolume } from "../../ops/terraform/destroy-gates";
import type { Claim, NomadVolume } from "../../ops/volumes/types";
import { allocation, csiVolume, node, StandInVolumes } from "../helpers/stand-ins/nomad-volumes";
import { describeWithTerraform, findProvider } from "../helpers/terraform";
import { commands, Workplace } from "./synthetic";

jest.setTimeout(60_000);

const change = (address: string, actions: readonly string[], before: Json | null, after: Json | null = null) => ({
  ...{ address, type: address.split(".")[0], change: { actions, before, after } },
});
const planOf = (...changes: readonly object[]): Json => ({ resource_changes: changes });
const volume = (id: string, namespace = "default"): StateVolume => ({ type: "csi", id, name: id, namespace });
const changes = (...resources: readonly (readonly [string, string])[]) => ({
  ...{ add: 0, change: 0, destroy: 0 },
  resources: resources.map(([address, action]) => ({ address, action })),
});

describe("what a plan takes away from under jobs", () => {
  test("are volumes, also those only registered, and the jobs of plugins", () => {
    for (const type of ["csi_volume", "csi_volume_registration", "dynamic_host_volume", "job"])
      expect(takes(changes([`nomad_${type}.a`, "delete"]), "delete")).toBe(true);
    expect(takes(changes(["nomad_csi_volume.a", "replace"]), "delete")).toBe(false);
    expect(takes(changes(["nomad_csi_volume.a", "replace"]), "delete", "replace")).toBe(true);
    expect(takes(changes(["terraform_data.a", "delete"], ["nomad_csi_volume.b", "create"]), "delete")).toBe(false);
    expect(takes(undefined, "delete")).toBe(false);
  });

  test("is told apart from what is made anew, by the names of the API", () => {
    const found = takingOf(
      planOf(
        change("nomad_csi_volume.a", ["delete"], { volume_id: "a[0]", namespace: "ai" }),
        change("nomad_dynamic_host_volume.b", ["delete"], { id: "uuid", name: "b" }),
        change("nomad_csi_volume.c", ["delete", "create"], { volume_id: "c" }, { volume_id: "c" }),
        change("nomad_csi_volume.d", ["forget"], { volume_id: "d" }),
        change("nomad_csi_volume.e", ["create"], null, { volume_id: "e" }),
      ),
    );
    expect(found).toEqual({
      gone: [volume("a[0]", "ai"), { type: "host", id: "uuid", name: "b", namespace: "default" }],
      anew: [volume("c")],
    });
  });

  test("leaves what is made or changed to the first round", () => {
    const all = changes(["a.a", "create"], ["a.b", "update"], ["a.c", "replace"], ["a.d", "delete"], ["a.e", "remove"]);
    expect(madeBy(all)).toEqual(["a.a", "a.b", "a.c"]);
  });

  test("is stood on by the stacks of its region that come after it", () => {
    const stack = (name: string, nomadRegion: string | undefined, ...dependencies: string[]) =>
      ({ name, nomadRegion, dependencies }) as unknown as Stack;
    const control = stack("control", "east");
    const storage = stack("storage-east", "east", "control");
    const jobs = stack("jobs-east", "east", "storage-east");
    const others = [stack("storage-west", "west", "control"), stack("jobs-west", "west", "storage-west", "jobs-east")];
    const all = [control, storage, jobs, ...others];
    expect(stacksOn(storage, all)).toEqual([jobs]);
    expect(stacksOn(jobs, all)).toEqual([]);
    expect(stacksOn(storage, [control, storage])).toEqual([]);
  });
});

describe("jobs that hold what is taken away", () => {
  const mounting = (...sources: readonly string[]) => ({
    task_groups: [{ volumes: sources.map((source) => ({ source, type: "csi" })) }, { volumes: null }],
  });
  const job = (id: string, actions: readonly string[], after: Json | null, namespace = "default") =>
    change(`nomad_job.${id}`, actions, { id, namespace, ...mounting("scratch") }, after);
  const held = (claim: Partial<Claim>, id = "scratch"): NomadVolume => ({
    ...{ type: "csi", id, namespace: "default", plugin: "disks", capabilities: [] },
    claims: [
      { allocation: "0123456789", namespace: "default", job: "db", group: "g", index: 0, node: "n-1", ...claim },
    ],
  });
  const storage = { name: "lab-storage-east" } as Stack;
  const problems = (taking: Parameters<typeof holdProblems>[1], volumes: readonly NomadVolume[], leaving: string[]) =>
    holdProblems(storage, taking, volumes, leaving, []).map(({ path, rule }) => `${path} ${rule}`);

  test("let go when they are deleted, or mount another volume", () => {
    const planned = planOf(
      job("gone", ["delete"], null, "ai"),
      job("moved", ["update"], mounting("fresh")),
      job("changed", ["update"], mounting("fresh", "scratch")),
      job("same", ["no-op"], mounting("scratch")),
    );
    expect(lettingGo(planned, [volume("scratch[1]")])).toEqual(["ai/gone", "default/moved"]);
  });

  test("are refused unless they let go, with the way out", () => {
    const taking = { gone: [volume("scratch")], anew: [] };
    const rule =
      "lab-storage-east: volume scratch would be taken away, and is mounted by db/g[0] on n-1, which stays as it is";
    expect(problems(taking, [held({})], [])).toEqual([rule]);
    expect(problems(taking, [held({})], ["default/db"])).toEqual([]);
    expect(problems(taking, [held({ ended: "2026-01-01T00:00:00Z" })], [])).toEqual([]);
    const absent = [{ name: "lab-jobs-east" } as Stack];
    expect(holdProblems(storage, taking, [held({})], [], absent)[0]?.fix).toBe(
      "apply its jobs too (./steppe apply lab-storage-east lab-jobs-east), or stop it (nomad job stop -namespace=default db) and apply again",
    );
  });

  test("are refused in any case where the volume is made anew", () => {
    const taking = { gone: [], anew: [volume("scratch")] };
    expect(problems(taking, [held({})], ["default/db"])).toEqual([
      "lab-storage-east: volume scratch is made anew, and mounted by db/g[0] on n-1",
    ]);
  });
});

describe("a stack in two rounds", () => {
  const made = { ...changes(["a.a", "create"]), add: 1 };
  const gone = { ...changes(["a.b", "delete"]), destroy: 1 };
  const done = (value: object) => ({ kind: "done", value }) as Parameters<typeof inBothRounds>[0];
  const first = done({ status: "changed", changes: made, detail: "volume b goes after lab-jobs-east" });

  test("is one result", () => {
    expect(inBothRounds(first, done({ status: "changed", changes: gone }))).toEqual(
      done({
        status: "changed",
        changes: { add: 1, change: 0, destroy: 1, resources: [...made.resources, ...gone.resources] },
      }),
    );
    const waiting = done({ status: "not-begun", detail: "volume b goes after lab-jobs-east" });
    expect(inBothRounds(waiting, done({ status: "changed", changes: gone }))).toEqual(
      done({ status: "changed", changes: gone }),
    );
  });

  test("says what is still to come when the second did not begin, and fails with it", () => {
    expect(inBothRounds(first, undefined)).toBe(first);
    expect(inBothRounds(first, { kind: "not-begun" })).toBe(first);
    const failed = { kind: "failed", error: new Error("no") } as const;
    expect(inBothRounds(first, failed)).toBe(failed);
  });
});

describeWithTerraform("an apply that drops a volume and its job", ["hashicorp/nomad"], () => {
  const NAME = "Storage_Volumes_scratch_Resource_0123ABCD";
  let nomad: StandInVolumes | undefined;
  afterEach(async () => await nomad?.stop());

  /** Stacks of region east, whose state has a volume that was let go; each resource that is made notes it in a file. */
  const place = async () => {
    const made = new Workplace();
    const trust = await made.trust();
    nomad = await StandInVolumes.start(trust, "east");
    nomad.has.nodes = [node("n-1", "general")];
    Object.assign(made.env, nomad.env, { STEPPE_PROVIDERS: findProvider("hashicorp/nomad") });
    made.env["NOMAD_TLS_SERVER_NAME"] = "server.east.nomad";
    const stack = (after: string, more: object) => ({
      after: [after],
      terraform: { required_providers: { nomad: { source: "hashicorp/nomad", version: "2.5.2" } } },
      document: { provider: { nomad: [{ region: "east", address: nomad?.address }] }, ...more },
    });
    const notes = (what: string) => ({ resource: commands(`echo ${what} >>${made.path("order")}`) });
    const stacks = made.stacks({
      "lab-storage-east": stack("lab-control", {
        ...notes("storage"),
        removed: [{ from: `nomad_csi_volume.${NAME}`, lifecycle: { destroy: true } }],
      }),
      "lab-jobs-east": stack("lab-storage-east", notes("jobs")),
      "lab-control": { resource: commands(`echo control >>${made.path("order")}`) },
    });
    mkdirSync(made.path("state"));
    const attributes = {
      ...{ id: "scratch", volume_id: "scratch", name: "scratch", plugin_id: "disks", namespace: "default" },
      capability: [{ access_mode: "single-node-writer", attachment_mode: "file-system" }],
    };
    const state = {
      ...{ version: 4, terraform_version: "1.11.0", serial: 1, lineage: "00000000-0000-0000-0000-000000000000" },
      resources: [
        {
          ...{ mode: "managed", type: "nomad_csi_volume", name: NAME },
          provider: 'provider["registry.terraform.io/hashicorp/nomad"]',
          instances: [{ schema_version: 0, attributes }],
        },
      ],
    };
    writeFileSync(made.path("state", "lab-storage-east.tfstate"), JSON.stringify(state));
    return { made, stacks, settings: made.settings(trust), nomad };
  };
  const readable = (path: string) => (existsSync(path) ? readFileSync(path, "utf8") : "");
  const claimedBy = (more: Readonly<Record<string, unknown>>) =>
    csiVolume("scratch", "disks", { WriteAllocs: { a: allocation("db", "db", 0, "n-1", more) } });

  test("makes what jobs need, applies the jobs, waits until nothing holds the volume, and then deletes it", async () => {
    const { made, stacks, settings, nomad: region } = await place();
    region.has.csi = { scratch: claimedBy({ ClientStatus: "complete", ModifyTime: Date.now() * 1e6 }) };
    let looks = 0;
    region.beforeAnswer = (path) => {
      if (path.startsWith("/v1/volume/csi/scratch") && readable(made.path("order")).includes("jobs") && ++looks === 5)
        region.has.csi["scratch"] = csiVolume("scratch", "disks");
      if (path.includes("/delete")) writeFileSync(made.path("order"), "deleted\n", { flag: "a" });
    };
    const { stacks: planned } = await plan(stacks, { ...settings, text: true });
    expect(planned.find(({ stack }) => stack === "lab-storage-east")?.text).toContain(
      "In an apply, volume scratch goes after lab-jobs-east, once nothing holds it.",
    );
    const { stacks: results } = await apply(stacks, settings);
    expect(results.map(({ stack, status, detail }) => [stack, status, detail])).toEqual([
      ["lab-control", "changed", undefined],
      ["lab-storage-east", "changed", undefined],
      ["lab-jobs-east", "changed", undefined],
    ]);
    expect(readable(made.path("order")).trim().split("\n")).toEqual(["control", "storage", "jobs", "deleted"]);
    expect(results[1]?.changes).toMatchObject({ add: 1, destroy: 1 });
    expect(made.when("lab-storage-east", "waiting", "for jobs: volume scratch goes after lab-jobs-east")).toBeLessThan(
      made.when("lab-jobs-east", "working", "applying"),
    );
    expect(made.when("lab-storage-east", "waiting", "for volume scratch: db/db[0] on n-1")).toBeGreaterThan(
      made.when("lab-jobs-east", "done"),
    );
  });

  test("is refused while a job that stays holds the volume, before anything has changed", async () => {
    const { made, stacks, settings, nomad: region } = await place();
    region.has.csi = { scratch: claimedBy({}) };
    const error: unknown = await apply(stacks, settings).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toBe("volumes are held that this apply would take away");
    expect((error as UserError).problems.map(({ path, rule }) => `${path}: ${rule}`)).toEqual([
      "lab-storage-east: volume scratch: would be taken away, and is mounted by db/db[0] on n-1, which stays as it is",
    ]);
    expect(existsSync(made.path("order"))).toBe(false);
  });
});
