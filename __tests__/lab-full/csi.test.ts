import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderJob } from "../../constructs/jobspec/render";
import { SHARED_DIRECTORY } from "../../lab/csi/driver";
import { CSI_PLUGIN } from "../../lab/tools";
import { describeInLab, eventually, nomad, on, operatorEnvironment, root, steppe } from "../helpers/lab";
import { MOUNTING_HOSTS, PLUGIN, type Use, writerJob } from "../helpers/lab-csi";

jest.setTimeout(580_000);

/** What the fleet says beside the fixture. */
interface Lines {
  /** Hosts that are retired. @default {} */
  readonly retired?: object;
  /** What each volume says. @default { scratch: {}, spare: {} } */
  readonly volumes?: object;
  /** The volume that each job mounts. @default { writer: "scratch" } */
  readonly jobs?: Readonly<Record<string, string>>;
  /** How. @default - as the volume has it */
  readonly accessMode?: string;
}

function fleetText({
  retired = {},
  volumes = { scratch: {}, spare: {} },
  jobs = { writer: "scratch" },
  accessMode,
}: Lines): string {
  const mounted = Object.entries(jobs).map(([id, volume]) => {
    const mount = [volume, ...(accessMode === undefined ? [] : [accessMode])].map((word) => JSON.stringify(word));
    return `new NomadJob(scope, "${id}", { fleet, detach: false, job: writerJob("${id}"), mounts: [mountOf(${mount.join(", ")})] });`;
  });
  return `
import type { Construct } from "constructs";
import { csiFleet, mountOf, writerJob } from "../../__tests__/helpers/lab-csi";
import { NomadJob } from "../../constructs/nomad/job";

export const fleet = csiFleet(${JSON.stringify(retired)}, ${JSON.stringify(volumes)});
export const workloads = {
  east: (scope: Construct) => {
    ${mounted.join("\n    ")}
  },
};
`;
}

interface Allocation {
  readonly ID: string;
  readonly NodeName: string;
  readonly ClientStatus: string;
  readonly TaskStates: Readonly<
    Record<string, { readonly Events: readonly { readonly DisplayMessage: string }[] }>
  > | null;
}

