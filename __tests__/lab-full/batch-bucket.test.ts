import { dirname, join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { BatchInference } from "../../constructs/ai/batch/batch-inference";
import type { Job } from "../../constructs/jobspec/job";
import { renderJob } from "../../constructs/jobspec/render";
import { RegionProvider } from "../../constructs/nomad/region-provider";
import { run } from "../../ops/process";
import { projectDirectory } from "../../ops/project";
import { loadTrust } from "../../ops/trust/trust";
import { Checkout, removeCheckouts } from "../helpers/checkout";
import { pythonFleet } from "../helpers/lab-training";
import { chat, ModelService } from "../helpers/model-service";
import { describeWithMoto, type Moto, startMoto } from "../helpers/moto";
import { type NomadAgents, startNomad } from "../helpers/nomad-agents";
import { waitFor } from "../helpers/nomad-process";
import { GuardedBucket } from "../helpers/object-keys";
import { NomadFront } from "../helpers/stand-ins/nomad-front";
import { describeWithTool } from "../helpers/tools";

jest.setTimeout(300_000);

const BUCKET = "acme-tickets";
const NAME = "label-tickets";

/** The job as a user writes it, for machines without containers. */
function batchJobOn(endpoint: string, command: string): Job {
  const stack = new TerraformStack(new App({ outdir: "unused" }), "batch");
  const fleet = pythonFleet({ chat: { port: 8001, pools: ["general"], callers: ["general"] } });
  const pools = Object.entries(fleet.pools).map(([name, pool]) => [name, { ...pool, drivers: ["raw_exec"] }] as const);
  new RegionProvider(stack, "Region", {
    region: "east",
    address: "https://nomad.example:4646",
    fleet: { ...fleet, pools: Object.fromEntries(pools) },
  });
  const { job } = new BatchInference(stack, "Label", {
    name: NAME,
    service: "chat",
    pool: "general",
    input: { kind: "s3", bucket: BUCKET, prefix: "support", region: "us-east-1", endpoint },
    concurrency: 2,
    runtime: { kind: "installed", command, driver: "raw_exec", reason: "no other driver runs where the test does" },
  }).job;
  return { ...job, region: "global" };
}

/** Has Nomad's discovery find the model service of the test. */
const chatJob = (port: number): Job => ({
  id: "chat",
  nodePool: "general",
  groups: {
    chat: {
      network: { ports: { http: { static: port, hostNetwork: "tailscale" } } },
      services: [{ name: "chat", port: "http" }],
      tasks: { chat: { driver: "raw_exec", config: { command: "/bin/sleep", args: ["600"] } } },
    },
  },
});

interface Allocation {
  readonly ID: string;
  readonly ClientStatus: string;
}

describeWithMoto("a batch job over a bucket, by a real Nomad", (path) => {
  const python = join(dirname(path), "python");

  describeWithTool("nomad", "with agents of this machine", () => {
    const service = new ModelService(chat, 400);
    let moto: Moto;
    let nomad: NomadAgents;
    let front: NomadFront;
    let checkout: Checkout;
    let bucket: GuardedBucket;

    beforeAll(async () => {
      moto = await startMoto(path, {});
      bucket = new GuardedBucket(python, moto, BUCKET);
      nomad = await startNomad({
        clients: [{ name: "one", nodePool: "general", hostNetworks: { tailscale: { cidr: "127.0.0.0/8" } } }],
      });
      checkout = new Checkout();
      if ((await checkout.run("trust", "init")) !== 0) throw new Error(checkout.errors);
      front = await NomadFront.start(loadTrust("pilot", checkout), "home", nomad.address);
      Object.assign(checkout.env, front.env);
      const { port } = new URL(await service.start());
      await nomad.post("/v1/jobs", { Job: renderJob(chatJob(Number(port))) });
      await nomad.post("/v1/jobs", { Job: renderJob(batchJobOn(moto.url, python)) });
    });
    afterAll(async () => {
      await nomad.stop();
      await front.stop();
      service.stop();
      await moto.stop();
      removeCheckouts();
    });

    /** `./steppe secret put variable`, as a process of its own. */
    const putKey = async (secret_access_key: string, ...argv: readonly string[]) => {
      const pilot = join(checkout.project, "fleets", "pilot.ts");
      const steppe = [join(projectDirectory, "steppe"), "secret", "put", "variable", `nomad/jobs/${NAME}`];
      const input = JSON.stringify({ ...bucket.key, secret_access_key });
      const command = [process.execPath, ...steppe, "--from-stdin", ...argv, "--fleet", pilot];
      expect((await run(command, { env: checkout.env, input })).code).toBe(0);
    };
    const put = (name: string, count: number) => {
      const ids = Array.from({ length: count }, (_, n) => `${name}-${n}`);
      const lines = ids.map((id) => JSON.stringify({ custom_id: id, body: { messages: [{ content: id }] } }));
      bucket.put(`support/${name}.jsonl`, `${lines.join("\n")}\n`);
      return ids.sort();
    };
    const idsOf = (...texts: readonly string[]) =>
      texts
        .flatMap((text) => text.trimEnd().split("\n"))
        .map((line) => (JSON.parse(line) as { readonly custom_id: string }).custom_id)
        .sort();
    /** Dispatches a run, and gives its job. */
    const dispatch = async (directory: string) => {
      const Meta = { input: directory, output: `labels/${directory}` };
      const run = (await nomad.post(`/v1/job/${NAME}/dispatch`, { Meta })) as { readonly DispatchedJobID: string };
      return encodeURIComponent(run.DispatchedJobID);
    };
    const allocationOf = async (job: string) =>
      await waitFor(30, `${job} has an allocation`, async () => {
        const [found] = (await nomad.get(`/v1/job/${job}/allocations`)) as readonly Allocation[];
        return found;
      });
    const said = async (job: string, type: "stdout" | "stderr") => {
      const { ID } = await allocationOf(job);
      return await nomad.text(`/v1/client/fs/logs/${ID}?task=batch&type=${type}&plain=true`).catch(() => "");
    };
    const complete = async (job: string) => {
      const done = async () => ((await allocationOf(job)).ClientStatus === "complete" ? true : undefined);
      await waitFor(120, `${job} is complete`, done);
    };

    test("says that the store refuses its key, and goes on by itself once the key is right", async () => {
      const ids = put("monday/a", 6);
      await putKey("wrong");
      const job = await dispatch("monday");
      await waitFor(60, "the store has refused the key", async () =>
        (await said(job, "stderr")).includes("SignatureDoesNotMatch") ? true : undefined,
      );
      expect(service.requests).toEqual([]);
      await putKey(bucket.key.secret_access_key, "--rotate");
      await complete(job);
      expect(idsOf(bucket.get("support/labels/monday/a.jsonl"))).toEqual(ids);
      expect(await said(job, "stdout")).toContain("1 files, 1 done now with 6 lines");
      const logs = [await said(job, "stdout"), await said(job, "stderr")].join("\n");
      expect(logs).not.toContain(bucket.key.secret_access_key);
    });

    test("does nothing when it is dispatched again", async () => {
      const before = service.requests.length;
      const job = await dispatch("monday");
      await complete(job);
      expect(await said(job, "stdout")).toContain("1 files, 0 done now with 0 lines, the others before");
      expect(service.requests).toHaveLength(before);
    });

    test("killed half-way goes on where it was, and only what is whole has its name", async () => {
      const ids = put("tuesday/a", 80);
      const job = await dispatch("tuesday");
      const output = "support/labels/tuesday/a.jsonl";
      const pieces = () => bucket.keys().filter((key) => key.startsWith(`${output}.partial/`));
      await waitFor(60, "a piece is kept", async () => await Promise.resolve(pieces().length > 0 ? true : undefined));
      const { ID } = await allocationOf(job);
      await nomad.post(`/v1/client/allocation/${ID}/signal`, { Signal: "SIGKILL", Task: "batch" });
      const before = service.requests.length;
      const kept = idsOf(...pieces().map((key) => bucket.get(key))).length;
      expect(kept).toBeGreaterThan(5);
      expect(bucket.keys()).not.toContain(output);
      await complete(job);
      expect(idsOf(bucket.get(output))).toEqual(ids);
      expect(service.requests.length - before).toBe(80 - kept);
      expect(bucket.keys().filter((key) => key.includes(".partial/"))).toEqual([]);
    });
  });
});
