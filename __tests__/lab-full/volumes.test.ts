import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { command, describeInLab, eventually, nomad, on, operatorEnvironment, root, steppe } from "../helpers/lab";
import { findProvider } from "../helpers/terraform";

jest.setTimeout(600_000);

const FILE = join(root, "dist", "fleets", "lab-volumes.ts");

/** What the fleet says of its volumes; undefined for a line that is gone. */
interface Lines {
  readonly work?: object;
  readonly scratch?: object;
}

/**
 * One server, one machine of a pool, two dynamic host volumes, and a job whose group claims the first. No task has it in its file
 * system: raw_exec has none, and the lab's containers run nothing else.
 */
function fleetSays(lines: Lines): void {
  const made = { kind: "dynamic-host", pool: "general", mode: "0750" };
  const volumes = Object.fromEntries(Object.entries(lines).map(([id, more]) => [id, { ...made, ...(more as object) }]));
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(
    FILE,
    `import { NomadJob } from "../../constructs/nomad/job";
import { fleet as lab } from "../../fleets/lab";
const { edge, gpu, ...pools } = lab.pools;
const { "dc-east": east } = lab.sites;
const { "east-1": server, "general-1": machine } = east.hosts;
export const fleet = {
  ...lab,
  sites: { "dc-east": { ...east, hosts: { "east-1": server, "general-1": machine } } },
  regions: { east: { ...lab.regions.east, servers: { hosts: ["east-1"] }, storage: { volumes: ${JSON.stringify(volumes)} } } },
  pools,
  services: {},
};
const task = {
  driver: "raw_exec",
  config: { command: "/bin/sleep", args: ["3600"] },
  resources: { cpu: "20MHz", memory: "16MiB" },
};
export const workloads = {
  east: (scope) => {
    new NomadJob(scope, "keeper", {
      job: {
        id: "keeper",
        allow: [{ rule: "raw-exec", reason: "no other driver runs in the lab's containers" }],
        nodePool: "general",
        groups: {
          keeper: {
            volumes: { data: { type: "host", source: "work", accessMode: "single-node-multi-writer", attachmentMode: "file-system" } },
            tasks: { keeper: task },
          },
        },
      },
    });
  },
};
`,
  );
}

const about = async (...args: readonly string[]) => await steppe([...args, "--fleet", FILE]);
const succeed = async (...args: readonly string[]) => {
  const ran = await about(...args);
  expect({ code: ran.code, err: ran.code === 0 ? "" : ran.err }).toEqual({ code: 0, err: "" });
  return ran;
};
interface Seen {
  readonly id: string;
  readonly kind: string;
  readonly uuid?: string;
  readonly nodes?: readonly string[];
  readonly mountedBy: readonly object[];
}
const volumes = async (): Promise<readonly Seen[]> =>
  (JSON.parse((await succeed("volumes", "--json")).out) as [{ volumes: readonly Seen[] }])[0].volumes;

const suite = findProvider("hashicorp/nomad") === undefined ? describe.skip : describeInLab;

