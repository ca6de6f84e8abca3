import { describeInLab, eventually, machineObstacle, on } from "../helpers/lab";
import { BLOCK, EXPORT, KEPT, STORE, WORK } from "../helpers/storage-fleet";
import { linesIn, missing, mountsIn, said, StorageLab } from "../helpers/storage-lab";
import { findProvider } from "../helpers/terraform";

jest.setTimeout(900_000);

function tests(): void {
  let lab: StorageLab;
  /** The last line that the writer on WORK's own directories had fsynced before it was drained. */
  let kept = 0;
  beforeAll(async () => {
    lab = await StorageLab.up({ withDisk: false });
  });
  afterAll(async () => {
    await StorageLab.down();
  });

  test("a second plan changes nothing", async () => {
    const { out } = await lab.steppe("plan", "--json");
    const stacks = JSON.parse(out) as readonly { readonly stack: string; readonly status: string }[];
    expect(Object.fromEntries(stacks.map(({ stack, status }) => [stack, status]))).toEqual({
      "lab-storage-tailnet": "override",
      "lab-storage-site-dc-east": "unchanged",
      "lab-storage-site-hall": "unchanged",
      "lab-storage-control": "unchanged",
      "lab-storage-storage-east": "unchanged",
      "lab-storage-jobs-east": "unchanged",
    });
  });

  test("a job that moves to a machine of another pool finds its data", async () => {
    await lab.writes("writer", 5);
    await lab.writes("keeper", 5);
    expect((await lab.onlyOne("writer")).NodeName).toBe(WORK);
    const line = await lab.acknowledged("writer");
    kept = await lab.acknowledged("keeper");
    const since = performance.now();
    await lab.drain(WORK, "-enable -deadline 60s");
    await eventually(180, "the writer runs on the other machine", async () => {
      return (await lab.running("writer")).some(({ NodeName }) => NodeName === STORE);
    });
    await lab.writes("writer", line + 5);
    lab.told("writer has moved, drain", since);
    const lines = await linesIn(STORE, EXPORT);
    expect(lines.map(({ number }) => number)).toEqual(lines.map((_, index) => index + 1));
    expect([...new Set(lines.map(({ node }) => node))]).toEqual([WORK, STORE]);
    await eventually(120, `${WORK} mounts no volume`, async () => (await mountsIn(WORK)).length === 0);
    lab.told("and its machine mounts nothing, drain", since);

    await lab.drain(WORK, "-disable");
  });

  test("a machine is not destroyed before the jobs and volumes on it", async () => {
    const { code, err } = await lab.attempt("destroy", "site-dc-east", "--yes");
    expect(code).toBe(1);
    expect(err).toContain("lab-storage-site-dc-east: cannot go before lab-storage-jobs-east, which has state");
    expect(err).toContain("lab-storage-site-dc-east: cannot go before lab-storage-storage-east, which has state");
  });

  test("a machine that was drained and takes jobs again has its host volumes as they were", async () => {
    await lab.writes("keeper", kept + 5);
    lab.told("its own writer goes on");
    for (const directory of [BLOCK, KEPT, await lab.notes()])
      expect(missing(kept + 5, await linesIn(WORK, directory))).toEqual([]);
  });

  test("one command destroys jobs, volumes and plugins, and leaves no volume, no claim and no mount", async () => {
    const notes = await lab.notes();
    const since = performance.now();
    const { out } = await lab.steppe("destroy", "--yes");
    expect(out).toMatch(/^lab-storage-jobs-east +destroyed /m);
    expect(out).toMatch(/^lab-storage-storage-east +destroyed /m);
    lab.told("all is destroyed", since);
    for (const kind of ["csi", "host"])
      expect((await lab.api<unknown[] | null>(`/v1/volumes?type=${kind}`)) ?? []).toEqual([]);
    await eventually(
      60,
      "Nomad forgets the plugin",
      async () => ((await lab.api<unknown[] | null>("/v1/plugins?type=csi")) ?? []).length === 0,
    );
    for (const host of [STORE, WORK]) expect([host, await mountsIn(host)]).toEqual([host, []]);
    expect((await on(WORK, `test -e ${notes}`)).code).toBe(1);
    expect(await said(STORE, `test -s ${EXPORT}/log && echo kept`)).toBe("kept");
    expect(await said(WORK, `test -s ${KEPT}/log && test -s ${BLOCK}/log && echo kept`)).toBe("kept");
  });
}

const obstacle =
  machineObstacle() ?? (findProvider("hashicorp/nomad") === undefined ? "no provider hashicorp/nomad" : undefined);
describeInLab("volumes of machines that are moved and destroyed", tests, obstacle);
