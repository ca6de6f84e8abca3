import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mounts, mountsBelow } from "../../lab/images";
import { ensureNomadTools } from "../../lab/tools";
import type { ApiJob } from "../helpers/nomad-api";
import { startNomad, type NomadAgents, type NomadAgentsOptions } from "../helpers/nomad-agents";
import { waitFor } from "../helpers/nomad-process";

const h100 = { name: "NVIDIA H100 80GB HBM3", count: 2, attributes: { memory: "81559 MiB", driver_version: "550.54" } };
const l4 = { name: "NVIDIA L4", count: 1, attributes: { memory: "23034 MiB" } };

/** A batch job whose task prints its environment, on as many devices of enough memory as asked for. */
function job(id: string, memory: string, devices = 1): ApiJob {
  const device = {
    Name: "nvidia/gpu",
    Count: devices,
    Constraints: [{ LTarget: "${device.attr.memory}", RTarget: memory, Operand: ">=" }],
  };
  const task = {
    Name: "main",
    Driver: "raw_exec",
    Config: { command: "/usr/bin/env" },
    Resources: { CPU: 100, MemoryMB: 32, Devices: [device] },
  };
  return { ID: id, Name: id, Type: "batch", NodePool: "gpu", TaskGroups: [{ Name: "main", Tasks: [task] }] };
}

/** Placement failures by what filtered the nodes. */
async function refusals(nomad: NomadAgents, asked: ApiJob): Promise<unknown> {
  return (await nomad.plan(asked)).FailedTGAllocs?.["main"]?.ConstraintFiltered;
}

/** True while a process runs with exactly this command line. */
async function runs(...argv: string[]): Promise<boolean> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.includes(`${argv.join("\0")}\0`);
}

