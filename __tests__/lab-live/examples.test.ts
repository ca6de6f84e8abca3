import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job } from "../../constructs/jobspec/job";
import { renderJob } from "../../constructs/jobspec/render";
import { jobs } from "../../examples/jobs";
import { ensureNomadTools } from "../../lab/tools";
import { importJob } from "../../ops/import-job";
import { changes } from "../examples/plan-changes";
import { buildImage } from "../examples/stand-in-image";
import { Runner } from "../examples/running";
import { startNomad, type ClientOptions, type NomadAgents, type NomadAgentsOptions } from "../helpers/nomad-agents";
import { waitFor } from "../helpers/nomad-process";

const seeds = join(__dirname, "..", "..", "examples", "seeds");
let tools: Required<Pick<NomadAgentsOptions, "nomad" | "fakeGpu">>;
let directory: string;
let runner: Runner;
beforeAll(async () => {
  const { nomad, fixtureDirectory } = await ensureNomadTools(() => undefined);
  tools = { nomad, fakeGpu: join(fixtureDirectory, "fake-gpu") };
  directory = await mkdtemp(join(tmpdir(), "steppe-examples-"));
}, 1_200_000);
afterAll(async () => await rm(directory, { recursive: true, force: true }));

function job(name: string): Job {
  const found = jobs[name];
  if (found === undefined) throw new RangeError(`no example ${name}`);
  return found;
}

describe("a server that has the one form sees no change in the other", () => {
  let nomad: NomadAgents;
  beforeAll(async () => {
    // Nothing is to be placed: a purge while the leader applies a placement makes Nomad 1.11.3 panic.
    const server = { enabled: true, bootstrap_expect: 1, num_schedulers: 0 };
    nomad = await startNomad({ ...tools, server: { server } });
  }, 60_000);
  afterAll(async () => await nomad.stop(), 60_000);

  test.each(Object.keys(jobs))("%s", async (name) => {
    const file = join(seeds, `${name}.nomad.hcl`);
    const hcl = await nomad.parseHcl(await readFile(file, "utf8"));
    const imported = renderJob((await importJob({ file, env: { STEPPE_NOMAD: tools.nomad } })).job);
    const typed = renderJob(job(name));
    const differences = async (registered: object, ...planned: readonly object[]): Promise<readonly string[]> => {
      await nomad.post("/v1/jobs", { Job: registered });
      const plans = await Promise.all(planned.map(async (other) => await nomad.plan({ ...other })));
      await nomad.remove(`/v1/job/${typed.ID}?purge=true`);
      return plans.flatMap(({ Diff }) => changes(Diff));
    };
    expect((await nomad.validate(hcl)).ValidationErrors).toBeNull();
    expect(await differences(hcl, imported, typed)).toEqual([]);
    expect(await differences(imported, hcl)).toEqual([]);
    expect(await differences(typed, hcl)).toEqual([]);
    expect(await differences(typed, { ...hcl, Priority: 60 })).toEqual(["Priority: Edited"]);
  });
});

