import { TerraformStack, Testing } from "cdktf";
import { BatchInference, EmbeddingJob } from "../../../constructs/ai/batch/batch-inference";

const base = { name: "label", service: "chat", pool: "h100", volume: "hf-cache" } as const;
const stack = () => new TerraformStack(Testing.app(), "batch");

test("says all that is out of its range at once", () => {
  const schedule = { cron: "@daily", input: "/in", output: "../out" };
  const make = () =>
    new BatchInference(stack(), "Label", {
      ...base,
      shards: 0,
      concurrency: 1.5,
      requestSeconds: 0,
      attempts: 21,
      schedule,
    });
  expect(make).toThrow(
    /shards: must be .* 1 to 1000, got 0\n.*concurrency: .*got 1\.5\n.*requestSeconds: .*\n.*attempts: .*1 to 20, got 21\n.*schedule\.input: must be a directory of the volume, got "\/in".*\n.*schedule\.output: must be a directory of the volume/,
  );
});

test.each(["inbox", "inbox/done"])("refuses to write %s below what it reads", (output) => {
  const schedule = { cron: "@daily", input: "inbox", output };
  expect(() => new BatchInference(stack(), "Label", { ...base, schedule })).toThrow(
    "schedule.output: must be a directory outside of input",
  );
});

test("refuses requests without texts", () => {
  expect(() => new EmbeddingJob(stack(), "Embed", { ...base, model: "m", textsPerRequest: 0 })).toThrow(
    "textsPerRequest: must be a whole number from 1 to 2048, got 0",
  );
});
