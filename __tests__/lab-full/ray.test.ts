import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SHARED_DIRECTORY } from "../../lab/csi/driver";
import { hostPaths } from "../../lab/paths";
import { labPowerOff, labStart } from "../../lab/power";
import { describeInLab, eventually, nomad, on, operatorEnvironment, root, steppe } from "../helpers/lab";
import { RAY_HEAD, RAY_WORKERS } from "../helpers/lab-ray";
import { isReached, ProbeAgent } from "../helpers/probe";
import { describeWithPython, type PythonEnvironment, pythonForHosts, RAY } from "../helpers/python";
import { type Count, type Done, nodesIn, type RayNode, type RayPrograms, rayPrograms } from "../helpers/ray";

jest.setTimeout(600_000);

const FILE = join(root, "dist", "fleets", "lab-ray.ts");
const RUNS = "runs/ray";
const DASHBOARD = `http://${RAY_HEAD}.lab.internal:8265`;
const [ONE, TWO] = RAY_WORKERS;

/** @param python - with it the fleet has its cluster. */
function fleetSays(python?: PythonEnvironment): void {
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(
    FILE,
    `import { ray, rayFleet } from "../../__tests__/helpers/lab-ray";
export const fleet = rayFleet();
export const workloads = { ${python === undefined ? "" : `east: (scope) => ray(scope, ${JSON.stringify(python)})`} };
`,
  );
}

interface Allocation {
  readonly ID: string;
  readonly NodeName: string;
  readonly ClientStatus: string;
}

