import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../../cli/main";
import { saveSnapshot } from "../../ops/snapshot/transfer";
import { Interrupts } from "../../ops/process";
import { trustSpecOf } from "../../ops/trust/spec";
import { findTrust, loadTrust } from "../../ops/trust/trust";
import { secretPayload, secretsOf } from "../../ops/trust/secrets";
import { trustProblems } from "../../ops/trust/problems";
import { writeSnapshotKey } from "../../ops/trust/snapshot-keys";
import type { Fleet } from "../../model/types";
import { Checkout, PILOT, removeCheckouts } from "../helpers/checkout";
import { smallFleet, spoil } from "../helpers/fleet";
import { type NomadSnapshots, nomadSnapshots } from "../helpers/stand-ins/nomad-snapshots";

jest.setTimeout(60_000);

let server: NomadSnapshots | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});
afterAll(removeCheckouts);

/** What the nomad command says of a snapshot, as Nomad 1.11.3 does. */
interface Said {
  readonly token?: string;
  /** Region that its job names. @default - there is no job */
  readonly jobsOf?: string;
  readonly peer?: string;
}

/** A checkout whose region home answers, and a nomad command that reads every file as told. */
async function pilot(said: Said = {}): Promise<{ checkout: Checkout; nomad: NomadSnapshots; file: string }> {
  const checkout = new Checkout();
  expect(await checkout.run("trust", "init")).toBe(0);
  const trust = loadTrust("pilot", checkout);
  server = await nomadSnapshots(trust, "home");
  Object.assign(checkout.env, server.env);
  const { token = trust.managementToken, jobsOf, peer = "100.64.0.1:4647" } = said;
  server.members = { "100.64.0.1": "home", "100.64.0.9": "away" };
  const inspected = {
    Meta: { ID: "2-4711-1795305106221", Index: 4711, Configuration: { Servers: [{ Address: peer }] } },
    Stats: [
      { Name: "Job", Count: 2, Sum: 100 },
      { Name: "ACLToken", Count: 1, Sum: 50 },
    ],
  };
  const state = {
    ACLTokens: [{ AccessorID: "a", SecretID: token }],
    Evals: [{ Region: "not a job's" }],
    Jobs: jobsOf === undefined ? [] : [{ Region: jobsOf, ID: "web", Meta: { Region: "deeper" } }],
    SnapshotMeta: [{}],
  };
  const script = join(checkout.project, "nomad");
  writeFileSync(`${script}.inspect`, JSON.stringify(inspected));
  writeFileSync(`${script}.state`, JSON.stringify(state, null, 2));
  writeFileSync(
    script,
    `#!/bin/sh
for file; do :; done
if grep -q broken "$file"; then echo "hash check failed" >&2; exit 1; fi
cat ${script}."$3"
`,
  );
  chmodSync(script, 0o755);
  checkout.env["STEPPE_NOMAD"] = script;
  const file = join(checkout.project, "20261121T120000Z-4711.snap");
  writeFileSync(file, "a snapshot");
  return { checkout, nomad: server, file };
}
const access = (checkout: Checkout, fleet: Fleet) => ({
  trust: loadTrust("pilot", checkout),
  spec: trustSpecOf(fleet),
  prefix: [],
  env: checkout.env,
});

