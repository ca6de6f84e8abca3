import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { backupFiles } from "../../constructs/machine/backup-files";
import { serverBundle } from "../../constructs/machine/bundle";
import { paths } from "../../constructs/machine/paths";
import { nomadLocal } from "../../constructs/machine/shell/library";
import { SNAPSHOT_STORE } from "../../constructs/machine/shell/snapshot";
import type { BackupStore } from "../../model/backup-types";
import type { Fleet } from "../../model/types";
import { awsFleet, smallFleet, spoil } from "../helpers/fleet";
import { ScriptHome } from "../helpers/machine-script";
import { type AwsMetadata, awsMetadata, ROLE } from "../helpers/stand-ins/aws-metadata";
import { type Gcs, gcs } from "../helpers/stand-ins/gcs";
import { type S3, s3 } from "../helpers/stand-ins/s3";
import { describeWithTool } from "../helpers/tools";

const KEY = { accessKeyId: "AKIATESTKEYID0000002", secretAccessKey: "MinIO/Secret+Key=of.the-test_0123456789" };
const TOKEN = "6f0e5a3e-0000-4000-8000-00000000cafe";
/** No text: gzip, and bytes that are no UTF-8. */
const STATE = Buffer.from([0x1f, 0x8b, 0x08, 0x00, 0xff, 0xfe, 0x00, 0x0a, 0xc3, 0x28]);

const backedUp = (store: BackupStore, more: object = {}): Fleet =>
  spoil(smallFleet(), "regions.north.backups", { store, ...more });
const at = (home: ScriptHome, path: string) => home.path(path);

/** A server of region north, with what its bundle has for snapshots. */
function server(fleet: Fleet, region = "north"): ScriptHome {
  const home = new ScriptHome();
  mkdirSync(at(home, "/srv/nomad"), { recursive: true });
  for (const file of backupFiles(fleet, region)) home.put(file.path, file.content);
  home.put(`${paths.library}/nomad-local`, nomadLocal);
  home.put(paths.machineEnv, `STEPPE_FLEET='small'\nSTEPPE_REGION='${region}'\nSTEPPE_DATA='${at(home, "/srv")}'\n`);
  home.put(paths.managementToken, `${TOKEN}\n`);
  home.put(paths.runtimeConfig, '{\n  "name": "n-1",\n  "bind_addr": "100.64.0.1",\n  "addresses": {}\n}\n');
  return home;
}

/** Stands in for nomad: who leads, and what it saves and reads. */
function nomad(home: ScriptHome, options: { leader?: string; save?: string; inspect?: string } = {}): void {
  const { leader = "100.64.0.1:4647" } = options;
  writeFileSync(at(home, "/saved"), STATE);
  home.program(
    "nomad",
    `printf '%s %s\\n' "$*" "\${NOMAD_TOKEN:-}" >>${at(home, "/nomad.log")}
case "$1 $2 $3" in
"operator api /v1/status/leader") echo '"${leader}"' ;;
"operator snapshot save") ${options.save ?? `cat ${at(home, "/saved")} >"$4"; echo "State file written to $4"`} ;;
"operator snapshot inspect") ${options.inspect ?? INSPECTED} ;;
*) exit 64 ;;
esac`,
  );
}
const INSPECTED = `printf '{\\n    "Meta": {\\n        "ConfigurationIndex": 1,\\n        "Index": 20,\\n        "Term": 2\\n    }\\n}\\n'`;

