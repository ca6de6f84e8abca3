import type { Construct } from "constructs";
import { DistributedTraining } from "../../constructs/ai/training/distributed-training";
import { trainingServices } from "../../model/well-known";

export const region = "campus";
export const services = trainingServices({ name: "distributed-training", pool: "training" });

/** Eight GPUs of four machines. All start at once, and begin again together from the newest checkpoint when one fails. */
export const distributedTraining = (scope: Construct): unknown =>
  new DistributedTraining(scope, "DistributedTraining", {
    name: "distributed-training",
    pool: "training",
    workers: 4,
    script: { path: "/checkpoints/code/distributed_train.py" },
    checkpoints: "checkpoints",
  });
