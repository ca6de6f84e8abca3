import type { Construct } from "constructs";
import { TrainingJob } from "../../constructs/ai/training/training-job";

export const region = "campus";

/** One machine with its two A100, for twelve hours at most; a run that fails goes on from its newest checkpoint. */
export const mlTraining = (scope: Construct): unknown =>
  new TrainingJob(scope, "MlTraining", {
    name: "ml-training",
    pool: "training",
    gpus: 2,
    script: { path: "/checkpoints/code/train.py" },
    args: ["--epochs", "10"],
    checkpoints: "checkpoints",
    timeLimitHours: 12,
  });