suite("dynamic host volumes in a fleet on real hosts", () => {
  let env: Record<string, string> = {};
  const isLeft = async (uuid = "") =>
    (await on("general-1", `test -e /srv/data/nomad/host_volumes/${uuid}`)).code === 0;

  beforeAll(async () => {
    await steppe(["lab", "down"]);
    fleetSays({ work: {}, scratch: {} });
    await succeed("lab", "up");
    await succeed("apply", "--yes");
    env = operatorEnvironment();
  });
  afterAll(async () => {
    const { code, err } = await steppe(["lab", "down"]);
    await command(["rm", "-f", FILE]);
    if (code !== 0) throw new Error(err);
  });

  test("are seen with who mounts them, and what nothing mounts", async () => {
    await eventually(60, "the job runs", async () => (await volumes())[0]?.mountedBy.length === 1);
    const { out } = await succeed("volumes");
    expect(out).toMatch(
      /^work +dynamic-host +general-1 +- +keeper\/keeper\[0\] on general-1 write for \d+s.* +keeper\/keeper write$/m,
    );
    expect(out).toContain("region east: volume scratch: is mounted by nothing, and no job is meant to");
    expect(await volumes()).toMatchObject([
      {
        id: "work",
        kind: "dynamic-host",
        nodes: ["general-1"],
        mountedBy: [{ job: "keeper", index: 0, access: "write" }],
      },
      { id: "scratch", kind: "dynamic-host", mountedBy: [] },
    ]);
  });

  test("are not lost with a deleted line, and nothing else is applied then", async () => {
    fleetSays({ work: {} });
    const { code, err } = await about("apply", "--yes");
    expect(code).toBe(1);
    expect(err).toContain(
      "error: volumes would be lost\n  - lab-storage-east: volume scratch: would be destroyed with its data: its line is gone",
    );
    const plan = await about("plan", "storage-east");
    expect(plan.code).toBe(1);
    expect(plan.err).toContain("volumes would be lost: an apply refuses this");
    expect(await volumes()).toMatchObject([{ id: "work" }, { id: "scratch", kind: "host" }]);
  });

  test("stay with their data when they are retired, and the line can go", async () => {
    fleetSays({ work: {}, scratch: { retired: { reason: "moved" } } });
    await succeed("apply", "storage-east", "--yes");
    const { out } = await succeed("volumes", "scratch");
    expect(out).toContain("is retired, and still in Nomad with its data; nomad volume delete -type=host ");
    fleetSays({ work: {} });
    await succeed("apply", "--yes");
    const [, scratch] = await volumes();
    expect(scratch).toMatchObject({ id: "scratch", kind: "host" });
    expect(await isLeft(scratch?.uuid)).toBe(true);
    expect((await nomad(env, `volume delete -type=host ${scratch?.uuid ?? ""}`)).code).toBe(0);
  });

  test("are destroyed when they are retired and disposable", async () => {
    fleetSays({ work: {}, scratch: { disposable: { reason: "a test" } } });
    await succeed("apply", "storage-east", "--yes");
    const scratch = (await volumes()).find(({ id }) => id === "scratch");
    fleetSays({ work: {}, scratch: { disposable: { reason: "a test" }, retired: { reason: "done" } } });
    await succeed("apply", "storage-east", "--yes");
    expect((await volumes()).map(({ id }) => id)).toEqual(["work"]);
    expect(await isLeft(scratch?.uuid)).toBe(false);
  });

  test("are in the way of a destroy while they are kept, or mounted by what stays", async () => {
    const kept = await about("destroy", "storage-east", "jobs-east", "--yes");
    expect(kept.code).toBe(1);
    expect(kept.err).toContain("lab-storage-east: volume work: is kept: destroying it loses its data; give it retired");
    fleetSays({ work: { disposable: { reason: "a test" } } });
    const mounted = await about("destroy", "storage-east", "--yes");
    expect(mounted.code).toBe(1);
    expect(mounted.err).toContain("lab-storage-east: cannot go before lab-jobs-east, which has state");
    expect(mounted.err).toContain(
      "lab-storage-east: volume work: is mounted by keeper/keeper[0] on general-1, a job that is not destroyed",
    );
    expect((await volumes())[0]?.mountedBy).toHaveLength(1);
  });

  test("go with their jobs in one command, and leave nothing on the machine", async () => {
    const [work] = await volumes();
    const { err, out } = await succeed("destroy", "jobs-east", "storage-east", "--yes");
    expect(out).toMatch(/^lab-jobs-east +destroyed /m);
    expect(out).toMatch(/^lab-storage-east +destroyed /m);
    expect(err).toContain("lab-storage-east  waiting for lab-jobs-east");
    expect(await volumes()).toEqual([expect.objectContaining({ id: "work", inNomad: false })]);
    expect(await isLeft(work?.uuid)).toBe(false);
  });
});
