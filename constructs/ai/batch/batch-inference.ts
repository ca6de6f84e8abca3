import { Construct } from "constructs";
import { assertValid, type Problem } from "../../core/problems";
import { wholeNumberProblems } from "../../core/whole-number";
import type { Job } from "../../jobspec/job";
import { runtimeProblems } from "../../jobspec/program";
import { NomadJob } from "../../nomad/job";
import { letJobRead } from "../../nomad/read-variable";
import { RegionProvider } from "../../nomad/region-provider";
import { filesProblems, mountsOf, variablesOf } from "./batch-files";
import {
  BATCH_GROUP,
  batchJob,
  type BatchJobOptions,
  type BatchSchedule,
  type EmbeddingOptions,
  filesOf,
} from "./batch-job";

export type BatchInferenceProps = BatchJobOptions;

/**
 * Asks a model's service about every line of the files in a directory of a volume or a bucket. Input and output are OpenAI's files of a batch:
 * `{"custom_id", "url", "body"}` in, `{"custom_id", "response", "error"}` out, one answer for each line.
 *
 * Run it: `nomad job dispatch -meta input=<directory> -meta output=<directory> <name>`.
 *
 * @see https://platform.openai.com/docs/guides/batch
 */
export class BatchInference extends Construct {
  public readonly job: NomadJob;

  /** @throws ValidationError when a number is out of its range, or a place of files cannot be one. */
  constructor(scope: Construct, id: string, props: BatchInferenceProps) {
    super(scope, id);
    assertValid(this.node.path, batchProblems(this, props));
    this.job = jobWithFiles(this, props, batchJob(props));
  }
}

export interface EmbeddingJobProps extends BatchInferenceProps, EmbeddingOptions {}

/**
 * Embeddings of the texts in a directory of a volume or a bucket: lines `{"id", "text"}` in, `{"id", "embedding"}` out. A text that the service
 * refuses has a line with its answer instead.
 *
 * Run it: `nomad job dispatch -meta input=<directory> -meta output=<directory> <name>`.
 */
export class EmbeddingJob extends Construct {
  public readonly job: NomadJob;

  /** @throws ValidationError when a number is out of its range, or a place of files cannot be one. */
  constructor(scope: Construct, id: string, props: EmbeddingJobProps) {
    super(scope, id);
    assertValid(this.node.path, [...batchProblems(this, props), ...embeddingProblems(props)]);
    this.job = jobWithFiles(this, props, batchJob(props, props));
  }
}

/** The job with its volumes, and the right to read its access keys. */
function jobWithFiles(scope: Construct, props: BatchJobOptions, job: Job): NomadJob {
  const files = filesOf(props);
  const { input, output } = variablesOf(files);
  const reader = { job: job.id, namespace: props.namespace, what: "access key of a bucket" };
  if (input !== undefined) letJobRead(scope, "ReadInputKey", { ...reader, path: input });
  if (output !== undefined && output !== input) letJobRead(scope, "ReadOutputKey", { ...reader, path: output });
  return new NomadJob(scope, "Job", { job, mounts: mountsOf(files, { group: BATCH_GROUP, task: BATCH_GROUP }) });
}

function batchProblems(scope: Construct, props: BatchJobOptions): Problem[] {
  const { shards, concurrency, requestSeconds, attempts, schedule, pool, runtime } = props;
  return [
    ...wholeNumberProblems("shards", shards, 1, 1000),
    ...wholeNumberProblems("concurrency", concurrency, 1, 1024),
    ...wholeNumberProblems("requestSeconds", requestSeconds, 1, 86_400),
    ...wholeNumberProblems("attempts", attempts, 1, 20),
    ...runtimeProblems(runtime),
    ...filesProblems(filesOf(props), { fleet: RegionProvider.of(scope)?.fleet, pool }),
    ...(schedule === undefined ? [] : directoryProblems(schedule, props)),
  ];
}

function embeddingProblems({ model, textsPerRequest }: EmbeddingOptions): Problem[] {
  const texts = wholeNumberProblems("textsPerRequest", textsPerRequest, 1, 2048);
  if (model.trim() !== "") return texts;
  const fix = "write it as the service calls it, such as BAAI/bge-m3";
  return [...texts, { path: "model", rule: "must name a model", got: model, fix }];
}

function directoryProblems({ input, output }: BatchSchedule, files: BatchJobOptions): Problem[] {
  const problems = Object.entries({ input, output })
    .filter(([, got]) => !/^[^/]/.test(got) || got.split("/").includes(".."))
    .map(([name, got]) => ({
      path: `schedule.${name}`,
      rule: "must be a directory: relative, and without ..",
      got,
      fix: "write it like inbox/tickets",
    }));
  const isOnePlace = files.output === undefined || files.output === files.input;
  if (!isOnePlace || !`${output}/`.startsWith(`${input}/`)) return problems;
  const fix = "write answers elsewhere, such as outbox/tickets";
  return [...problems, { path: "schedule.output", rule: "must be a directory outside of input", got: output, fix }];
}