describe("steppe snapshot save", () => {
  test("writes the region's state to a file for its owner alone", async () => {
    const { checkout, nomad } = await pilot();
    const file = join(checkout.project, "home.snap");
    expect(await checkout.run("snapshot", "save", file, "--region", "home")).toBe(0);
    expect(readFileSync(file)).toEqual(nomad.state);
    expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
    expect(checkout.text).toBe(
      `saved the state of region home: ${file}, 97.7 KiB\nit holds the region's tokens and keys: keep it as you keep the fleet's trust\n`,
    );
    expect(await checkout.run("snapshot", "save", `${file}2`, "--region", "home", "--json")).toBe(0);
    expect(JSON.parse(checkout.text)).toEqual({ fleet: "pilot", region: "home", file: `${file}2`, bytes: 100_000 });
  });

  test("overwrites nothing, neither a file nor what another run is writing", async () => {
    const { checkout, nomad } = await pilot();
    const file = join(checkout.project, "home.snap");
    writeFileSync(file, "mine");
    expect(await checkout.run("snapshot", "save", file, "--region", "home")).toBe(1);
    expect(checkout.errors).toContain(`${file} is there already`);
    writeFileSync(`${file}2.partial`, "another's");
    expect(await checkout.run("snapshot", "save", `${file}2`, "--region", "home")).toBe(1);
    expect(checkout.errors).toContain("another run saves to it, or was cut off");
    expect(readFileSync(file, "utf8") + readFileSync(`${file}2.partial`, "utf8")).toBe("mineanother's");
    expect(nomad.asked).toEqual([]);
  });

  test.each<[NomadSnapshots["mood"], string]>([
    ["no leader", "s1.steppe.test: no leader yet"],
    ["refusing", "region home gave no snapshot: HTTP 500 raft says no"],
    ["cut off", "the snapshot of region home did not come over whole"],
  ])("leaves no file when the region is %s", async (mood, said) => {
    const { checkout, nomad } = await pilot();
    nomad.mood = mood;
    const before = readdirSync(checkout.project);
    expect(await checkout.run("snapshot", "save", join(checkout.project, "home.snap"), "--region", "home")).toBe(1);
    expect(checkout.errors).toContain(said);
    expect(readdirSync(checkout.project)).toEqual(before);
  });

  test("ends with 130 after Ctrl-C, and leaves no file", async () => {
    const { checkout, nomad } = await pilot();
    nomad.mood = "silent";
    const interrupts = new Interrupts();
    const fleet = (await import(join(checkout.project, "fleets", "pilot.ts"))) as { fleet: Fleet };
    const saving = saveSnapshot(access(checkout, fleet.fleet), "home", join(checkout.project, "home.snap"), {
      interrupts,
    });
    const failure = saving.catch((error: unknown) => error);
    while (!nomad.asked.includes("GET /v1/operator/snapshot")) await new Promise((done) => setTimeout(done, 20));
    interrupts.interrupt();
    expect(await failure).toMatchObject({ message: "interrupted", exitCode: 130 });
    expect(readdirSync(checkout.project).filter((name) => name.startsWith("home"))).toEqual([]);
  });

  test("names the regions when there is none of that name", async () => {
    const { checkout } = await pilot();
    expect(await checkout.run("snapshot", "save", "--region", "hom")).toBe(1);
    expect(checkout.errors).toBe('error: fleet pilot has no region "hom"\n  use one of: home\n');
  });
});

