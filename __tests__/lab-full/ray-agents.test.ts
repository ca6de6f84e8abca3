import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { RayCluster } from "../../constructs/ai/ray/cluster";
import type { RawExecConfig } from "../../constructs/jobspec/drivers/processes";
import type { Job } from "../../constructs/jobspec/job";
import { node } from "../../constructs/jobspec/references";
import { renderJob } from "../../constructs/jobspec/render";
import { RegionProvider } from "../../constructs/nomad/region-provider";
import { run } from "../../lab/run";
import { rayServices } from "../../model/well-known";
import { command, eventually } from "../helpers/lab";
import { pythonFleet } from "../helpers/lab-training";
import { type NomadAgents, startNomad } from "../helpers/nomad-agents";
import { describeWithPython, type PythonEnvironment, RAY } from "../helpers/python";
import { type Done, nodesIn, type RayNode, type RayPrograms, rayPrograms } from "../helpers/ray";

jest.setTimeout(600_000);

/** Each client has an address of its own, as on a tailnet. Ray takes another for 127.0.0.1. */
const BRIDGE = "ray-agents";
const ADDRESSES = { head: "10.254.77.1", one: "10.254.77.2", two: "10.254.77.3" } as const;
const DASHBOARD = `http://${ADDRESSES.head}:8265`;

function clusterOf({ command: interpreter, env }: PythonEnvironment): RayCluster {
  const stack = new TerraformStack(new App({ outdir: "unused" }), "ray");
  const services = rayServices({
    head: "general",
    workers: ["general"],
    clients: ["general"],
    workerPorts: "24000-24999",
  });
  new RegionProvider(stack, "Region", {
    region: "east",
    address: "https://nomad.example:4646",
    fleet: pythonFleet(services),
  });
  return new RayCluster(stack, "Ray", {
    name: "ray",
    head: { pool: "general", memory: "900MiB" },
    workers: { pool: "general", count: 2, cpus: 1, memory: "900MiB" },
    runtime: { kind: "installed", command: join(interpreter, "../../../pip/bin/ray") },
    env,
  });
}

/**
 * The job without isolation, since these clients share one machine. Each has a directory of its own there: two that begin at the same
 * moment would take the same names of sockets.
 */
function onClients(nodePool: string, job: Job, directory: string): Job {
  const groups = Object.entries(job.groups).map(([name, group]) => {
    const { ray } = group.tasks;
    if (ray?.driver !== "exec") throw new Error("no task of exec");
    const { args = [], ...config } = ray.config as RawExecConfig;
    const own = `--temp-dir=${join(directory, node.uniqueName)}`;
    const task = { ...ray, driver: "raw_exec" as const, config: { ...config, args: [...args, own] } };
    return [name, { ...group, tasks: { ray: task } }];
  });
  return { ...job, region: "global", nodePool, groups: Object.fromEntries(groups) as Job["groups"] };
}

/** Process of Ray's on the machine with this address. */
function processOf(program: "gcs_server" | "raylet", address: string): number {
  const pids = readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const [file = "", ...args] = readFileSync(`/proc/${name}/cmdline`, "utf8").split("\0");
      return (
        file.endsWith(`/${program}`) && args.some((arg) => new RegExp(`^--node[-_]ip[-_]address=${address}$`).test(arg))
      );
    } catch {
      return false; // Ended meanwhile.
    }
  });
  if (pids.length !== 1) throw new Error(`${pids.length} processes ${program} at ${address}`);
  return Number(pids[0]);
}