describeWithPython(RAY, "Ray in the lab", (python) => {
  describeInLab("a head and two workers on three machines", () => {
    let env: Record<string, string> = {};
    let there: PythonEnvironment;
    let programs: RayPrograms;
    /** Addresses in the tailnet, by host. */
    let addresses: Record<string, string> = {};

    const succeed = async (...args: readonly string[]) => {
      const ran = await steppe([...args, "--fleet", FILE]);
      expect({ code: ran.code, err: ran.code === 0 ? "" : ran.err }).toEqual({ code: 0, err: "" });
    };
    const nodes = async (): Promise<readonly RayNode[]> => {
      const { code, out } = await on("operator", `curl -sf --max-time 8 ${DASHBOARD}/api/v0/nodes`, env);
      return code === 0 ? nodesIn(out) : []; // No dashboard yet.
    };
    const alive = async () => (await nodes()).filter(({ state }) => state === "ALIVE");
    const nodeOn = async (host: string) => (await alive()).find(({ node_ip }) => node_ip === addresses[host])?.node_id;
    const isWhole = async () => {
      const ips = (await alive()).map(({ node_ip }) => node_ip);
      return JSON.stringify(ips.sort()) === JSON.stringify(Object.values(addresses).sort());
    };
    /** What the tasks said, for the reader of a failure. */
    const said = async () => {
      const jobs = ["ray-head", "ray-workers"].map(async (job) => {
        const { out } = await nomad(env, `operator api /v1/job/${job}/allocations </dev/null`);
        const logs = (JSON.parse(out) as readonly Allocation[]).map(async ({ ID, NodeName, ClientStatus }) => {
          const parts = ["", "-stderr "].map(
            async (type) => (await nomad(env, `alloc logs -tail -n 30 ${type}${ID} ray`)).out,
          );
          return [`--- ${job} on ${NodeName}: ${ClientStatus}`, ...(await Promise.all(parts))];
        });
        return (await Promise.all(logs)).flat();
      });
      return (await Promise.all(jobs)).flat().join("\n");
    };
    const until = async (seconds: number, what: string, check: () => boolean | Promise<boolean>) => {
      const begun = Date.now();
      await eventually(seconds, what, async () => await check()).catch(async (error: unknown) => {
        throw new Error(`${String(error)}\n${JSON.stringify(await nodes())}\n${await said()}`);
      });
      process.stdout.write(`ray: ${what} after ${Math.round((Date.now() - begun) / 1000)} s\n`);
    };
    /** Submits a program from the operator's place, to the dashboard. */
    const submit = async (name: string, program: readonly string[]) => {
      const options = `--address=${DASHBOARD} --submission-id=${name} --no-wait`;
      const started = [there.command, ...program].join(" ");
      const { code, out, err } = await on(
        "operator",
        `exec ${python.directory}/pip/bin/ray job submit ${options} -- ${started}`,
        { ...env, ...python.env },
      );
      expect({ code, err: code === 0 ? "" : out + err }).toEqual({ code: 0, err: "" });
    };
    const ended = async (name: string) => {
      await until(180, `${name} has ended`, () => programs.result(name) !== undefined);
      return programs.result(name);
    };
    const squares = async (name: string) => (await ended(name)) as Done;
    const count = async (name: string) => {
      await submit(name, programs.counts(name));
      return (await ended(name)) as Count;
    };

    beforeAll(async () => {
      fleetSays();
      await steppe(["lab", "down"]);
      await succeed("lab", "up");
      env = operatorEnvironment(FILE);
      const runs = join(hostPaths("any").shared, RUNS);
      mkdirSync(runs, { recursive: true });
      chmodSync(runs, 0o777);
      programs = rayPrograms(runs, join(SHARED_DIRECTORY, RUNS));
      there = pythonForHosts(python);
      fleetSays(there);
      await succeed("apply", "--yes");
      const found = [RAY_HEAD, ...RAY_WORKERS].map(async (host) => [
        host,
        (await on(host, "tailscale ip -4")).out.trim(),
      ]);
      addresses = Object.fromEntries(await Promise.all(found)) as Record<string, string>;
    });
    afterAll(async () => {
      const { code, err } = await steppe(["lab", "down"]);
      if (code !== 0) throw new Error(err);
    });

    test("is whole over the tailnet, and its head is open to whom the policy says", async () => {
      await until(240, "head and workers are there", isWhole);
      const address = addresses[RAY_HEAD] ?? "";
      const reached = async (host: string) => {
        const agent = new ProbeAgent(host);
        const seen = await agent.probeAgain(
          [6379, 8265, 10_001].map((port) => ({ protocol: "tcp", address, port })),
          3000,
        );
        await agent.stop();
        return seen.map(isReached);
      };
      // Store, dashboard, `ray://`.
      expect(await reached(ONE)).toEqual([true, false, false]);
      expect(await reached("operator")).toEqual([false, true, true]);
      expect(await reached("east-1")).toEqual([false, false, false]);
    });

    test("ends a distributed task when a raylet is killed, and has the worker back", async () => {
      const [one = "", two = ""] = [await nodeOn(ONE), await nodeOn(TWO)];
      await submit("squares", programs.squares("squares", 16));
      const isBusy = () => programs.nodesOf("squares", "begun").includes(one) && programs.isBusy("squares", two);
      await until(120, "tasks run on both workers", isBusy);
      expect((await on(TWO, "pkill -KILL -f '[r]aylet/raylet '")).code).toBe(0);
      expect((await squares("squares")).sum).toBe(1240);
      // One was lost, and began again.
      expect(programs.nodesOf("squares", "begun").length).toBeGreaterThan(16);
      await until(
        120,
        "the killed worker is there again",
        async () => (await isWhole()) && (await nodeOn(TWO)) !== two,
      );
      await submit("again", programs.squares("again", 8));
      expect(await squares("again")).toEqual({ sum: 140, nodes: [one, await nodeOn(TWO)].sort() });
    });

    test("ends it when a worker's machine loses power, and has the worker back with the machine", async () => {
      const [one = "", two = ""] = [await nodeOn(ONE), await nodeOn(TWO)];
      await submit("outage", programs.squares("outage", 16));
      const isBusy = () => programs.nodesOf("outage", "begun").includes(one) && programs.isBusy("outage", two);
      await until(120, "tasks run on both workers", isBusy);
      await labPowerOff(TWO, { hard: true });
      expect((await squares("outage")).sum).toBe(1240);
      await labStart(TWO);
      await until(
        180,
        "the machine's worker is there again",
        async () => (await isWhole()) && (await nodeOn(TWO)) !== two,
      );
      await submit("after", programs.squares("after", 8));
      expect(await squares("after")).toEqual({ sum: 140, nodes: [one, await nodeOn(TWO)].sort() });
    });

    test("goes on with its actors when the head is killed, and when it is placed anew", async () => {
      const headId = async () => (await alive()).find(({ is_head_node }) => is_head_node)?.node_id;
      const workerIds = async () => (await Promise.all(RAY_WORKERS.map(nodeOn))).sort();
      const isAnew = async (before: string | undefined) => (await headId()) !== before && (await isWhole());
      const workers = await workerIds();
      const before = await count("first");
      expect(before).toMatchObject({ count: 1, node: expect.any(String) as string });
      expect(workers).toContain(before.node);

      const first = await headId();
      expect((await on(RAY_HEAD, "pkill -KILL -f '[g]cs_server '")).code).toBe(0);
      await until(120, "the head is there again", async () => await isAnew(first));
      expect(await workerIds()).toEqual(workers);
      expect(await count("second")).toEqual({ ...before, count: 2 });

      const second = await headId();
      const { out } = await nomad(env, "operator api /v1/job/ray-head/allocations </dev/null");
      const [allocation] = JSON.parse(out) as readonly Allocation[];
      expect((await nomad(env, `alloc stop ${allocation?.ID}`)).code).toBe(0);
      await until(120, "a third head is there", async () => await isAnew(second));
      expect(await workerIds()).toEqual(workers);
      expect(await count("third")).toEqual({ ...before, count: 3 });

      // What was submitted to the first head.
      const jobs = await on("operator", `curl -sf --max-time 8 ${DASHBOARD}/api/jobs/squares`, env);
      expect(JSON.parse(jobs.out)).toMatchObject({ submission_id: "squares", status: "SUCCEEDED" });
    });
  });
});