describe("steppe snapshot restore", () => {
  const restore = async (checkout: Checkout, file: string, ...more: string[]) =>
    await checkout.run("snapshot", "restore", file, "--region", "home", ...more);

  test("shows what the snapshot holds, puts it in place, waits, and says what is next", async () => {
    const { checkout, nomad, file } = await pilot({ jobsOf: "home" });
    expect(await restore(checkout, file, "--yes")).toBe(0);
    expect(nomad.restored?.toString()).toBe("a snapshot");
    expect(checkout.text).toContain(`${file}: taken 2026-11-21T23:51:46.221Z, Raft index 4711, 10 B\n`);
    expect(checkout.text).toMatch(/^Job +2\nACLToken +1$/m);
    expect(checkout.text).toContain("restored the state of region home as of 2026-11-21T23:51:46.221Z");
    expect(checkout.text).toContain("ACL tokens and policies are those of the snapshot");
    expect(nomad.asked.slice(nomad.asked.indexOf("PUT /v1/operator/snapshot") + 1)).toEqual([
      "GET /v1/status/leader",
      "GET /v1/acl/token/self",
    ]);
  });

  test("prints JSON alone when asked to, and never a token", async () => {
    const { checkout, file } = await pilot({ jobsOf: "home" });
    expect(await restore(checkout, file, "--yes", "--json")).toBe(0);
    expect(JSON.parse(checkout.text)).toMatchObject({
      region: "home",
      index: 4711,
      regions: ["home"],
      objects: { Job: 2, ACLToken: 1 },
      problems: [],
    });
    expect(checkout.text + checkout.errors).not.toContain(loadTrust("pilot", checkout).managementToken);
  });

  test("asks, and does nothing where nobody can answer", async () => {
    const { checkout, nomad, file } = await pilot({ jobsOf: "home" });
    expect(await restore(checkout, file)).toBe(1);
    expect(checkout.errors).toContain("give --yes");
    expect(nomad.restored).toBeUndefined();
  });

  test.each<[string, Said, string]>([
    ["jobs of another region", { jobsOf: "away" }, 'jobs: must be of region home, got "away"'],
    ["servers of another region", { peer: "100.64.0.9:4647" }, 'servers: must be of region home, got "away"'],
    ["no token of the fleet", { jobsOf: "home", token: "b" }, "ACL tokens: must hold the fleet's management token"],
    ["no sign of its origin", { peer: "100.64.0.77:4647" }, "origin: cannot be told"],
  ])("refuses a snapshot with %s, unless it is forced with a reason", async (_, said, rule) => {
    const { checkout, nomad, file } = await pilot(said);
    expect(await restore(checkout, file, "--yes")).toBe(1);
    expect(checkout.errors).toContain("does not seem to be a snapshot of region home");
    expect(checkout.errors.match(/^ {2}- /gm)).toHaveLength(1);
    expect(checkout.errors).toContain(rule);
    expect(nomad.restored).toBeUndefined();
    expect(await restore(checkout, file, "--yes", "--force", " ")).toBe(1);
    expect(nomad.restored).toBeUndefined();
    expect(await restore(checkout, file, "--yes", "--force", "home takes its place")).toBe(0);
    expect(checkout.errors).toContain("restored all the same: home takes its place");
    expect(nomad.restored).toBeDefined();
  });

  test("takes an empty region's snapshot by its servers", async () => {
    const { checkout, file } = await pilot();
    expect(await restore(checkout, file, "--yes")).toBe(0);
  });

  test("says why Nomad refused", async () => {
    const { checkout, nomad, file } = await pilot({ jobsOf: "home" });
    nomad.mood = "refusing";
    expect(await restore(checkout, file, "--yes")).toBe(1);
    expect(checkout.errors).toContain("region home did not restore the snapshot: HTTP 500 raft says no");
  });

  test("asks no region about a file that is broken, or not there", async () => {
    const { checkout, nomad, file } = await pilot({ jobsOf: "home" });
    writeFileSync(file, "broken");
    expect(await restore(checkout, file, "--yes")).toBe(1);
    expect(checkout.errors).toContain(`${file} is no snapshot that Nomad can read: hash check failed`);
    expect(await restore(checkout, `${file}.gone`, "--yes")).toBe(1);
    expect(checkout.errors).toContain(`there is no file ${file}.gone`);
    expect(nomad.asked).toEqual([]);
  });
});

describe("steppe snapshot list", () => {
  const STORE = 'backups: { store: { kind: "directory", path: "/mnt/backups" }, keepDays: 7 }, authoritative:';

  test("says where the snapshots of each region are", async () => {
    const checkout = new Checkout(PILOT.replace("authoritative:", STORE));
    expect(await checkout.run("snapshot", "list")).toBe(0);
    expect(checkout.text).toMatch(/^home +\/mnt\/backups\/pilot\/home\/ +60 minutes +7 days$/m);
    expect(await new Checkout().run("snapshot", "list")).toBe(0);
  });

  test("lists those in a directory, the newest first, and nothing else", async () => {
    const checkout = new Checkout();
    const folder = join(checkout.project, "pilot", "home");
    mkdirSync(folder, { recursive: true });
    for (const name of [
      "20260101T000000Z-9.snap",
      "20260102T000000Z-12.snap",
      "notes.txt",
      ".20260103T000000Z-1.snap.partial",
    ])
      writeFileSync(join(folder, name), "12345");
    expect(await checkout.run("snapshot", "list", checkout.project, "--json")).toBe(0);
    expect(JSON.parse(checkout.text)).toEqual([
      expect.objectContaining({ fleet: "pilot", region: "home", taken: "2026-01-02T00:00:00Z", index: 12, bytes: 5 }),
      expect.objectContaining({ taken: "2026-01-01T00:00:00Z", index: 9 }),
    ]);
    expect(await checkout.run("snapshot", "list", join(checkout.project, "gone"))).toBe(1);
    expect(checkout.errors).toContain("there is no directory");
  });
});