describeWithPython(RAY, "Ray on Nomad's agents", (python) => {
  let directory: string;
  let programs: RayPrograms;
  let nomad: NomadAgents;

  beforeAll(async () => {
    // Short: Ray's sockets are in there.
    directory = mkdtempSync(join(tmpdir(), "ray-"));
    programs = rayPrograms(directory);
    await run("ip", ["link", "del", BRIDGE], { allowFailure: true });
    await run("ip", ["link", "add", BRIDGE, "type", "bridge"]);
    await run("ip", ["link", "set", BRIDGE, "up"]);
    for (const address of Object.values(ADDRESSES)) await run("ip", ["addr", "add", `${address}/24`, "dev", BRIDGE]);
    const clients = Object.entries(ADDRESSES).map(([name, address]) => ({
      name,
      nodePool: name === "head" ? "heads" : "workers",
      hostNetworks: { tailscale: { cidr: `${address}/32` } },
    }));
    nomad = await startNomad({ clients });
  });
  afterAll(async () => {
    await nomad.stop();
    await run("ip", ["link", "del", BRIDGE]);
    rmSync(directory, { recursive: true, force: true });
  });

  const nodes = async (): Promise<readonly RayNode[]> => {
    try {
      const answer = await fetch(`${DASHBOARD}/api/v0/nodes`, { signal: AbortSignal.timeout(10_000) });
      return nodesIn(await answer.text());
    } catch {
      return []; // No dashboard yet.
    }
  };
  const alive = async () => (await nodes()).filter(({ state }) => state === "ALIVE");
  const workerAt = async (address: string) => (await alive()).find(({ node_ip }) => node_ip === address)?.node_id;
  /** What the tasks said, for the reader of a failure. */
  const said = async () => {
    const allocations = (await nomad.get("/v1/allocations")) as readonly {
      readonly ID: string;
      readonly JobID: string;
    }[];
    const logs = allocations.flatMap(({ ID, JobID }) =>
      ["stdout", "stderr"].map(async (type) => {
        const text = await nomad.text(`/v1/client/fs/logs/${ID}?task=ray&type=${type}&plain=true`);
        return [`--- ${JobID} ${ID} ${type}`, ...text.split("\n").slice(-30)];
      }),
    );
    return (await Promise.all(logs)).flat().join("\n");
  };
  const until = async (seconds: number, what: string, check: () => Promise<boolean>) => {
    const begun = Date.now();
    await eventually(seconds, what, check).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${JSON.stringify(await nodes())}\n${await said()}`);
    });
    process.stdout.write(`ray: ${what} after ${Math.round((Date.now() - begun) / 1000)} s\n`);
  };
  const isWhole = async () => {
    const ips = (await alive()).map(({ node_ip }) => node_ip);
    return JSON.stringify(ips.sort()) === JSON.stringify(Object.values(ADDRESSES));
  };
  /** Submits the program as an operator does, to the dashboard. */
  const submit = async (name: string, count: number) => {
    const ray = join(python.directory, "pip/bin/ray");
    const argv = [ray, "job", "submit", `--address=${DASHBOARD}`, `--submission-id=${name}`, "--no-wait"];
    expect(await command([...argv, "--", python.command, ...programs.squares(name, count)], python.env)).toMatchObject({
      code: 0,
    });
  };
  const result = async (name: string): Promise<Done> => {
    await until(180, `${name} has ended`, async () => await Promise.resolve(programs.result(name) !== undefined));
    return programs.result(name) as Done;
  };

  test("ends a distributed task when a worker is killed, and has the worker back", async () => {
    const cluster = clusterOf(python);
    // Workers first: they wait for the head.
    await nomad.post("/v1/jobs", { Job: renderJob(onClients("workers", cluster.workers.job, directory)) });
    await nomad.post("/v1/jobs", { Job: renderJob(onClients("heads", cluster.head.job, directory)) });
    await until(240, "head and workers are there", isWhole);
    const [one, two] = [await workerAt(ADDRESSES.one), await workerAt(ADDRESSES.two)];

    await submit("squares", 16);
    const isBusy = () =>
      programs.nodesOf("squares", "begun").includes(one ?? "") && programs.isBusy("squares", two ?? "");
    await until(120, "tasks run on both workers", async () => await Promise.resolve(isBusy()));
    process.kill(processOf("raylet", ADDRESSES.two), "SIGKILL");
    expect((await result("squares")).sum).toBe(1240);
    // One was lost, and began again.
    expect(programs.nodesOf("squares", "begun").length).toBeGreaterThan(16);

    const isBack = async () => (await isWhole()) && (await workerAt(ADDRESSES.two)) !== two;
    await until(120, "the killed worker is there again", isBack);
    const again = await workerAt(ADDRESSES.two);
    await submit("again", 8);
    expect(await result("again")).toEqual({ sum: 140, nodes: [one, again].sort() });
  });

  test("is whole again when the head's store is killed, and when the head is placed anew", async () => {
    const headId = async () => (await alive()).find(({ is_head_node }) => is_head_node)?.node_id;
    const first = await headId();
    process.kill(processOf("gcs_server", ADDRESSES.head), "SIGKILL");
    const isAnew = async (before: string | undefined) => (await headId()) !== before && (await isWhole());
    await until(240, "a new head and both workers are there", async () => await isAnew(first));
    const second = await headId();
    const [allocation] = (await nomad.get("/v1/job/ray-head/allocations")) as readonly { readonly ID: string }[];
    await nomad.post(`/v1/allocation/${allocation?.ID}/stop`, {});
    await until(240, "a third head and both workers are there", async () => await isAnew(second));
    await submit("last", 4);
    expect((await result("last")).sum).toBe(14);
  });
});