let tools: Pick<NomadAgentsOptions, "nomad" | "fakeGpu">;
let temporary: string;
const usual = process.env["TMPDIR"];
beforeAll(async () => {
  const { nomad, fixtureDirectory } = await ensureNomadTools(() => undefined);
  tools = { nomad, fakeGpu: join(fixtureDirectory, "fake-gpu") };
  // A place of our own, so that what is left behind can be told from the work of others.
  temporary = await mkdtemp(join(tmpdir(), "steppe-"));
  process.env["TMPDIR"] = temporary;
}, 1_200_000);
afterAll(async () => {
  if (usual === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = usual;
  await rm(temporary, { recursive: true });
});

describe("a server and clients on this machine", () => {
  let nomad: NomadAgents;
  beforeAll(async () => {
    nomad = await startNomad({
      ...tools,
      clients: [
        {
          name: "gpu-1",
          nodePool: "gpu",
          datacenter: "east",
          nodeClass: "hgx",
          meta: { rack: "r7" },
          cpuTotalMHz: 12_000,
          memoryTotalMiB: 4096,
          hostVolumes: { models: { path: "/tmp", readOnly: true } },
          hostNetworks: { local: { cidr: "127.0.0.0/8" } },
          gpus: [h100, l4],
        },
        { name: "plain-1" },
      ],
    });
  }, 120_000);
  afterAll(async () => await nomad.stop(), 60_000);

  test("reads, validates and refuses jobs", async () => {
    const parsed = await nomad.parseHcl('job "a" {\ngroup "g" {\ntask "t" {\ndriver = "raw_exec"\n}\n}\n}');
    expect(parsed).toMatchObject({ ID: "a" });
    expect((await nomad.validate(job("small", "1 GiB"))).ValidationErrors).toBeNull();
    expect((await nomad.validate({ ...job("small", "1 GiB"), TaskGroups: [] })).ValidationErrors).toContain(
      "Missing job task groups",
    );
  });

  test("has the client as configured", async () => {
    expect(await nomad.get(`/v1/node/${nomad.nodes["gpu-1"]}`)).toMatchObject({
      NodePool: "gpu",
      Datacenter: "east",
      NodeClass: "hgx",
      Meta: { rack: "r7" },
      HostVolumes: { models: { Path: "/tmp", ReadOnly: true } },
      HostNetworks: { local: { CIDR: "127.0.0.0/8" } },
      NodeResources: { Cpu: { CpuShares: 12_000 }, Memory: { MemoryMB: 4096 } },
    });
    expect(await nomad.get(`/v1/node/${nomad.nodes["plain-1"]}`)).toMatchObject({
      NodePool: "default",
      Datacenter: "dc1",
    });
  });

  test("fingerprints every kind of fake GPU, numbers with their units", async () => {
    const node = (await nomad.get(`/v1/node/${nomad.nodes["gpu-1"]}`)) as { NodeResources: { Devices: unknown[] } };
    expect(node.NodeResources.Devices).toHaveLength(2);
    expect(node.NodeResources.Devices).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          Vendor: "nvidia",
          Type: "gpu",
          Name: h100.name,
          Instances: [expect.objectContaining({ Healthy: true }), expect.objectContaining({ Healthy: true })],
          Attributes: {
            memory: expect.objectContaining({ Int: 81_559, Unit: "MiB" }),
            driver_version: expect.objectContaining({ String: "550.54" }),
          },
        }),
        expect.objectContaining({ Name: l4.name, Attributes: { memory: expect.objectContaining({ Int: 23_034 }) } }),
      ]),
    );
  });

  test("plans by what devices have", async () => {
    expect(await refusals(nomad, job("large", "40 GiB", 2))).toBeUndefined();
    expect(await refusals(nomad, job("huge", "100 GiB"))).toEqual({ "missing devices": 1 });
    expect(await refusals(nomad, job("three", "40 GiB", 3))).toEqual({ "missing devices": 1 });
  });

  test("runs a task that sees its devices", async () => {
    await nomad.post("/v1/jobs", { Job: job("seen", "40 GiB", 2) });
    const allocation = await waitFor(30, "the task has ended", async () => {
      const all = (await nomad.get("/v1/job/seen/allocations")) as { ID: string; ClientStatus: string }[];
      return all.find(({ ClientStatus }) => ClientStatus === "complete");
    });
    const output = await nomad.text(`/v1/client/fs/logs/${allocation.ID}?task=main&type=stdout&plain=true`);
    expect(output).toMatch(/^NVIDIA_VISIBLE_DEVICES=GPU-[0-9a-f-]{36},GPU-[0-9a-f-]{36}$/m);
  }, 60_000);
});

test("leaves nothing behind where a client does not come up", async () => {
  const broken = { name: "broken", agent: { data_dir: "not/absolute" } };
  await expect(startNomad({ ...tools, clients: [broken] })).rejects.toThrow(/agent broken has ended[^]*absolute/);
  expect(await readdir(temporary)).toEqual([]);
}, 60_000);

test("stop ends running tasks, too", async () => {
  const nomad = await startNomad({ ...tools, clients: [{ name: "one" }] });
  const sleep = ["/bin/sleep", "86397"] as const;
  const sleeper = { Name: "t", Driver: "raw_exec", Config: { command: sleep[0], args: [sleep[1]] } };
  const group = { Name: "g", Tasks: [sleeper] };
  await nomad.post("/v1/jobs", { Job: { ID: "sleep", Name: "sleep", Type: "service", TaskGroups: [group] } });
  await waitFor(30, "the task runs", async () => {
    const [first] = (await nomad.get("/v1/job/sleep/allocations")) as { ClientStatus: string }[];
    return first?.ClientStatus === "running" ? first : undefined;
  });
  expect(await runs(...sleep)).toBe(true);
  await nomad.stop();
  await nomad.stop();
  expect(nomad.pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
  expect(await runs(...sleep)).toBe(false);
  expect(mountsBelow(await mounts(), temporary)).toEqual([]);
  expect(await readdir(temporary)).toEqual([]);
}, 90_000);