describeInLab("the CSI plugin of the lab", () => {
  const fixture = join(root, "dist", "fleets", "lab-csi.ts");
  let folder: string;
  let env: Record<string, string> = {};

  let retired = {};
  /** Writes the fleet, without the machines that have left. */
  const fleetSays = (lines: Lines) => writeFileSync(fixture, fleetText({ retired, ...lines }));
  const about = async (...args: readonly string[]) => await steppe([...args, "--fleet", fixture]);
  const succeed = async (...args: readonly string[]) => {
    const ran = await about(...args);
    expect({ code: ran.code, err: ran.code === 0 ? "" : ran.err }).toEqual({ code: 0, err: "" });
    return ran;
  };

  const ask = async (args: string) => await nomad(env, args);
  // It would read a body from a pipe that nobody closes.
  const api = async <T>(path: string) => JSON.parse((await ask(`operator api ${path} </dev/null`)).out) as T;
  const measured = (what: string, begun: number) =>
    process.stdout.write(`csi: ${what} after ${((performance.now() - begun) / 1000).toFixed(1)} s\n`);

  const allocations = async (job: string) => await api<readonly Allocation[]>(`/v1/job/${job}/allocations`);
  const nodeOf = async (job: string) =>
    (await allocations(job)).filter(({ ClientStatus }) => ClientStatus === "running").map(({ NodeName }) => NodeName);
  const claims = async (volume: string) =>
    Object.keys((await api<{ WriteAllocs: object | null }>(`/v1/volume/csi/${volume}`)).WriteAllocs ?? {});
  /** By the plugin's own records: nodes that may mount a volume. */
  const attached = async (volume: string) => {
    const { out } = await on(MOUNTING_HOSTS[0], `cat ${SHARED_DIRECTORY}/records/*-${volume}-*.json`);
    return Object.keys((JSON.parse(out) as { attachments: object }).attachments);
  };
  /** Mounts of volumes in a host's own mount table. */
  const mounts = async (host: string) =>
    (await on(host, `grep /client/csi/ /proc/self/mountinfo | grep -o ' /srv/data[^ ]*'`)).out
      .split("\n")
      .filter(Boolean);
  const log = async () =>
    (await on(MOUNTING_HOSTS[0], `cat ${SHARED_DIRECTORY}/volumes/*-scratch-*/log`)).out
      .trim()
      .split("\n")
      .map((line) => line.split(" "))
      .map(([node = "", time = ""]) => ({ node, seconds: Number(time) }));
  const killPlugins = async () => {
    for (const host of MOUNTING_HOSTS)
      if ((await on(host, `pkill -KILL -x ${CSI_PLUGIN}`)).code !== 0) throw new Error(`no plugin to kill on ${host}`);
  };
  const healthy = async () => {
    const { ControllersHealthy, NodesHealthy } = await api<Record<string, number>>(`/v1/plugin/csi/${PLUGIN}`);
    return ControllersHealthy === 2 && NodesHealthy === 2;
  };
  /** Runs a writer that Nomad is expected to refuse, and takes it away again. @returns what became of it. */
  const refused = async (id: string, use: Use, said: (words: string) => boolean) => {
    const file = join(folder, `${id}.json`);
    writeFileSync(file, JSON.stringify({ Job: renderJob(writerJob(id, use)) }));
    await ask(`job run -json -detach ${file}`);
    let words = "";
    await eventually(60, `job ${id} is refused`, async () => {
      const events = (await allocations(id)).flatMap(({ TaskStates }) =>
        Object.values(TaskStates ?? {}).flatMap(({ Events }) => Events.map(({ DisplayMessage }) => DisplayMessage)),
      );
      words = [(await ask(`job status ${id}`)).out, ...events].join("\n");
      return said(words);
    }).catch(() => undefined);
    await ask(`job stop -purge -detach ${id}`);
    return words;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "steppe-csi-"));
    mkdirSync(join(fixture, ".."), { recursive: true });
    fleetSays({});
    await steppe(["lab", "down"]);
    const { code, err } = await steppe(["lab", "run", "--fleet", fixture]);
    if (code !== 0) throw new Error(err);
    env = operatorEnvironment();
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    const { code, err } = await steppe(["lab", "down"]);
    if (code !== 0) throw new Error(err);
  });

  test("makes a volume, attaches it to one node and mounts it there, all in one apply", async () => {
    const [node = "", ...others] = await nodeOf("writer");
    expect(others).toEqual([]);
    expect(await attached("scratch")).toEqual([node]);
    expect(await claims("scratch")).toHaveLength(1);
    expect(await mounts(node)).toHaveLength(2);
    for (const other of MOUNTING_HOSTS.filter((host) => host !== node)) expect(await mounts(other)).toEqual([]);
    await eventually(20, "the job writes", async () => (await log()).length > 5);
  });

  test("is not mounted in a way that its volumes do not have: synthesis names both ends", async () => {
    fleetSays({ accessMode: "multi-node-multi-writer" });
    const { code, err } = await about("plan", "jobs-east");
    fleetSays({});
    expect(code).toBe(1);
    expect(err).toContain(
      "mounts.0.accessMode: must be a way in which regions.east.storage.volumes.scratch is offered",
    );
    expect(err).toContain('got "multi-node-multi-writer"');
  });

  test("refuses what its volumes cannot do, and Nomad what is claimed", async () => {
    const file = join(folder, "block.hcl");
    const capability = 'capability {\n  access_mode = "single-node-writer"\n  attachment_mode = "block-device"\n}';
    writeFileSync(file, `id = "block"\nname = "block"\ntype = "csi"\nplugin_id = "${PLUGIN}"\n${capability}\n`);
    const block = await ask(`volume create ${file}`);
    expect(block).toMatchObject({ code: 1, err: expect.stringContaining("block volumes cannot be had") });

    const taken = "CSI volume scratch has exhausted its available writer claims";
    expect(await refused("second", { source: "scratch" }, (words) => words.includes(taken))).toContain(taken);

    const wrong = "volume was made for [SINGLE_NODE_WRITER], not for MULTI_NODE_MULTI_WRITER";
    const many: Use = { source: "spare", accessMode: "multi-node-multi-writer" };
    expect(await refused("many", many, (words) => words.includes(wrong))).toContain(wrong);

    const device: Use = { source: "spare", attachmentMode: "block-device" };
    const asDevice = await refused("device", device, (words) => words.includes("block volumes cannot be had"));
    expect(asDevice).toContain("block volumes cannot be had");

    const used = await ask("volume delete scratch");
    expect(used).toMatchObject({ code: 1, err: expect.stringContaining("volume is attached to") });
    expect(await nodeOf("writer")).toHaveLength(1);
    await eventually(60, "nobody has a right to the spare volume", async () => (await attached("spare")).length === 0);
  });

  test("can be killed under a job that writes", async () => {
    const lines = (await log()).length;
    const begun = performance.now();
    await killPlugins();
    await eventually(90, "the plugin is back on both hosts", async () => {
      const running = await Promise.all(MOUNTING_HOSTS.map(async (host) => await on(host, `pgrep -cx ${CSI_PLUGIN}`)));
      return running.every(({ out }) => out.trim() === "2");
    });
    measured("killed plugin runs again", begun);
    const times = (await log()).slice(lines - 1).map(({ seconds }) => seconds);
    expect(times.length).toBeGreaterThan(20);
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(Math.max(...pauses)).toBeLessThan(5);
  });

  test("is killed while a volume moves, and the job finds its data on the other host", async () => {
    const [from = ""] = await nodeOf("writer");
    const before = await log();
    await killPlugins();
    const begun = performance.now();
    const drain = await ask(`node drain -enable -yes -detach -ignore-system -deadline 60s ${await nodeId(from)}`);
    expect(drain).toMatchObject({ code: 0 });
    await eventually(180, "the job runs on the other host", async () => {
      const [now] = await nodeOf("writer");
      return now !== undefined && now !== from;
    });
    measured("job runs on another host, plugins killed as it left,", begun);
    const [to = ""] = await nodeOf("writer");
    await eventually(30, "the job writes there", async () => (await log()).at(-1)?.node === to);
    const after = await log();
    expect(after.slice(0, before.length)).toEqual(before);
    expect(await attached("scratch")).toEqual([to]);
    expect(await mounts(from)).toEqual([]);
    expect(await mounts(to)).toHaveLength(2);
    await eventually(60, "one claim is left", async () => (await claims("scratch")).length === 1);
    await ask(`node drain -disable -yes ${await nodeId(from)}`);
    await eventually(90, "the plugin is healthy", healthy);
  });

  test("is as Terraform left it: the same apply changes nothing", async () => {
    const { out } = await succeed("apply", "--yes", "--json");
    const statuses = (JSON.parse(out) as readonly { readonly status: string }[]).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set(["override", "unchanged"]));
  });

  test("keeps machines from being destroyed under it, and lets go of a volume before a machine leaves", async () => {
    const early = await about("destroy", "site-dc-east", "--yes");
    expect(early.code).toBe(1);
    expect(early.err).toContain("lab-site-dc-east: cannot go before lab-jobs-east, which has state");
    expect(early.err).toContain("lab-site-dc-east: cannot go before lab-storage-east, which has state");

    const before = await log();
    const [from = ""] = await nodeOf("writer");
    const begun = performance.now();
    retired = { [from]: { reason: "sold" } };
    fleetSays({});
    await succeed("apply", "--yes");
    const [to = ""] = MOUNTING_HOSTS.filter((host) => host !== from);
    await eventually(120, "the job runs on the other host", async () => (await nodeOf("writer"))[0] === to);
    measured("a machine is retired, and its volume on another one,", begun);
    expect(await mounts(from)).toEqual([]);
    expect((await on(from, `pgrep -cx ${CSI_PLUGIN}`)).out.trim()).toBe("0");
    expect(await attached("scratch")).toEqual([to]);
    await eventually(30, "the job writes there", async () => (await log()).at(-1)?.node === to);
    expect((await log()).slice(0, before.length)).toEqual(before);
  });

  test("is followed by a job on a new volume, and gives up job and volume, all in one apply", async () => {
    const jobs = { second: "fresh" };
    fleetSays({ jobs, volumes: { spare: {}, fresh: {}, scratch: { retired: { reason: "a test" } } } });
    const begun = performance.now();
    const plan = await succeed("plan", "storage-east", "jobs-east");
    const last = "volume scratch goes after lab-jobs-east, once nothing holds it";
    expect(plan.out).toContain(`In an apply, ${last}.`);
    const { err, out } = await succeed("apply", "--yes");
    measured("one volume and its job are made, and another pair is gone,", begun);
    const order = ["create nomad_csi_volume.", "delete nomad_job.", "delete nomad_csi_volume."];
    const times = order.map((text) => err.indexOf(text));
    expect(times).not.toContain(-1);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(err).toContain(last);
    expect(out).toMatch(/^lab-storage-east +changed +1 +0 +1 /m);
    expect(await nodeOf("writer")).toEqual([]);
    expect(await nodeOf("second")).toHaveLength(1);
    const ids = (await api<readonly { readonly ID: string }[]>("/v1/volumes?type=csi")).map(({ ID }) => ID);
    expect([...ids].sort()).toEqual(["fresh", "spare"]);
    expect(await claims("fresh")).toHaveLength(1);
    expect((await steppe(["apply", "--yes", "--json", "--fleet", fixture])).out).not.toContain('"changed"');
    fleetSays({ jobs, volumes: { spare: {}, fresh: {} } });
  });

  test("keeps a volume that a job made by hand holds: nothing is applied", async () => {
    const file = join(folder, "by-hand.json");
    writeFileSync(file, JSON.stringify({ Job: renderJob(writerJob("by-hand", { source: "spare" })) }));
    await ask(`job run -json -detach ${file}`);
    await eventually(60, "it runs", async () => (await nodeOf("by-hand")).length === 1);
    const jobs = { second: "fresh" };
    fleetSays({ jobs, volumes: { fresh: {}, spare: { retired: { reason: "a test" } } } });
    const { code, err } = await about("apply", "--yes");
    expect(code).toBe(1);
    expect(err).toContain("error: volumes are held that this apply would take away");
    expect(err).toContain(
      "lab-storage-east: volume spare: would be taken away, and is mounted by by-hand/writer[0] on",
    );
    fleetSays({ jobs, volumes: { fresh: {}, spare: {} } });
    await ask("job stop -purge by-hand");
  });

  test("leaves no claim, no volume, no mount and no plugin when all is destroyed by one command", async () => {
    const begun = performance.now();
    const { out } = await succeed("destroy", "--yes");
    measured("everything is destroyed", begun);
    expect(out).toMatch(/^lab-jobs-east +destroyed /m);
    expect(out).toMatch(/^lab-storage-east +destroyed /m);
    expect((await api<unknown[] | null>("/v1/volumes?type=csi")) ?? []).toEqual([]);
    for (const host of MOUNTING_HOSTS) {
      expect(await mounts(host)).toEqual([]);
      expect((await on(host, `pgrep -cx ${CSI_PLUGIN}`)).out.trim()).toBe("0");
    }
    // Until then Nomad knows the jobs, and by them the plugin.
    await ask("system gc");
    await eventually(
      60,
      "Nomad forgets the plugin",
      async () => ((await api<unknown[] | null>("/v1/plugins?type=csi")) ?? []).length === 0,
    );
    const kept = await on(MOUNTING_HOSTS[0], `cd ${SHARED_DIRECTORY} && ls -A records volumes trash`);
    expect(kept.out.trim().split(/\s+/)).toEqual(["records:", "trash:", "volumes:"]);
  });

  async function nodeId(name: string): Promise<string> {
    const nodes = await api<readonly { readonly ID: string; readonly Name: string }[]>("/v1/nodes");
    return nodes.find(({ Name }) => Name === name)?.ID ?? "none";
  }
});
