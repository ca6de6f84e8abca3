import { labReset } from "../../lab/power";
import { describeInLab, machineObstacle } from "../helpers/lab";
import { BLOCK, EXPORT, fleet, KEPT, NOBODY, STORE, WORK } from "../helpers/storage-fleet";
import { linesIn, missing, said, StorageLab } from "../helpers/storage-lab";
import { findProvider } from "../helpers/terraform";

jest.setTimeout(900_000);

interface Seen {
  readonly id: string;
  readonly nodes?: readonly string[];
  readonly mountedBy: readonly { readonly job: string; readonly node: string; readonly access: string }[];
}
interface Report {
  readonly volumes: readonly Seen[];
  readonly findings: readonly { readonly path: string; readonly rule: string }[];
}

function tests(): void {
  let lab: StorageLab;
  beforeAll(async () => {
    lab = await StorageLab.up({ withDisk: true });
  });
  afterAll(async () => {
    await StorageLab.down();
  });

  test("host volumes, static and dynamic, have owner and mode, and the agent knows them", async () => {
    for (const path of [KEPT, BLOCK, await lab.notes()])
      expect(`${path} ${await said(WORK, `stat -c '%u:%g %a' ${path}`)}`).toBe(`${path} ${NOBODY}:${NOBODY} 750`);
    expect(await said(WORK, `findmnt -no SOURCE,FSTYPE ${BLOCK}`)).toMatch(/^\/dev\/sd[a-z] +ext4$/);
    const { HostVolumes } = await lab.api<{ HostVolumes: object }>(`/v1/node/${(await lab.nodeOf(WORK))?.ID}`);
    expect(Object.keys(HostVolumes).sort()).toEqual(["block", "kept", "notes"]);
  });

  test("jobs in two pools mount an export of the kernel's NFS server, and readers see what a writer writes", async () => {
    await lab.writes("writer", 5);
    await lab.writes("keeper", 5);
    lab.told("writers have written");
    const { NodeName } = await lab.onlyOne("writer");
    const line = await lab.acknowledged("writer");
    await lab.sees("reader-work", line);
    await lab.sees("reader-storage", line);
    lab.told("readers have seen it");
    for (const host of [STORE, WORK])
      expect(await said(host, "findmnt -rnt nfs4 -o SOURCE,OPTIONS | sort -u")).toMatch(
        new RegExp(`^${STORE}\\.${fleet.tailnet.domain}:/jobs .*noatime.*vers=4\\.1.*hard`, "m"),
      );
    expect(await said(STORE, `tail -n 1 ${EXPORT}/log`)).toMatch(new RegExp(`^\\d+ ${NodeName}$`));
  });

  test("./steppe volumes shows who mounts what where, and what nothing mounts", async () => {
    const { out } = await lab.steppe("volumes", "--json");
    const [{ volumes, findings }] = JSON.parse(out) as [Report];
    const writer = await lab.onlyOne("writer");
    const users = volumes.map(({ id, mountedBy }) => [
      id,
      mountedBy.map(({ job, node, access }) => `${job} on ${node}: ${access}`).sort(),
    ]);
    expect(Object.fromEntries(users)).toEqual({
      shared: [
        `reader-storage on ${STORE}: read`,
        `reader-work on ${WORK}: read`,
        `writer on ${writer.NodeName}: write`,
      ],
      spare: [],
      notes: [`keeper on ${WORK}: write`],
      kept: [`keeper on ${WORK}: write`],
      block: [`keeper on ${WORK}: write`],
    });
    expect(findings.map(({ path, rule }) => `${path} ${rule}`)).toEqual([
      "region east: volume spare is mounted by nothing, and no job is meant to",
    ]);
  });

  test("nothing that was fsynced is lost when the server is reset, and writers go on by themselves", async () => {
    const before = { writer: await lab.onlyOne("writer"), keeper: await lab.onlyOne("keeper") };
    await said(STORE, "echo lost >/srv/data/not-synced");
    const since = performance.now();
    await labReset(STORE);
    lab.told("machine answers again, reset", since);
    expect(await said(STORE, "cat /srv/data/not-synced 2>/dev/null || :")).toBe("");
    const at = { writer: await lab.acknowledged("writer"), keeper: await lab.acknowledged("keeper") };
    await lab.writes("writer", at.writer + 5);
    lab.told("writer on NFS goes on, reset", since);
    await lab.writes("keeper", at.keeper + 5);
    lab.told("writer on iSCSI goes on, reset", since);
    for (const job of ["writer", "keeper"] as const) {
      const now = await lab.onlyOne(job);
      expect(now.ID).toBe(before[job].ID);
      expect(now.TaskStates?.["task"]?.Restarts).toBe(0);
    }
    const last = { writer: await lab.acknowledged("writer"), keeper: await lab.acknowledged("keeper") };
    const shared = (await linesIn(STORE, EXPORT)).map(({ number }) => number);
    expect(shared.slice(0, last.writer)).toEqual(Array.from({ length: last.writer }, (_, index) => index + 1));
    for (const directory of [BLOCK, KEPT, await lab.notes()])
      expect(missing(last.keeper, await linesIn(WORK, directory))).toEqual([]);
    expect(await said(WORK, `findmnt -no OPTIONS ${BLOCK}`)).toMatch(/^rw,/);
  });

  test("the reader on the machine that was reset mounts again", async () => {
    const line = await lab.acknowledged("writer");
    const since = performance.now();
    await lab.ready(STORE);
    lab.told("its node is ready", since);
    await lab.sees("reader-storage", line);
    lab.told("its reader reads", since);
    expect((await lab.onlyOne("reader-storage")).NodeName).toBe(STORE);
  });
}

const obstacle =
  machineObstacle() ?? (findProvider("hashicorp/nomad") === undefined ? "no provider hashicorp/nomad" : undefined);
describeInLab("storage of machines with a kernel of their own", tests, obstacle);
