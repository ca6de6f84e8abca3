import { App, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { DistributedTraining } from "../../../constructs/ai/training/distributed-training";
import type { DistributedTrainingProps, TrainingJobProps } from "../../../constructs/ai/training/options";
import { TrainingJob } from "../../../constructs/ai/training/training-job";
import { RegionProvider } from "../../../constructs/nomad/region-provider";
import type { Fleet } from "../../../model/types";
import { trainingServices } from "../../../model/well-known";
import { fleetOf, type Pattern } from "../patterns/pattern";

const services = trainingServices({ name: "train", pool: "h100" });

function scopeOf(region: Pattern["region"], declared: Fleet["services"]): Construct {
  const stack = new TerraformStack(new App({ outdir: "unused" }), "training");
  const fleet = fleetOf({ services: declared });
  new RegionProvider(stack, "Region", { region, address: "https://nomad.example:4646", fleet });
  return stack;
}

function gang(
  more: Partial<DistributedTrainingProps> = {},
  declared: Fleet["services"] = services,
  region: Pattern["region"] = "eu-onprem",
): DistributedTraining {
  const script = { path: "/workspace/train.py" };
  return new DistributedTraining(scopeOf(region, declared), "Train", {
    name: "train",
    pool: "h100",
    workers: 2,
    script,
    ...more,
  });
}

function single(more: Partial<TrainingJobProps> = {}, region: Pattern["region"] = "eu-onprem"): TrainingJob {
  const script = { path: "/workspace/train.py" };
  return new TrainingJob(scopeOf(region, {}), "Train", { name: "train", pool: "h100", script, ...more });
}

/** Message of what is thrown. */
function errorOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

describe("DistributedTraining", () => {
  test("takes all GPUs of a machine, with a process for each", () => {
    const made = gang();
    expect(made.worldSize).toBe(16);
    const { env, resources } = made.job.job.groups["train"]?.tasks["train"] ?? {};
    expect(env).toMatchObject({ GANG_SIZE: "2", GANG_PROCESSES: "8" });
    expect(resources?.devices).toEqual([{ name: "nvidia/gpu", count: 8 }]);
  });

  test("counts processes of workers without GPUs", () => {
    expect(gang({ gpusPerWorker: 0, processesPerWorker: 3 }).worldSize).toBe(6);
  });

  test("leaves Python's own brackets and dollars to Python", () => {
    const text = 'x = [[0]]\nprint(f"{{ {x} }}", "$HOME", "${y}")\n';
    const { templates = [] } = gang({ script: { text } }).job.job.groups["train"]?.tasks["train"] ?? {};
    const script = templates.find(({ destination }) => destination === "local/train.py");
    expect(script).toMatchObject({ data: text, leftDelimiter: "<<<<", rightDelimiter: ">>>>" });
  });

  test("refuses more GPUs than a machine has", () => {
    expect(errorOf(() => gang({ gpusPerWorker: 16 }))).toContain(
      "gpusPerWorker: must be at most 8, the GPUs of one machine of pool h100, got 16; spread them over more workers",
    );
  });

  test("refuses a gang that can never be there at once", () => {
    expect(errorOf(() => gang({ workers: 3 }))).toMatch(/workers: must all run at once, and pool h100 has no room/);
  });

  test("refuses one worker, no number and no time", () => {
    const message = errorOf(() => gang({ workers: 1, maxRestarts: -1, timeLimitHours: 0 }));
    expect(message).toContain("workers: must be at least 2, got 1; use TrainingJob for one");
    expect(message).toContain("maxRestarts: must be a whole number of at least 0, got -1");
    expect(message).toContain("timeLimitHours: must be more than 0, got 0");
    expect(errorOf(() => gang({ gangTimeoutMinutes: 0 }))).toContain(
      "gangTimeoutMinutes: must be a whole number of at least 1, got 0",
    );
    const runtime = { kind: "installed", command: "torchrun" } as const;
    expect(errorOf(() => gang({ runtime }))).toContain('runtime.command: must be an absolute path, got "torchrun"');
  });

  test("refuses a tailnet that keeps ranks apart, and says what opens it", () => {
    const { train } = services;
    const message = errorOf(() => gang({}, { train }));
    expect(message).toContain("32768-60999");
    expect(message).toContain('put ...trainingServices({ name: "train", pool: "h100" }) into the fleet\'s services');
  });

  test("refuses a service that the fleet does not declare", () => {
    expect(errorOf(() => gang({ service: "other" }))).toContain("other");
  });

  test("refuses a network that the pool has not", () => {
    expect(errorOf(() => gang({ network: "storage" }))).toContain("network: must be a host network of pool h100");
  });
});

describe("TrainingJob", () => {
  test("takes one GPU, and needs no service", () => {
    const group = single().job.job.groups["train"];
    expect(group?.tasks["train"]?.resources?.devices).toEqual([{ name: "nvidia/gpu", count: 1 }]);
    expect(group?.services).toBeUndefined();
    expect(group?.network).toBeUndefined();
  });

  test("refuses the default image on ARM", () => {
    expect(errorOf(() => single({ pool: "edge" }))).toContain("runtime.image: must be an image for arm64");
  });

  test("warns of a spot pool without checkpoints", () => {
    const { node } = single({ pool: "t4-spot" }, "eu-gcp");
    expect(node.metadata.map(({ data }) => String(data as unknown))).toEqual([
      expect.stringContaining("checkpoints: should name a volume"),
    ]);
    expect(single({ pool: "a100" }, "eu-gcp").node.metadata).toEqual([]);
  });

  test("keeps checkpoints in a directory of its own", () => {
    const task = single({ checkpoints: "models" }).job.job.groups["train"]?.tasks["train"];
    expect(task?.env).toMatchObject({ CHECKPOINT_DIR: "/checkpoints/train" });
    expect(task?.volumeMounts).toEqual([expect.objectContaining({ destination: "/checkpoints" })]);
  });
});
