import { Construct } from "constructs";
import { assertValid, type Problem } from "../../core/problems";
import { NomadJob } from "../../nomad/job";
import type { JobMount } from "../../nomad/job-mounts";
import { BATCH_DIRECTORY, BATCH_GROUP, batchJob, type BatchJobOptions, type EmbeddingOptions } from "./batch-job";

export interface BatchInferenceProps extends BatchJobOptions {
  /** Where input and output are: a volume of the region's storage, which many may write when there are several shards. */
  readonly volume: JobMount["volume"];
}

/**
 * Asks a model's service about every line of the files in a directory of a volume. Input and output are OpenAI's files of a batch:
 * `{"custom_id", "url", "body"}` in, `{"custom_id", "response", "error"}` out, one answer for each line.
 *
 * Run it: `nomad job dispatch -meta input=<directory> -meta output=<directory> <name>`.
 *
 * @see https://platform.openai.com/docs/guides/batch
 */
export class BatchInference extends Construct {
  public readonly job: NomadJob;

  /** @throws ValidationError when a number is out of its range or a directory is not one of the volume. */
  constructor(scope: Construct, id: string, props: BatchInferenceProps) {
    super(scope, id);
    assertValid(this.node.path, batchProblems(props));
    this.job = new NomadJob(this, "Job", { job: batchJob(props), mounts: [mountOf(props.volume)] });
  }
}

export interface EmbeddingJobProps extends BatchInferenceProps, EmbeddingOptions {}

/**
 * Embeddings of the texts in a directory of a volume: lines `{"id", "text"}` in, `{"id", "embedding"}` out. A text that the service
 * refuses has a line with its answer instead.
 *
 * Run it: `nomad job dispatch -meta input=<directory> -meta output=<directory> <name>`.
 */
export class EmbeddingJob extends Construct {
  public readonly job: NomadJob;

  /** @throws ValidationError when a number is out of its range or a directory is not one of the volume. */
  constructor(scope: Construct, id: string, props: EmbeddingJobProps) {
    super(scope, id);
    const texts = inRange("textsPerRequest", props.textsPerRequest, 1, 2048);
    assertValid(this.node.path, [...batchProblems(props), ...texts]);
    this.job = new NomadJob(this, "Job", { job: batchJob(props, props), mounts: [mountOf(props.volume)] });
  }
}

function mountOf(volume: JobMount["volume"]): JobMount {
  return { volume, group: BATCH_GROUP, task: BATCH_GROUP, destination: BATCH_DIRECTORY };
}

function batchProblems({ shards, concurrency, requestSeconds, attempts, schedule }: BatchJobOptions): Problem[] {
  return [
    ...inRange("shards", shards, 1, 1000),
    ...inRange("concurrency", concurrency, 1, 1024),
    ...inRange("requestSeconds", requestSeconds, 1, 86_400),
    ...inRange("attempts", attempts, 1, 20),
    ...(schedule === undefined ? [] : directoryProblems(schedule.input, schedule.output)),
  ];
}

function inRange(path: string, got: number | undefined, min: number, max: number): Problem[] {
  if (got === undefined || (Number.isInteger(got) && got >= min && got <= max)) return [];
  return [{ path, rule: `must be a whole number from ${min} to ${max}`, got }];
}

function directoryProblems(input: string, output: string): Problem[] {
  const problems = Object.entries({ input, output })
    .filter(([, got]) => !/^[^/]/.test(got) || got.split("/").includes(".."))
    .map(([name, got]) => ({
      path: `schedule.${name}`,
      rule: "must be a directory of the volume",
      got,
      fix: "write it like inbox/tickets",
    }));
  if (!`${output}/`.startsWith(`${input}/`)) return problems;
  return [...problems, { path: "schedule.output", rule: "must be a directory outside of input", got: output }];
}