describe("a server's snapshots", () => {
  const DIRECTORY: BackupStore = { kind: "directory", path: "/backups" };
  let home: ScriptHome;
  const stored = () => readdirSync(at(home, "/backups/small/north")).sort();
  const take = (env: Record<string, string> = {}) => home.run(`${paths.library}/snapshot`, [], env);

  beforeEach(() => {
    home = server(backedUp(DIRECTORY, { keepDays: 7 }));
    const env = `${paths.settings}/snapshot.env`;
    home.put(env, readFileSync(at(home, env), "utf8").replace("'/backups'", `'${at(home, "/backups")}'`));
    mkdirSync(at(home, "/backups"));
    nomad(home);
  });
  afterEach(() => home.remove());

  test("are written by the leader, whole, for root alone, under time and Raft index", async () => {
    const { status, stdout, stderr } = await take();
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const [name = "", ...others] = stored();
    expect(others).toEqual([]);
    expect(name).toMatch(/^\d{8}T\d{6}Z-20\.snap$/);
    expect(stdout).toBe(`steppe snapshot: wrote small/north/${name}, 10 bytes\n`);
    expect(readFileSync(at(home, `/backups/small/north/${name}`))).toEqual(STATE);
    expect((statSync(at(home, `/backups/small/north/${name}`)).mode & 0o777).toString(8)).toBe("600");
  });

  test("leave nothing in data_dir, not even what an earlier run left that was cut off", async () => {
    mkdirSync(at(home, "/srv/nomad/steppe-snapshot.abcdef"));
    mkdirSync(at(home, "/srv/nomad/server"));
    await take();
    expect(readdirSync(at(home, "/srv/nomad"))).toEqual(["server"]);
  });

  test("are saved where root alone can read", async () => {
    nomad(home, {
      save: `cat ${at(home, "/saved")} >"$4"; stat -c '%a' "$4" "$(dirname "$4")" >${at(home, "/modes")}`,
    });
    await take();
    expect(readFileSync(at(home, "/modes"), "utf8")).toBe("600\n700\n");
  });

  test("give nomad the token by its environment, never as an argument", async () => {
    await take();
    const calls = readFileSync(at(home, "/nomad.log"), "utf8").trim().split("\n");
    expect(calls).toHaveLength(3);
    expect(calls.filter((call) => call.endsWith(` ${TOKEN}`))).toHaveLength(3);
    expect(calls.filter((call) => call.split(" ").slice(0, -1).join(" ").includes(TOKEN))).toEqual([]);
  });

  test("are not taken by a server that does not lead", async () => {
    nomad(home, { leader: "100.64.0.10:4647" });
    expect(await take()).toEqual({
      status: 0,
      stdout: "steppe snapshot: 100.64.0.10:4647 leads, which takes the snapshots\n",
      stderr: "",
    });
    expect(readdirSync(at(home, "/backups"))).toEqual([]);
    expect(readFileSync(at(home, "/nomad.log"), "utf8")).not.toContain("snapshot save");
  });

  test.each<[string, Parameters<typeof nomad>[1], string]>([
    ["nobody leads", { leader: "" }, "region north has no leader"],
    ["nomad refuses", { save: "echo 'Permission denied' >&2; exit 1" }, "nomad could not save it: Permission denied"],
    [
      "what was saved is broken",
      { inspect: "echo 'hash check failed' >&2; exit 1" },
      "nomad cannot read what it saved: hash check failed",
    ],
    ["there is no index", { inspect: "echo '{}'" }, "nomad names no Raft index in what it saved"],
  ])("fail visibly when %s, and write nothing", async (_, options, said) => {
    nomad(home, options);
    const { status, stderr } = await take({ STEPPE_LEADER_SECONDS: "0" });
    expect({ status, stderr }).toEqual({ status: 1, stderr: `steppe snapshot: no snapshot was written: ${said}\n` });
    expect(readdirSync(at(home, "/backups"))).toEqual([]);
    expect(readdirSync(at(home, "/srv/nomad"))).toEqual([]);
  });

  test("fail when the store does, and leave nothing behind", async () => {
    rmSync(at(home, "/backups"), { recursive: true });
    const { status, stderr } = await take();
    expect(status).toBe(1);
    expect(stderr).toContain("is it mounted?\nsteppe snapshot: no snapshot was written: see above\n");
    expect(existsSync(at(home, "/backups"))).toBe(false);
    expect(readdirSync(at(home, "/srv/nomad"))).toEqual([]);
  });

  test("are not taken twice at once", async () => {
    nomad(home, { save: `sleep 2; cat ${at(home, "/saved")} >"$4"` });
    const first = take();
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(await take()).toMatchObject({ status: 1, stderr: expect.stringContaining("another one is being taken") });
    expect(await first).toMatchObject({ status: 0 });
  });

  describe("in a directory", () => {
    const old = (name: string, days: number) => {
      const path = at(home, `/backups/small/north/${name}`);
      mkdirSync(join(path, ".."), { recursive: true });
      writeFileSync(path, "old");
      const time = Date.now() / 1000 - days * 86_400;
      utimesSync(path, time, time);
    };

    test("are deleted when they are too old, and nothing else is", async () => {
      old("20250101T000000Z-1.snap", 8);
      old("20250102T000000Z-2.snap", 6);
      old("notes.txt", 80);
      old("before-upgrade.snap", 80);
      old(".20250101T000000Z-1.snap.partial", 2);
      await take();
      expect(stored().filter((name) => !name.endsWith("-20.snap"))).toEqual([
        "20250102T000000Z-2.snap",
        "before-upgrade.snap",
        "notes.txt",
      ]);
      expect(stored()).toHaveLength(4);
    });

    test("keep the newest whatever its age", async () => {
      old("20990101T000000Z-7.snap", 400);
      await take();
      expect(stored()).toContain("20990101T000000Z-7.snap");
      expect(stored()).toHaveLength(2);
    });

    test("are not overwritten", async () => {
      const file = at(home, "/saved");
      await home.run(SNAPSHOT_STORE, [file, "20250101T000000Z-1.snap"], {});
      expect(await home.run(SNAPSHOT_STORE, [file, "20250101T000000Z-1.snap"], {})).toMatchObject({
        status: 1,
        stderr: expect.stringContaining("20250101T000000Z-1.snap is there already"),
      });
    });
  });
});

