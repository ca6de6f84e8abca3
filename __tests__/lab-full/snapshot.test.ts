import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { command, describeInLab, eventually, nomad, on, operatorEnvironment, root, steppe } from "../helpers/lab";
import { findTool } from "../helpers/tools";

jest.setTimeout(580_000);

const BACKUPS = "/srv/data/backups";
const servers = ["east-1", "east-2", "east-3"];

/** The lab's fleet with a directory of each server for snapshots, once a day, so that none comes by itself. */
const FLEET = `
import { fleet as lab, workloads } from "../../fleets/lab";

const backups = { store: { kind: "directory", path: "${BACKUPS}" }, everyMinutes: 1440 } as const;
export const fleet = { ...lab, regions: { ...lab.regions, east: { ...lab.regions["east"], backups } } };
export { workloads };
`;

const succeed = async (args: readonly string[]) => {
  const ran = await steppe(args);
  expect({ code: ran.code, err: ran.code === 0 ? "" : ran.err }).toEqual({ code: 0, err: "" });
  return ran;
};

describeInLab("snapshots of a region", () => {
  const fixture = join(root, "dist", "fleets", "lab-backups.ts");
  let folder: string;
  let env: Record<string, string> = {};
  let leader = "";
  let followers: readonly string[] = [];
  let snapshot = "";
  let clientToken = "";

  const ask = async (args: string, token?: string) =>
    await nomad(token === undefined ? env : { ...env, NOMAD_TOKEN: token }, args);
  const said = async (args: string) => {
    const { code, out, err } = await ask(args);
    expect({ args, code, err: code === 0 ? "" : err }).toEqual({ args, code: 0, err: "" });
    return out.trim();
  };
  const variable = async () => await ask("var get -item word -namespace default secret/of-test");
  const stored = async (host: string) =>
    (await on(host, `find ${BACKUPS} -type f -printf '%m %p\\n'`)).out.split("\n").filter((line) => line !== "");
  const takeOn = async (host: string) => await on(host, "systemctl start steppe-snapshot.service");
  const journalOf = async (host: string) =>
    (await on(host, "journalctl -u steppe-snapshot.service -o cat --no-pager")).out;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "steppe-snapshot-"));
    mkdirSync(join(fixture, ".."), { recursive: true });
    writeFileSync(fixture, FLEET);
    await steppe(["lab", "down"]);
    await succeed(["lab", "run", "--fleet", fixture]);
    env = operatorEnvironment();
    for (const host of servers) await on(host, `mkdir -p ${BACKUPS}`);
    leader = /^(east-\d)\.east .* true /m.exec(await said("server members"))?.[1] ?? "";
    followers = servers.filter((host) => host !== leader);
    if (followers.length !== 2) throw new Error("region east has no leader");
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    const { code, err } = await steppe(["lab", "down"]);
    if (code !== 0) throw new Error(err);
  });

  test("are due by a timer on every server", async () => {
    for (const host of servers)
      expect((await on(host, "systemctl is-active steppe-snapshot.timer")).out.trim()).toBe("active");
  });

  test("are written by the leader alone, for root alone", async () => {
    await said("var put -force -namespace default secret/of-test word=hunter22");
    await said('acl policy apply -description test reader - <<\'E\'\nnamespace "default" { policy = "read" }\nE');
    clientToken = await said("acl token create -name of-test -policy reader -t '{{.SecretID}}'");
    for (const host of followers) {
      expect(await takeOn(host)).toMatchObject({ code: 0 });
      expect(await journalOf(host)).toContain("leads, which takes the snapshots");
      expect(await stored(host)).toEqual([]);
    }
    const begun = performance.now();
    expect(await takeOn(leader)).toMatchObject({ code: 0 });
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    const [file = "", ...others] = await stored(leader);
    expect(others).toEqual([]);
    expect(file).toMatch(new RegExp(`^600 ${BACKUPS}/lab/east/\\d{8}T\\d{6}Z-\\d+\\.snap$`));
    expect((await on(leader, "ls -A /srv/data/nomad")).out).not.toContain("steppe-snapshot");
    const path = file.replace("600 ", "");
    snapshot = join(folder, path.split("/").at(-1) ?? "");
    writeFileSync(snapshot, Buffer.from((await on(leader, `base64 ${path}`)).out, "base64"));
    process.stdout.write(`snapshot: taken in ${seconds} s, ${statSync(snapshot).size} bytes\n`);
  });

  test("that cannot be written fail the unit, and say why", async () => {
    await on(leader, `mv ${BACKUPS} ${BACKUPS}.away`);
    expect((await takeOn(leader)).code).not.toBe(0);
    expect((await on(leader, "systemctl is-failed steppe-snapshot.service")).out.trim()).toBe("failed");
    expect(await journalOf(leader)).toContain(`there is no directory ${BACKUPS} on this machine: is it mounted?`);
    await on(leader, `mv ${BACKUPS}.away ${BACKUPS}`);
  });

  test("are saved by an operator, once under a name, for the owner alone", async () => {
    const file = join(folder, "by-hand.snap");
    const { out } = await succeed(["snapshot", "save", file, "--region", "east", "--fleet", fixture]);
    expect(out).toContain(`saved the state of region east: ${file}`);
    expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
    const inspected = await command([findTool("nomad") ?? "nomad", "operator", "snapshot", "inspect", file]);
    expect(inspected.out).toMatch(/^ACLToken +\d/m);
    const again = await steppe(["snapshot", "save", file, "--region", "east", "--fleet", fixture]);
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining("is there already") });
  });

  test("take a right of their own to be saved, and the management token to be restored", async () => {
    await said("acl policy apply saver - <<'E'\noperator { capabilities = [\"snapshot-save\"] }\nE");
    const saver = await said("acl token create -name saver -policy saver -t '{{.SecretID}}'");
    const file = join(folder, "by-right.snap");
    expect(await ask(`operator snapshot save ${file}.refused`, clientToken)).toMatchObject({ code: 1 });
    expect(await ask(`operator snapshot save ${file}`, saver)).toMatchObject({ code: 0 });
    const restored = await ask(`operator snapshot restore ${file}`, saver);
    expect(restored).toMatchObject({ code: 1, err: expect.stringContaining("403 (Permission denied)") });
  });

  test("are not restored in another region, nor when they are broken", async () => {
    const other = await steppe(["snapshot", "restore", snapshot, "--region", "west", "--fleet", fixture, "--yes"]);
    expect(other.code).toBe(1);
    expect(other.err).toContain("does not seem to be a snapshot of region west");
    expect(other.err).toContain('jobs: must be of region west, got "east"');
    expect(other.err).toContain('servers: must be of region west, got "east"');
    const broken = join(folder, "broken.snap");
    writeFileSync(broken, readFileSync(snapshot).subarray(0, 4000));
    const cut = await steppe(["snapshot", "restore", broken, "--region", "east", "--fleet", fixture, "--yes"]);
    expect(cut).toMatchObject({ code: 1, err: expect.stringContaining("is no snapshot that Nomad can read") });
    const asked = await steppe(["snapshot", "restore", snapshot, "--region", "east", "--fleet", fixture]);
    expect(asked).toMatchObject({ code: 1, err: expect.stringContaining("give --yes") });
  });

  test("bring back jobs, variables and tokens after all servers have lost their state", async () => {
    expect(await said("job status hello")).toMatch(/^ID += hello$/m);
    await Promise.all(servers.map(async (host) => await on(host, "systemctl stop nomad")));
    for (const host of servers) expect(await on(host, "rm -rf /srv/data/nomad/server")).toMatchObject({ code: 0 });
    await Promise.all(servers.map(async (host) => await on(host, "systemctl start nomad")));
    for (const host of servers) await on(host, "systemctl restart --no-block steppe-acl-bootstrap");
    await eventually(
      120,
      "the new region knows the operator's token",
      async () => (await ask("acl token self")).code === 0,
    );
    expect((await ask("job status hello")).err).toContain('No job(s) with prefix or ID "hello" found');
    expect(await variable()).toMatchObject({ code: 1 });
    expect(await ask("acl token self", clientToken)).toMatchObject({ code: 1 });
    const later = await said("acl token create -name later -type management -t '{{.SecretID}}'");
    expect(await ask("acl token self", later)).toMatchObject({ code: 0 });

    const begun = performance.now();
    const args = ["snapshot", "restore", snapshot, "--region", "east", "--fleet", fixture, "--yes", "--json"];
    const { out } = await succeed(args);
    process.stdout.write(`snapshot: restored in ${((performance.now() - begun) / 1000).toFixed(1)} s\n`);
    expect(JSON.parse(out)).toMatchObject({ region: "east", regions: ["east"], knowsToken: true, problems: [] });

    expect(await said("job status hello")).toMatch(/^ID += hello$/m);
    expect(await variable()).toMatchObject({ code: 0, out: expect.stringMatching(/^hunter22\s*$/) });
    expect(await ask("acl token self", clientToken)).toMatchObject({ code: 0 });
    expect(await ask("acl token self", later)).toMatchObject({ code: 1 });
    const url = "http://general-1.lab.internal:8080/";
    await eventually(
      180,
      "hello answers again",
      async () => (await on("edge-1", `curl -sf --max-time 2 ${url}`)).code === 0,
    );
    process.stdout.write(`snapshot: job answers ${((performance.now() - begun) / 1000).toFixed(1)} s after\n`);
  });

  test("leave a region as Terraform knows it", async () => {
    expect((await succeed(["lab", "run", "--fleet", fixture])).err).toContain("nothing changed");
  });
});
