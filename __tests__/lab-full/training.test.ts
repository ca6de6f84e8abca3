import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SHARED_DIRECTORY } from "../../lab/csi/driver";
import { describeInLab, eventually, nomad, on, operatorEnvironment, root, steppe } from "../helpers/lab";
import { LAST_STEP, RUN, TRAINING_HOSTS } from "../helpers/lab-training";
import { describeWithPython, type PythonEnvironment, pythonForHosts, TORCH } from "../helpers/python";

jest.setTimeout(600_000);

const FILE = join(root, "dist", "fleets", "lab-training.ts");
const DIRECTORY = `${SHARED_DIRECTORY}/${RUN}`;

/** @param python - with it the fleet has its job. */
function fleetSays(python?: PythonEnvironment): void {
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(
    FILE,
    `import { pythonFleet, training } from "../../__tests__/helpers/lab-training";
import { trainingServices } from "../../model/well-known";
export const fleet = pythonFleet(trainingServices({ name: "train", pool: "general" }));
export const workloads = { ${python === undefined ? "" : `east: (scope) => training(scope, ${JSON.stringify(python)})`} };
`,
  );
}

interface Rank {
  readonly pid: number;
  readonly host: string;
  readonly interface: string;
}

interface Allocation {
  readonly ID: string;
  readonly NodeName: string;
  readonly ClientStatus: string;
}

describeWithPython(TORCH, "training in the lab", (python) => {
  describeInLab("four workers on three machines", () => {
    let env: Record<string, string> = {};
    const succeed = async (...args: readonly string[]) => {
      const ran = await steppe([...args, "--fleet", FILE]);
      expect({ code: ran.code, err: ran.code === 0 ? "" : ran.err }).toEqual({ code: 0, err: "" });
    };
    const read = async (file: string) => (await on(TRAINING_HOSTS[0], `cat ${DIRECTORY}/${file}`)).out;
    const log = async () =>
      (await read("log"))
        .trim()
        .split("\n")
        .filter(Boolean)
        .map((line) => line.split(" ").map(Number))
        .map(([step = 0, loss = 0, generation = 0]) => ({ step, loss, generation }));
    const allocations = async () =>
      JSON.parse((await nomad(env, "operator api /v1/job/train/allocations </dev/null")).out) as readonly Allocation[];
    const rank = async (of: number) => JSON.parse(await read(`rank-${of}`)) as Rank;
    const said = async () => {
      const found = await allocations();
      return (await Promise.all(found.map(async ({ ID }) => (await nomad(env, `alloc logs ${ID} train`)).out))).join(
        "\n",
      );
    };

    beforeAll(async () => {
      fleetSays();
      await steppe(["lab", "down"]);
      await succeed("lab", "run");
      env = operatorEnvironment();
      fleetSays(pythonForHosts(python));
      await succeed("apply", "--yes");
    });
    afterAll(async () => {
      const { code, err } = await steppe(["lab", "down"]);
      if (code !== 0) throw new Error(err);
    });

    test("train together over the tailnet, and begin again from the checkpoint when one is killed", async () => {
      await eventually(240, "they train", async () => (await log()).length > 30).catch(async (error: unknown) => {
        throw new Error(`${String(error)}\n${await said()}`);
      });
      const ranks = await Promise.all([0, 1, 2, 3].map(rank));
      expect(new Set(ranks.map(({ host }) => host))).toEqual(new Set(TRAINING_HOSTS));
      expect(new Set(ranks.map(({ interface: name }) => name))).toEqual(new Set(["tailscale0"]));

      const [, , victim] = ranks;
      const host = victim?.host ?? "";
      // In its container the process has another id, so by what it runs: all ranks of the host.
      const { code } = await on(host, `pkill -KILL -o -f '[p]ython3 -u .*/train.py'`);
      expect(code).toBe(0);
      const killedAt = (await log()).at(-1)?.step ?? 0;

      await eventually(240, "they have ended", async () => {
        const found = await allocations();
        return found.length > 0 && found.every(({ ClientStatus }) => ClientStatus === "complete");
      }).catch(async (error: unknown) => {
        throw new Error(`${String(error)}\n${await said()}`);
      });
      const steps = await log();
      expect((await allocations()).length).toBe(4);
      expect(new Set(steps.map(({ generation }) => generation))).toEqual(new Set([1, 2]));
      const resumed = steps.find(({ generation }) => generation === 2)?.step ?? 0;
      process.stdout.write(`training: killed at step ${killedAt}, went on with step ${resumed}\n`);
      expect(resumed % 5).toBe(1);
      expect(resumed).toBeGreaterThan(20);
      expect(steps.at(-1)?.step).toBe(LAST_STEP);
      // The error of the line that nobody has fitted yet is about 30.
      expect(steps[0]?.loss).toBeGreaterThan(5);
      expect(steps.at(-1)?.loss).toBeLessThan(0.01);
      expect(steps.find(({ generation }) => generation === 2)?.loss).toBeLessThan(steps[0]?.loss ?? 0);
    });
  });
});