describeWithTool("curl", "snapshots in S3", () => {
  const NAME = "20261121T120000Z-20.snap";
  let home: ScriptHome;
  let store: S3;
  let metadata: AwsMetadata;
  const put = (env: Record<string, string> = {}) =>
    home.run(SNAPSHOT_STORE, [at(home, "/saved"), NAME], {
      AWS_ENDPOINT_URL_S3: store.url,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url,
      STEPPE_PAUSE_SECONDS: "0.1",
      ...env,
    });
  const existing = { kind: "s3", bucket: "backups", region: "us-east-1", endpoint: "https://minio.test:9000" } as const;

  beforeEach(async () => {
    metadata = await awsMetadata();
  });
  afterEach(async () => {
    await Promise.all([store.stop(), metadata.stop()]);
    home.remove();
  });
  const withKey = async () => {
    home = server(backedUp(existing));
    nomad(home);
    home.put(paths.snapshotKey, `${KEY.accessKeyId}\n${KEY.secretAccessKey}\n`);
    store = await s3("us-east-1", "backups", KEY);
  };

  test("are written with an access key, signed over their content", async () => {
    await withKey();
    expect(await put()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(store.asked).toEqual([`PUT backups/small/north/${NAME} 200`]);
    expect(store.objects.get(`backups/small/north/${NAME}`)).toEqual(STATE);
    expect(metadata.asked).toEqual([]);
  });

  test("are written with the machine's role to the bucket that the stack makes", async () => {
    const made = { store: { kind: "s3", operatorArns: ["arn:aws:iam::123456789012:role/operators"] } };
    home = server(spoil(awsFleet(), "regions.cloud.backups", made), "cloud");
    nomad(home);
    store = await s3("eu-central-1", "small-cloud-snapshots", ROLE);
    expect(await put()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect([...store.objects.keys()]).toEqual([`small-cloud-snapshots/small/cloud/${NAME}`]);
  });

  test("go to AWS by the bucket's own name where no endpoint is given", async () => {
    home = server(spoil(awsFleet(), "regions.cloud.backups", { store: { kind: "s3", operatorArns: ["a"] } }), "cloud");
    nomad(home);
    store = await s3("eu-central-1", "-", ROLE);
    home.program("curl", `printf '%s\\n' "$@" | grep ^https >>${at(home, "/urls")}; exec /usr/bin/curl "$@"`);
    await put({ AWS_ENDPOINT_URL_S3: "", https_proxy: "http://127.0.0.1:9" });
    expect(readFileSync(at(home, "/urls"), "utf8").split("\n")[0]).toBe(
      `https://small-cloud-snapshots.s3.eu-central-1.amazonaws.com/small/cloud/${NAME}`,
    );
  });

  test("keep everything secret out of arguments", async () => {
    await withKey();
    home.program("curl", `printf '%s\\n' "$*" >>${at(home, "/arguments")}\nexec /usr/bin/curl "$@"`);
    expect(await put()).toMatchObject({ status: 0 });
    const seen = readFileSync(at(home, "/arguments"), "utf8");
    expect(seen).toContain("--aws-sigv4 aws:amz:us-east-1:s3");
    for (const secret of Object.values(KEY)) expect(seen).not.toContain(secret);
  });

  test("come through a store that is busy", async () => {
    await withKey();
    store.refusals.push({ status: 503, code: "SlowDown" }, { status: 500, code: "InternalError" });
    const { status, stderr } = await put();
    expect(status).toBe(0);
    expect(stderr).toContain("trying again: HTTP 503 SlowDown");
    expect(store.objects.size).toBe(1);
  });

  test("count as written when an earlier attempt came through and its answer did not", async () => {
    await withKey();
    store.refusals.push({ status: 500, code: "InternalError", stores: true });
    expect(await put()).toMatchObject({ status: 0 });
    expect(store.asked[1]).toContain("412 PreconditionFailed");
  });

  test("are given up after three attempts", async () => {
    await withKey();
    for (let count = 0; count < 3; count++) store.refusals.push({ status: 503, code: "SlowDown" });
    expect(await put()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("bucket backups: gave up after 3 attempts: HTTP 503 SlowDown\n"),
    });
    expect(store.asked).toHaveLength(3);
  });

  test.each([
    ["refused", 403, "AccessDenied"],
    ["not a bucket", 404, "NoSuchBucket"],
  ])("stop at once where waiting does not help: %s", async (_, status, code) => {
    await withKey();
    store.refusals.push({ status, code });
    expect(await put()).toMatchObject({
      status: 1,
      stderr: `steppe snapshot: cannot write to the bucket backups: HTTP ${status} ${code}\n`,
    });
    expect(store.asked).toHaveLength(1);
  });

  test("do not overwrite", async () => {
    await withKey();
    await put();
    expect(await put()).toMatchObject({ status: 1, stderr: expect.stringContaining("412 PreconditionFailed") });
  });

  test("say when the key was not delivered", async () => {
    await withKey();
    rmSync(at(home, paths.snapshotKey));
    expect(await put()).toMatchObject({ status: 1, stderr: expect.stringContaining("secret put snapshot-key") });
    expect(store.asked).toEqual([]);
  });

  test("are refused with another key, and a wrong signature never counts", async () => {
    await withKey();
    home.put(paths.snapshotKey, `${KEY.accessKeyId}\n${KEY.secretAccessKey}x\n`);
    expect(await put()).toMatchObject({ status: 1, stderr: expect.stringContaining("SignatureDoesNotMatch") });
    expect(store.objects.size).toBe(0);
  });
});

describeWithTool("curl", "snapshots in Google Cloud Storage", () => {
  const NAME = "20261121T120000Z-20.snap";
  let home: ScriptHome;
  let store: Gcs;
  const put = () =>
    home.run(SNAPSHOT_STORE, [at(home, "/saved"), NAME], {
      GCE_METADATA_HOST: new URL(store.url).host,
      STORAGE_EMULATOR_HOST: store.url,
      STEPPE_PAUSE_SECONDS: "0.1",
    });
  beforeEach(async () => {
    home = server(backedUp({ kind: "gcs", bucket: "backups" }));
    nomad(home);
    store = await gcs("backups");
  });
  afterEach(async () => {
    await store.stop();
    home.remove();
  });

  test("are written as the machine's service account", async () => {
    expect(await put()).toEqual({ status: 0, stdout: "", stderr: "" });
    expect(store.objects.get(`backups/small/north/${NAME}`)).toEqual(STATE);
  });

  test("go to the bucket that the site's stack makes", () => {
    const made = backedUp({ kind: "gcs", operators: ["group:operators@example.com"] });
    const settings = backupFiles(made, "north").find(({ path }) => path.endsWith("/snapshot.env"));
    expect(settings?.content).toContain("STEPPE_SNAPSHOT_BUCKET='small-north-snapshots'\n");
  });

  test("keep the token out of arguments", async () => {
    home.program("curl", `printf '%s\\n' "$*" >>${at(home, "/arguments")}\nexec /usr/bin/curl "$@"`);
    expect(await put()).toMatchObject({ status: 0 });
    const seen = readFileSync(at(home, "/arguments"), "utf8");
    expect(seen).toContain("uploadType=media");
    expect(seen).not.toContain(store.token);
  });

  test("come through a store that is busy, and do not overwrite", async () => {
    store.refusals.push({ status: 503, message: "Backend Error" });
    expect(await put()).toMatchObject({ status: 0, stderr: expect.stringContaining("HTTP 503 Backend Error") });
    expect(await put()).toMatchObject({ status: 1, stderr: expect.stringContaining("HTTP 412 At least one") });
  });

  test.each([
    ["", "the metadata server gives no token"],
    ['x\\r\\nX-Evil: 1" <html>', "the metadata server gives no token"],
  ])("are not sent with what is no token: %j", async (token, said) => {
    store.token = token;
    expect(await put()).toMatchObject({ status: 1, stderr: expect.stringContaining(said) });
    expect(store.asked.filter((line) => line.startsWith("POST"))).toEqual([]);
  });

  test.each([
    [412, "At least one of the pre-conditions you specified did not hold."],
    [403, "Caller does not have storage.objects.delete access to the Google Cloud Storage object."],
    [403, "Object is subject to bucket's retention policy and cannot be overwritten"],
  ])("are there when an attempt came through whose answer did not: %i %s", async (status, message) => {
    store.refusals.push({ status: 503, message: "Backend Error" }, { status, message });
    expect(await put()).toMatchObject({ status: 0, stderr: expect.stringContaining("HTTP 503 Backend Error") });
    store.refusals.push({ status, message });
    expect(await put()).toMatchObject({ status: 1, stderr: expect.stringContaining(`HTTP ${status} ${message}`) });
  });

  test("stop at the second attempt too where the service account may not write", async () => {
    store.refusals.push({ status: 503, message: "Backend Error" });
    store.refusals.push({ status: 403, message: "does not have storage.objects.create access" });
    expect(await put()).toMatchObject({ status: 1, stderr: expect.stringContaining("objects.create access\n") });
  });

  test("stop at once where the service account may not write", async () => {
    store.refusals.push({ status: 403, message: "does not have storage.objects.create access" });
    expect(await put()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining("HTTP 403 does not have storage.objects.create access\n"),
    });
  });
});

