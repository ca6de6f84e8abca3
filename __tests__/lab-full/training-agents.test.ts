import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import type { Job } from "../../constructs/jobspec/job";
import type { RawExecConfig } from "../../constructs/jobspec/drivers/processes";
import { renderJob } from "../../constructs/jobspec/render";
import { NomadJob } from "../../constructs/nomad/job";
import { RegionProvider } from "../../constructs/nomad/region-provider";
import { trainingServices } from "../../model/well-known";
import { eventually } from "../helpers/lab";
import { LAST_STEP, pythonFleet, training } from "../helpers/lab-training";
import { type NomadAgents, startNomad } from "../helpers/nomad-agents";
import { describeWithPython, type PythonEnvironment, TORCH } from "../helpers/python";

jest.setTimeout(600_000);

/** The job of the lab's training, without isolation, since these clients share one machine; its checkpoints in a directory of it. */
function jobOf(python: PythonEnvironment, directory: string): Job {
  const stack = new TerraformStack(new App({ outdir: "unused" }), "training");
  const fleet = pythonFleet(trainingServices({ name: "train", pool: "general" }));
  new RegionProvider(stack, "Region", { region: "east", address: "https://nomad.example:4646", fleet });
  training(stack, python);
  const made = stack.node.findAll().find((node) => node instanceof NomadJob) as NomadJob;
  const { train: group } = made.job.groups;
  const task = group?.tasks["train"];
  if (group === undefined || task?.driver !== "exec") throw new Error("no task of exec");
  const config = task.config as RawExecConfig;
  const env = { ...task.env, CHECKPOINT_DIR: directory };
  const train = { ...task, driver: "raw_exec" as const, config, volumeMounts: [], env };
  return {
    ...made.job,
    region: "global",
    nodePool: "default",
    groups: { train: { ...group, volumes: {}, tasks: { train } } },
  };
}

interface Allocation {
  readonly ID: string;
  readonly ClientStatus: string;
}

describeWithPython(TORCH, "training on Nomad's agents", (python) => {
  let directory: string;
  let nomad: NomadAgents;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "training-"));
    const hostNetworks = { tailscale: { cidr: "127.0.0.0/8" } };
    nomad = await startNomad({ clients: ["one", "two", "three"].map((name) => ({ name, hostNetworks })) });
  });
  afterAll(async () => {
    await nomad.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const log = () => {
    try {
      const lines = readFileSync(join(directory, "log"), "utf8").trim().split("\n");
      return lines
        .map((line) => line.split(" ").map(Number))
        .map(([step = 0, loss = 0, generation = 0]) => ({ step, loss, generation }));
    } catch {
      return [];
    }
  };
  const allocations = async () => (await nomad.get("/v1/job/train/allocations")) as readonly Allocation[];
  /** What the workers said, for the reader of a failure. */
  const said = async () => {
    const logs = (await allocations()).flatMap(({ ID }) =>
      ["stdout", "stderr"].map(async (type) =>
        (await nomad.text(`/v1/client/fs/logs/${ID}?task=train&type=${type}&plain=true`)).split("\n").slice(-30),
      ),
    );
    return (await Promise.all(logs)).flat().join("\n");
  };
  const until = async (seconds: number, what: string, check: () => Promise<boolean>) => {
    await eventually(seconds, what, check).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${JSON.stringify(log().slice(-3))}\n${await said()}`);
    });
  };
  const stepsOf = (generation: number) => log().filter((line) => line.generation === generation);

  test("goes on from the checkpoint when a rank is killed, and when an allocation is moved", async () => {
    await nomad.post("/v1/jobs", { Job: renderJob(jobOf(python, directory)) });
    await until(180, "they train", async () => (await Promise.resolve(stepsOf(1))).length > 12);
    process.kill((JSON.parse(readFileSync(join(directory, "rank-2"), "utf8")) as { pid: number }).pid, "SIGKILL");
    await until(240, "they train again", async () => (await Promise.resolve(stepsOf(2))).length > 12);
    const zero = (await allocations()).map(({ ID }) => ID)[0] ?? "";
    await nomad.post(`/v1/allocation/${zero}/stop`, {});
    await until(240, "they have ended", async () => {
      const complete = (await allocations()).filter(({ ClientStatus }) => ClientStatus === "complete");
      return complete.length === 5 && log().at(-1)?.step === LAST_STEP;
    });
    for (const generation of [2, 3]) {
      const [first] = stepsOf(generation);
      const before = stepsOf(generation - 1).at(-1)?.step ?? 0;
      process.stdout.write(`training: generation ${generation} after step ${before} went on with ${first?.step}\n`);
      expect((first?.step ?? 0) % 5).toBe(1);
      expect(before - (first?.step ?? 0)).toBeLessThan(6);
    }
    const steps = log();
    expect(new Set(steps.map(({ generation }) => generation))).toEqual(new Set([1, 2, 3]));
    expect(steps[0]?.loss).toBeGreaterThan(5);
    expect(steps.at(-1)?.loss).toBeLessThan(0.01);
  });
});
