import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SHARED_DIRECTORY } from "../../lab/csi/driver";
import { hostPaths } from "../../lab/paths";
import { labPowerOff } from "../../lab/power";
import { command, describeInLab, eventually, nomad, on, operatorEnvironment, root, steppe } from "../helpers/lab";
import { describeWithPython, pythonForHosts, SGLANG_ROUTER } from "../helpers/python";
import { findProvider } from "../helpers/terraform";
import { LLAMA, writeTinyEngine } from "../helpers/tiny-engine";
import { TINY_MODEL } from "../helpers/tiny-service";

jest.setTimeout(500_000);

const FILE = join(root, "dist", "fleets", "lab-inference.ts");
const PORT = 8000;
const ENGINE = join(SHARED_DIRECTORY, "engine");
const URL = `http://gpu-1.lab.internal:${PORT}`;
const PROGRAMS = {
  server: join(ENGINE, "llama-server"),
  model: join(ENGINE, "tiny.gguf"),
  router: join(ENGINE, "router-python"),
};

/** Workers on two machines of a site, the router on another site's. */
const fleetText = `import { tinyService } from "../../__tests__/helpers/tiny-service";
import { fleet as lab } from "../../fleets/lab";
const east = lab.sites["dc-east"];
const { "east-1": server, "general-1": general } = east.hosts;
export const fleet = {
  ...lab,
  sites: {
    "dc-east": { ...east, hosts: { "east-1": server, "general-1": general, "general-2": { address: "10.61.1.22" } } },
    onprem: lab.sites.onprem,
  },
  regions: { east: { ...lab.regions.east, servers: { hosts: ["east-1"] } } },
  pools: { general: { ...lab.pools.general, hosts: ["general-1", "general-2"] }, gpu: lab.pools.gpu },
  services: {
    chat: { port: ${PORT}, pools: ["gpu"], callers: ["operators"] },
    "chat-workers": { port: "dynamic", pools: ["general"], callers: ["gpu"] },
  },
};
export const workloads = {
  east: (scope) => void tinyService(scope, ${JSON.stringify(PROGRAMS)}, { workers: "general", router: "gpu" }),
};
`;

/** Asks for so many seconds from four callers at once; prints the status of each answer. */
const load = (seconds: number) => `
body='{"model":"${TINY_MODEL}","max_tokens":64,"messages":[{"role":"user","content":"hello"}]}'
end=$(($(date +%s) + ${seconds}))
for caller in 1 2 3 4; do
  (while [ $(date +%s) -lt $end ]; do
    curl -s -o /dev/null -w '%{http_code}\\n' --max-time 60 -H 'Content-Type: application/json' -d "$body" ${URL}/v1/chat/completions || echo failed
  done) &
done
wait`;

const suite = findProvider("hashicorp/nomad") === undefined ? describe.skip : describeInLab;

suite("a model on the tailnet", () => {
  describeWithPython(LLAMA, "of a real llama.cpp", (llama) => {
    describeWithPython(SGLANG_ROUTER, "behind the real router of SGLang", (router) => {
      let env: Record<string, string> = {};
      const about = async (...args: readonly string[]) => {
        const { code, err } = await steppe([...args, "--fleet", FILE]);
        expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
      };
      const ask = async (path: string) => await on("operator", `curl -sf --max-time 8 ${URL}${path}`, env);
      const healthy = async (count: number) => {
        await eventually(120, `${count} workers answer`, async () => {
          const { out, code } = await ask("/workers");
          if (code !== 0) return false;
          const { workers } = JSON.parse(out) as { readonly workers: readonly { readonly is_healthy: boolean }[] };
          return workers.filter((worker) => worker.is_healthy).length === count;
        });
      };
      /** Runs a load, and something in the middle of it. @returns how often each status came. */
      async function under(seconds: number, event: () => Promise<unknown>): Promise<Record<string, number>> {
        const answers = on("operator", load(seconds), env);
        await new Promise((done) => setTimeout(done, 3000));
        await event();
        const counts: Record<string, number> = {};
        for (const status of (await answers).out.trim().split("\n")) counts[status] = (counts[status] ?? 0) + 1;
        return counts;
      }

      beforeAll(async () => {
        await steppe(["lab", "down"]);
        mkdirSync(dirname(FILE), { recursive: true });
        writeFileSync(FILE, fleetText);
        await about("lab", "up");
        writeTinyEngine(join(hostPaths("any").shared, "engine"), llama, {
          llama: pythonForHosts(llama),
          router: pythonForHosts(router),
          directory: ENGINE,
        });
        await about("apply", "--yes");
        env = operatorEnvironment();
      });
      afterAll(async () => {
        const { code, err } = await steppe(["lab", "down"]);
        await command(["rm", "-f", FILE]);
        if (code !== 0) throw new Error(err);
      });

      test("answers through the router", async () => {
        await healthy(2);
        const body = { model: TINY_MODEL, max_tokens: 8, messages: [{ role: "user", content: "hello" }] };
        const post = `curl -sf --max-time 8 -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`;
        const { out } = await on("operator", `${post} ${URL}/v1/chat/completions`, env);
        expect(JSON.parse(out)).toMatchObject({ model: TINY_MODEL, usage: { completion_tokens: 8 } });
      });

      test("fails no request while a worker is killed", async () => {
        const { out } = await nomad(env, "job allocs -json chat-workers");
        const [first] = JSON.parse(out) as readonly { readonly ID: string }[];
        const counts = await under(12, async () => {
          const killed = await nomad(env, `alloc signal -s SIGKILL -task llama-cpp ${first?.ID ?? ""}`);
          expect(killed.code).toBe(0);
        });
        expect(counts).toEqual({ 200: expect.any(Number) as number });
        await healthy(2);
      });

      test("fails no request while a worker's machine is switched off", async () => {
        await healthy(2);
        const counts = await under(30, async () => await labPowerOff("general-1", { hard: true }));
        expect(counts).toEqual({ 200: expect.any(Number) as number });
      });
    });
  });
});