describe("on real clients, with stand-ins for containers", () => {
  let nomad: NomadAgents;
  const volume = (name: string) => join(directory, "volumes", name);
  const volumes = ["hf-cache", "sglang-hf-cache", "neo4j-data", "app-data", "volume-name", "nomad-logs"];

  beforeAll(async () => {
    const root = join(directory, "image");
    buildImage(root);
    for (const name of volumes) await mkdir(volume(name), { recursive: true });
    await writeFile(join(volume("nomad-logs"), "nomad.log"), "a line of the agent\n");
    const client = (name: string, model: string, count: number, memory: string): ClientOptions => ({
      name,
      drivers: ["exec"],
      cpuTotalMHz: 100_000,
      memoryTotalMiB: 262_144,
      meta: { shared_mount: "true" },
      hostVolumes: Object.fromEntries(volumes.map((each) => [each, { path: volume(each) }])),
      hostNetworks: { lan: { cidr: "127.0.0.0/8" } },
      gpus: [{ name: model, count, attributes: { memory } }],
      clientBlock: { chroot_env: { [root]: "/" } },
    });
    nomad = await startNomad({
      ...tools,
      clients: [
        client("klo01", "NVIDIA A100-SXM4-40GB", 4, "40960 MiB"),
        client("pop-os-node", "NVIDIA L4", 4, "23034 MiB"),
        client("spark-node", "NVIDIA GB10", 1, "122880 MiB"),
      ],
    });
    runner = new Runner(nomad);
    const token = { hf_token: "stand-in-token" };
    for (const id of ["vllm", "mistral-24b", "mistral-7b", "orchestrator", "agent", "sglang-gateway"])
      await runner.setVariable(`nomad/jobs/${id}`, token);
    await runner.setVariable("nomad/jobs/neo4j", { password: "stand-in-password" });
    await runner.setVariable("nomad/jobs/neo4j-setup", { password: "stand-in-password" });
    await runner.setVariable("nomad/jobs/surrealdb", { user: "root", password: "stand-in-password" });
    await runner.setVariable("nomad/jobs/monitoring", { token: "stand-in-token", ca_pem: "stand-in-ca" });
  }, 120_000);
  afterAll(async () => await nomad.stop(), 60_000);

  test("all ranks of distributed-training meet at rank 0, two GPUs each", async () => {
    await runner.run(job("ts-distributed-training"));
    const done = await runner.reached("distributed-training", "complete", 4);
    const found = await Promise.all(done.map(async (each) => await runner.rendezvous(each, "worker")));
    expect(found.map(({ rank }) => rank).sort()).toEqual(["0", "1", "2", "3"]);
    expect(new Set(found.map(({ world }) => world))).toEqual(new Set(["4"]));
    expect(new Set(found.map(({ master }) => master)).size).toBe(1);
    expect(new Set(found.flatMap(({ gpus }) => gpus?.split(","))).size).toBe(8);
    expect(new Set(done.map(({ NodeName }) => NodeName))).toEqual(new Set(["klo01", "pop-os-node"]));
    await runner.stop("distributed-training");
  }, 60_000);

  test("ml-training is its own master, on one GPU", async () => {
    await runner.run(job("ts-ml-training"));
    const [done] = await runner.reached("ml-training", "complete", 1);
    expect(await runner.rendezvous(done!, "train")).toMatchObject({
      rank: "0",
      world: "1",
      gpus: expect.stringMatching(/^GPU-[^,]+$/),
    });
    await runner.stop("ml-training");
  }, 60_000);

  test("agents find the orchestrator and their token, one GPU each", async () => {
    await runner.run(job("ai-orchestrator"));
    await runner.run(job("ai-agent"));
    expect(await runner.healthy("orchestrator")).toEqual([expect.objectContaining({ NodeName: "spark-node" })]);
    const agents = await runner.healthy("agent");
    expect(agents).toHaveLength(4);
    expect(agents.map(({ NodeName }) => NodeName)).not.toContain("spark-node");
    const { Address, Port } = await runner.instance("orchestrator");
    const seen = await Promise.all((await runner.service("agent")).map(async (each) => await runner.environment(each)));
    const wanted = { ORCHESTRATOR_URL: `http://${Address}:${Port}`, HF_TOKEN: "stand-in-token" };
    for (const each of seen) expect(each).toMatchObject(wanted);
    expect(new Set(seen.map(({ NVIDIA_VISIBLE_DEVICES }) => NVIDIA_VISIBLE_DEVICES)).size).toBe(4);
    await runner.stop("agent", "orchestrator");
  }, 60_000);

  test("the SGLang router has its workers, and starts over when they change", async () => {
    await runner.run(job("ai-sglang-gateway-complete"));
    await runner.healthy("sglang-gateway");
    const router = await runner.instance("sglang-gateway");
    const given = async () => {
      const argv = await runner.ask(router, "/argv").catch(() => "");
      return argv.split("\n").filter((word) => word.startsWith("http://"));
    };
    const registered = async () =>
      (await runner.service("sglang-worker")).map(({ Address, Port }) => `http://${Address}:${Port}`);
    const both = await waitFor(20, "the router has both workers", async () => {
      const [urls, wanted] = [(await given()).sort(), (await registered()).sort()];
      return urls.length === 2 && urls.join() === wanted.join() ? urls : undefined;
    });
    expect((await runner.environment(router))["NVIDIA_VISIBLE_DEVICES"]).toBeUndefined();
    await runner.replaceOne("sglang-gateway", "workers");
    await waitFor(30, "the router has a new worker", async () => {
      const [urls, wanted] = [(await given()).sort(), (await registered()).sort()];
      return (urls.length === 2 && urls.join() === wanted.join() && urls.join() !== both.join()) || undefined;
    });
    await runner.stop("sglang-gateway");
  }, 60_000);

  test("neo4j-setup waits for the database and logs in with the password of its variable", async () => {
    await runner.run(job("ai-neo4j-setup"));
    await waitFor(20, "the setup has failed once", async () => {
      const [first] = await runner.allocations("neo4j-setup");
      return (first?.TaskStates?.["neo4j-init"]?.Restarts ?? 0) > 0 || undefined;
    });
    await runner.run(job("ai-neo4j"));
    const [done] = await runner.reached("neo4j-setup", "complete", 1);
    expect(await runner.log(done!, "neo4j-init")).toMatch(/^ran CREATE CONSTRAINT cognee_node_id/m);
    expect(await runner.log(done!, "neo4j-init", "stderr")).toMatch(/cannot connect to 127\.0\.0\.1:7687/);
    expect(await readdir(volume("neo4j-data"))).toEqual(["neo4j"]);
    await runner.stop("neo4j-setup", "neo4j");
  }, 60_000);

  test("app-prestart prepares its volume before the app starts as another user", async () => {
    await runner.run(job("ai-app-prestart"));
    const [running] = await runner.healthy("app-prestart");
    const { "prep-disk": prepared, app } = running?.TaskStates ?? {};
    expect(prepared).toMatchObject({ State: "dead", Failed: false });
    expect(Date.parse(prepared!.FinishedAt!)).toBeLessThanOrEqual(Date.parse(app!.StartedAt));
    const { uid, gid, mode } = await stat(volume("app-data"));
    expect([uid, gid, mode & 0o777]).toEqual([1000, 1000, 0o750]);
    expect((await readdir(volume("app-data"))).sort()).toEqual(["app", "config"]);
    await runner.stop("app-prestart");
  }, 60_000);

  test("workers scale within their bounds, and not beyond", async () => {
    const scale = async (Count: number) =>
      await nomad.post("/v1/job/workers/scale", { Count, Target: { Group: "workers" }, Message: "test" });
    await runner.run(job("ai-workers"));
    expect(await runner.healthy("workers")).toHaveLength(3);
    await scale(5);
    await runner.reached("workers", "running", 5);
    await expect(scale(6)).rejects.toThrow(/group count was greater than scaling policy maximum: 6 > 5/);
    await expect(scale(0)).rejects.toThrow(/group count was less than scaling policy minimum: 0 < 1/);
    await runner.stop("workers");
  }, 60_000);

  test("redis becomes healthy by its check, and the next version adds two beside it", async () => {
    await runner.run(job("sc-example"));
    const [first] = await runner.healthy("example");
    expect(await runner.checks(first!)).toEqual(["success"]);
    await runner.run(job("sc-example-scaled"));
    const all = await runner.healthy("example", 1);
    expect(all).toHaveLength(3);
    expect(all.map(({ ID }) => ID)).toContain(first!.ID);
    expect(new Set(all.map(({ NodeName }) => NodeName)).size).toBe(3);
    expect(await runner.service("example-cache")).toHaveLength(3);
    await runner.stop("example");
  }, 60_000);

  test("system jobs run on every client and read what is the host's", async () => {
    await runner.run(job("ai-node-monitor"));
    await runner.run(job("ts-log-collector"));
    const monitors = await runner.reached("node-monitor", "running", 3);
    const collectors = await runner.reached("log-collector", "running", 3);
    for (const found of [monitors, collectors]) expect(new Set(found.map(({ NodeName }) => NodeName)).size).toBe(3);
    for (const each of monitors) {
      await waitFor(10, "the check of node-monitor passes", async () => {
        return (await runner.checks(each)).every((status) => status === "success") || undefined;
      });
    }
    const logs = await waitFor(10, "the collectors have read the logs", async () => {
      const texts = await Promise.all(collectors.map(async (each) => await runner.log(each, "log-collector")));
      return texts.every((text) => text !== "") ? texts : undefined;
    });
    expect(logs).toEqual(collectors.map(() => "a line of the agent\n"));
    await runner.stop("node-monitor", "log-collector");
  }, 60_000);

  test("all other services become healthy together, with what they need", async () => {
    await runner.createHostVolume("surrealdb-data", nomad.nodes["klo01"] ?? "");
    const files = [
      ...[
        "ai-app-host-network",
        "ai-example-structure",
        "ai-mistral-24b",
        "ai-mistral-7b",
        "ai-my-service",
        "ai-ollama",
      ],
      ...[
        "ai-ray-head",
        "ai-ray-worker",
        "ai-surrealdb",
        "ai-vllm-multi",
        "ai-vllm-single",
        "mr-nginx",
        "ts-monitoring",
      ],
    ];
    const ids = files.map((name) => job(name).id);
    for (const name of files) await runner.run(job(name));
    const all = new Map(await Promise.all(ids.map(async (id) => [id, await runner.healthy(id)] as const)));

    expect(all.get("mistral-24b")).toMatchObject([{ NodeName: "spark-node" }]);
    for (const id of ["mistral-7b", "mistral-24b"])
      expect(await runner.environment(await runner.instance(id))).toMatchObject({ HF_TOKEN: "stand-in-token" });
    const wide = await runner.environment(await runner.instance("vllm-multi"));
    expect(wide["NVIDIA_VISIBLE_DEVICES"]?.split(",")).toHaveLength(2);
    const database = await runner.environment(await runner.instance("surrealdb"));
    expect(database).toMatchObject({ SURREAL_USER: "root", SURREAL_PASS: "stand-in-password" });
    const [server] = all.get("ollama") ?? [];
    expect(await runner.log(server!, "pull-models")).toBe("list\npull llama3.2:3b\npull codellama:7b\n");
    const balancer = await runner.ask(await runner.instance("nginx"), "/file/local/load-balancer.conf");
    expect(balancer).toContain("server 127.0.0.1:65535; # force a 502");
    const prometheus = await runner.instance("monitoring");
    expect(await runner.ask(prometheus, "/file/secrets/nomad-token")).toBe("stand-in-token");
    expect(await runner.ask(prometheus, "/file/local/nomad-ca.pem")).toBe("stand-in-ca");

    const head = await runner.instance("ray-head");
    const workers = await runner.service("ray-worker");
    expect(new Set(all.get("ray-worker")?.map(({ NodeName }) => NodeName)).size).toBe(2);
    for (const worker of workers) {
      await waitFor(20, "the worker joins the head", async () => {
        const argv = await runner.ask(worker, "/argv").catch(() => "");
        return argv.split("\n").includes(`--address=${head.Address}:${head.Port}`) || undefined;
      });
    }
    await runner.stop(...ids);
  }, 90_000);

  test("versions that share an id with another become healthy after it", async () => {
    const files = ["ai-example-template", "ai-vllm-hf-cache", "ai-sglang-gateway-pattern"];
    const ids = files.map((name) => job(name).id);
    for (const name of files) await runner.run(job(name));
    for (const id of ids) expect((await runner.healthy(id)).length).toBeGreaterThan(0);
    await runner.stop(...ids);
  }, 60_000);
});