describe("the access key for snapshots", () => {
  const STORE = 'backups: { store: { kind: "s3", bucket: "backups", region: "eu-central-1" } }, authoritative:';
  const VALUE = "MinIO/Secret+Key0123456789";
  const spec = trustSpecOf(
    spoil(smallFleet(), "regions.north.backups", { store: { kind: "s3", bucket: "b-1", region: "eu-central-1" } }),
  );

  test("is asked for by the check, delivered to servers alone, and looked for where secrets must not be", async () => {
    const checkout = new Checkout(PILOT.replace("authoritative:", STORE));
    await checkout.run("trust", "init");
    checkout.complete();
    const fleet = ((await import(join(checkout.project, "fleets", "pilot.ts"))) as { fleet: Fleet }).fleet;
    const pilotSpec = trustSpecOf(fleet);
    const problems = () => trustProblems(findTrust("pilot", checkout), pilotSpec, new Date()).map(({ path }) => path);
    expect(problems()).toEqual(["trust.snapshot-keys.server-home"]);
    expect(writeSnapshotKey(pilotSpec, "home", `AKIA0123\n${VALUE}\n`, checkout)).toBe(true);
    expect(writeSnapshotKey(pilotSpec, "home", `AKIA0123 ${VALUE}`, checkout)).toBe(false);
    expect(problems()).toEqual([]);
    const trust = loadTrust("pilot", checkout);
    const payloads = pilotSpec.identities
      .filter(({ role }) => role !== "operator")
      .map((identity) => [identity.name, /^snapshot\.key (.*)$/m.exec(secretPayload(trust, identity))?.[1]]);
    expect(payloads).toEqual([
      ["server-home", Buffer.from(`AKIA0123\n${VALUE}\n`).toString("base64")],
      ["client-gpu", undefined],
    ]);
    expect(secretsOf(trust).map(({ value }) => value)).toContain(VALUE);
  });

  test.each(["", "AKIA", `AKIA "${VALUE}"`, `AKIA0123 ${VALUE} more`, `AKIA:${VALUE}`])("is not %j", async (text) => {
    const checkout = new Checkout();
    await checkout.run("trust", "init");
    const write = () => writeSnapshotKey({ ...spec, fleet: "pilot" }, "north", text, checkout);
    expect(write).toThrow("what was given is not an access key");
    expect(write).not.toThrow(VALUE);
    expect(existsSync(join(checkout.env["STEPPE_TRUST_DIR"] ?? "", "pilot", "snapshot-keys"))).toBe(false);
  });

  test("is refused for regions that need none", async () => {
    const checkout = new Checkout();
    await checkout.run("trust", "init");
    expect(() => writeSnapshotKey({ ...spec, fleet: "pilot" }, "south", `AKIA0123 ${VALUE}`, checkout)).toThrow(
      'no access key belongs to region "south"',
    );
  });

  test("is not taken from a terminal's line, but from standard input: help shows how", async () => {
    const out: string[] = [];
    const output = { out: (text: string) => void out.push(text), err: () => undefined, terminal: false };
    expect(await main(["secret", "put", "snapshot-key", "--help"], { output })).toBe(0);
    expect(out.join("\n")).toContain("secret put snapshot-key eu --fleet example < key.txt");
  });
});
