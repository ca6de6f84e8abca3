import { RayCluster } from "../../../constructs/ai/ray/cluster";
import { DistributedTraining } from "../../../constructs/ai/training/distributed-training";
import { TrainingJob } from "../../../constructs/ai/training/training-job";
import { trainingServices } from "../../../model/well-known";
import type { Pattern } from "./pattern";

export const trainingPatterns: Readonly<Record<string, Pattern>> = {
  "training-job": {
    region: "eu-gcp",
    build: (scope) => {
      new TrainingJob(scope, "Finetune", {
        name: "finetune",
        pool: "a100",
        gpus: 4,
        script: { path: "/workspace/finetune.py" },
        args: ["--epochs", "3"],
        timeLimitHours: 12,
      });
    },
  },
  "distributed-training": {
    region: "eu-onprem",
    services: trainingServices({ name: "pretrain", pool: "h100" }),
    build: (scope) => {
      new DistributedTraining(scope, "Pretrain", {
        name: "pretrain",
        pool: "h100",
        workers: 2,
        script: { text: 'import torch\ntorch.distributed.init_process_group("nccl")\nprint([[0]])\n' },
        checkpoints: "models",
      });
    },
  },
  ray: {
    region: "eu-onprem",
    build: (scope) => {
      new RayCluster(scope, "Ray", { name: "ray", head: { pool: "h100" }, workers: { pool: "h100", count: 2 } });
    },
  },
  "ray-fault-tolerance": {
    region: "eu-onprem",
    volumes: { "ray-store": { kind: "dynamic-host", pool: "h100" } },
    build: (scope) => {
      new RayCluster(scope, "Ray", {
        name: "ray",
        head: { pool: "h100" },
        workers: { pool: "h100", count: 2 },
        gcsFaultTolerance: { volume: "ray-store", reconnectTimeoutSeconds: 300 },
        mounts: [{ volume: "models", destination: "/models", readOnly: true }],
      });
    },
  },
};