describe("a bundle", () => {
  const unit = (fleet: Fleet, name: string) =>
    serverBundle(fleet, "north").files.find(({ path }) => path === `${paths.units}/steppe-snapshot.${name}`)?.content;
  const DIRECTORY: BackupStore = { kind: "directory", path: "/mnt/backups" };

  test("has a timer where the region is backed up, and nothing of it elsewhere", () => {
    const fleet = backedUp(DIRECTORY);
    expect(unit(fleet, "timer")).toContain("PartOf=nomad.service\n");
    expect(serverBundle(fleet, "north").script).toContain("systemctl enable --quiet steppe-snapshot.timer\n");
    expect(unit(smallFleet(), "timer")).toBeUndefined();
    expect(serverBundle(fleet, "south").script).not.toContain("steppe-snapshot.timer\nif");
  });

  test("waits for what is mounted", () => {
    expect(unit(backedUp(DIRECTORY), "service")).toContain("RequiresMountsFor=/mnt/backups\n");
    expect(unit(backedUp({ kind: "gcs", bucket: "b" }), "service")).not.toContain("RequiresMountsFor");
  });

  test.each([
    [5, "*-*-* *:00/5:00 UTC"],
    [60, "*-*-* 00/1:00:00 UTC"],
    [360, "*-*-* 00/6:00:00 UTC"],
    [1440, "*-*-* 00:00:00 UTC"],
  ])("wakes all servers at once, every %i minutes", (everyMinutes, calendar) => {
    expect(unit(backedUp(DIRECTORY, { everyMinutes }), "timer")).toContain(`OnCalendar=${calendar}\n`);
  });

  test("restarts nothing of Nomad when a region is backed up from now on", () => {
    const nomadFiles = (of: Fleet) => serverBundle(of, "north").files.filter(({ concern }) => concern === "nomad");
    expect(nomadFiles(backedUp(DIRECTORY))).toEqual(nomadFiles(smallFleet()));
  });
});

describeWithTool("systemd-analyze", "systemd", (analyze) => {
  test.each([5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440])(
    "understands every %i minutes",
    async (minutes) => {
      const home = new ScriptHome();
      const timer = backupFiles(backedUp({ kind: "gcs", bucket: "b" }, { everyMinutes: minutes }), "north").find(
        ({ path }) => path.endsWith(".timer"),
      );
      const calendar = /^OnCalendar=(.*)$/m.exec(timer?.content ?? "")?.[1] ?? "";
      home.put(
        "/calendar",
        `#!/bin/sh\nexec ${analyze} calendar --iterations=3 --base-time='2026-01-01 00:00:01 UTC' '${calendar}'\n`,
      );
      const { stdout } = await home.run("/calendar", [], { TZ: "UTC" });
      home.remove();
      const times = [...stdout.matchAll(/(?:elapse|#\d+): \S+ (\S+ \S+) UTC/g)].map(([, time]) =>
        Date.parse(`${time}Z`),
      );
      expect(times.map((time) => (time - Date.parse("2026-01-01 00:00:00Z")) / 60_000)).toEqual([
        minutes,
        2 * minutes,
        3 * minutes,
      ]);
    },
  );
});
