import { job, type ExampleClients, exampleTools, startExampleClients } from "../examples/clients";
import type { Runner } from "../examples/running";
import { waitFor } from "../helpers/nomad-process";

describe("services of the examples on real clients, with stand-ins for containers", () => {
  let clients: ExampleClients;
  let runner: Runner;
  beforeAll(async () => {
    clients = await startExampleClients(await exampleTools());
    runner = clients.runner;
  }, 1_200_000);
  afterAll(async () => await clients.stop(), 60_000);

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
    await runner.createHostVolume("surrealdb-data", clients.nomad.nodes["klo01"] ?? "");
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
