import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { renderJob } from "../../constructs/jobspec/render";
import type { Job } from "../../constructs/jobspec/job";
import { RegionProvider } from "../../constructs/nomad/region-provider";
import { defineFleet } from "../../model/fleet";
import { type NomadAgents, startNomad } from "../helpers/nomad-agents";
import { waitFor } from "../helpers/nomad-process";
import { describeWithPython, SGLANG_ROUTER } from "../helpers/python";
import { LLAMA, writeTinyEngine } from "../helpers/tiny-engine";
import { TINY_MODEL, tinyService } from "../helpers/tiny-service";
import { describeWithTool } from "../helpers/tools";

jest.setTimeout(180_000);

const PORT = 18_474;
const ROUTER = `http://127.0.0.1:${PORT}`;

const fleet = defineFleet({
  name: "small",
  tailnet: {
    domain: "lab.internal",
    controlServer: "http://127.0.0.1:8080",
    dialect: "headscale",
    tagOwners: ["lab@"],
  },
  backend: { kind: "local" },
  versions: { nomad: "1.11.3" },
  sites: {
    here: {
      platform: "onprem",
      networks: ["10.61.1.0/24"],
      hosts: { server: { address: "10.61.1.11" }, one: { address: "10.61.1.21" }, two: { address: "10.61.1.22" } },
    },
  },
  regions: { global: { site: "here", servers: { hosts: ["server"] }, authoritative: true } },
  pools: {
    cpu: {
      region: "global",
      site: "here",
      hosts: ["one", "two"],
      hardware: { cpuMHz: 2000, memoryMiB: 2048 },
      drivers: ["raw_exec"],
    },
  },
  services: {
    chat: { port: PORT, pools: ["cpu"], callers: ["operators"] },
    "chat-workers": { port: "dynamic", pools: ["cpu"], callers: ["cpu"] },
  },
});

interface Worker {
  readonly url: string;
  readonly is_healthy: boolean;
}

interface Allocation {
  readonly ID: string;
  readonly ClientStatus: string;
}

describeWithTool("nomad", "a model's workers behind the router, by a real Nomad", () => {
  describeWithPython(LLAMA, "of a real llama.cpp", (llama) => {
    describeWithPython(SGLANG_ROUTER, "and the real router of SGLang", (router) => {
      const directory = mkdtempSync(join(tmpdir(), "steppe-engine-"));
      let nomad: NomadAgents;
      let jobs: { readonly workers: Job; readonly router: Job };

      const register = async (job: Job) => await nomad.post("/v1/jobs", { Job: renderJob(job) });
      const running = async (job: string) =>
        ((await nomad.get(`/v1/job/${job}/allocations`)) as readonly Allocation[]).filter(
          ({ ClientStatus }) => ClientStatus === "running",
        );
      const workers = async () =>
        ((await (await fetch(`${ROUTER}/workers`)).json()) as { readonly workers: readonly Worker[] }).workers;
      const hasWorkers = async (count: number) =>
        await waitFor(60, `the router has ${count} workers`, async () => {
          const all = await workers().catch(() => []);
          return all.length === count && all.every((worker) => worker.is_healthy) ? all : undefined;
        });

      /** Asks from several callers at once until told to end. @returns how many answers of each kind there were. */
      function load(callers: number) {
        const answers = { good: 0, bad: [] as string[] };
        let goesOn = true;
        const call = async () => {
          while (goesOn) {
            const told = await ask().catch((error: unknown) => String(error));
            if (told === "good") answers.good += 1;
            else answers.bad.push(told);
          }
        };
        const all = Array.from({ length: callers }, call);
        return async () => {
          goesOn = false;
          await Promise.all(all);
          return answers;
        };
      }
      async function ask(): Promise<string> {
        const response = await fetch(`${ROUTER}/v1/chat/completions`, {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify({ model: TINY_MODEL, max_tokens: 64, messages: [{ role: "user", content: "hello" }] }),
          signal: AbortSignal.timeout(30_000),
        });
        const text = await response.text();
        if (!response.ok) return `${response.status} ${text}`;
        const { choices, usage } = JSON.parse(text) as {
          readonly choices: readonly { readonly message: { readonly content: string } }[];
          readonly usage: { readonly completion_tokens: number };
        };
        return choices.length === 1 && usage.completion_tokens > 0 ? "good" : text;
      }
      const pause = async (seconds: number) => await new Promise((done) => setTimeout(done, seconds * 1000));

      beforeAll(async () => {
        const engine = writeTinyEngine(directory, llama, { llama, router, directory });
        const stack = new TerraformStack(new App({ outdir: directory }), "jobs");
        new RegionProvider(stack, "Region", { region: "global", address: "https://nomad.example:4646", fleet });
        const made = tinyService(stack, engine, { workers: "cpu", router: "cpu" });
        jobs = { workers: made.workers.job.job, router: made.router.job.job };
        const hostNetworks = { tailscale: { cidr: "127.0.0.0/8" } };
        const client = { nodePool: "cpu", hostNetworks };
        nomad = await startNomad({
          clients: [
            { name: "one", ...client },
            { name: "two", ...client },
          ],
        });
        await register(jobs.workers);
        await register(jobs.router);
      });
      afterAll(async () => {
        await nomad.stop();
        rmSync(directory, { recursive: true });
      });

      test("both workers are told to the router, and both answer", async () => {
        await hasWorkers(2);
        const end = load(2);
        await pause(2);
        expect(await end()).toEqual({ good: expect.any(Number) as number, bad: [] });
        expect(await ask()).toBe("good");
      });

      test("no request fails while a worker is killed", async () => {
        const [first] = await running("chat-workers");
        const end = load(4);
        await pause(1);
        const url = `/v1/client/allocation/${first?.ID ?? ""}/signal`;
        await nomad.post(url, { Signal: "SIGKILL", Task: "llama-cpp" });
        await pause(8);
        const { good, bad } = await end();
        expect(bad).toEqual([]);
        expect(good).toBeGreaterThan(20);
      });

      test("workers that come and go change the list of a router that goes on", async () => {
        const before = (await running("chat")).map(({ ID }) => ID);
        const pids = nomad.pids.length;
        const group = jobs.workers.groups["llama-cpp"];
        const end = load(2);
        await register({ ...jobs.workers, groups: { "llama-cpp": { ...group, count: 3 } } } as Job);
        await hasWorkers(3);
        await register({ ...jobs.workers, groups: { "llama-cpp": { ...group, count: 1 } } } as Job);
        await hasWorkers(1);
        expect((await end()).bad).toEqual([]);
        expect((await running("chat")).map(({ ID }) => ID)).toEqual(before);
        expect(nomad.pids).toHaveLength(pids);
      });
    });
  });
});
