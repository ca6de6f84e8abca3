import type { Job } from "../../jobspec/job";
import { programTask, runtimeAllowances, type Runtime } from "../../jobspec/program";
import type { Task } from "../../jobspec/task";
import { withEndpoints } from "../base/endpoints";
import { type BatchFiles, type BatchFilesOptions, filesEnvironment, keyTemplates } from "./batch-files";
import { batchProgram } from "./batch-program";

/** Group and task of the jobs. */
export const BATCH_GROUP = "batch";
/** Version of boto3 that a task fetches where it has none. */
const BOTO3 = "1.44.5";

/** Runs by the clock, over directories that are the same each time. */
export interface BatchSchedule {
  /** Cron expression, UTC. Shape: `30 2 * * *`. */
  readonly cron: string;
  /** Directory of the input with files of JSON lines, `*.jsonl`. Shape: `inbox`. */
  readonly input: string;
  /** Directory of the output for what comes out. Shape: `outbox`. */
  readonly output: string;
}

/** What both kinds of batch jobs are made from. */
export interface BatchJobOptions {
  /** Name of the job. Shape: `label-tickets`. */
  readonly name: string;
  /** Service of the fleet that is asked, in the job's region; it speaks OpenAI's API. Shape: `chat`. */
  readonly service: string;
  /** Pool that runs the job. It needs no GPU: those are the service's. */
  readonly pool: string;
  /** Where the directories with files of JSON lines are. */
  readonly input: BatchFiles;
  /** Where the directories are that answers go to. @default - where the input is */
  readonly output?: BatchFiles;
  /** Allocations that share the files. Another number between two runs is safe. @default 1 */
  readonly shards?: number;
  /** Requests of a shard that are under way at a time. @default 8 */
  readonly concurrency?: number;
  /** How long the service may take for an answer, seconds. @default 600 */
  readonly requestSeconds?: number;
  /** How often a request is made before the shard gives up and begins again later. @default 5 */
  readonly attempts?: number;
  /** @default - it runs when it is dispatched, with the directories as `input` and `output` */
  readonly schedule?: BatchSchedule;
  /** @default "default" */
  readonly namespace?: string;
  /**
   * Python 3.9 or newer; with files in a bucket 3.10 or newer and boto3, which the task fetches with pip where it is missing.
   *
   * @default { kind: "container", image: "docker.io/library/python:3.12.11-slim-bookworm" }
   */
  readonly runtime?: Runtime;
}

/** What makes it a job of embeddings. */
export interface EmbeddingOptions {
  /** Model, as the service calls it. */
  readonly model: string;
  /** Texts in one request. @default 32 */
  readonly textsPerRequest?: number;
}

/** The job: dispatched, or by the clock. */
export function batchJob(options: BatchJobOptions, embedding?: EmbeddingOptions): Job {
  const { name, service, pool, shards = 1, schedule, namespace, runtime } = options;
  const allow = runtimeAllowances(runtime);
  const job: Job = {
    id: name,
    type: "batch",
    nodePool: pool,
    ...(namespace === undefined ? {} : { namespace }),
    ...(allow.length === 0 ? {} : { allow }),
    ...(schedule === undefined
      ? { parameterized: { payload: "forbidden", metaRequired: ["input", "output"] } }
      : { periodic: { crons: [schedule.cron], prohibitOverlap: true, timeZone: "UTC" } }),
    groups: {
      [BATCH_GROUP]: {
        count: shards,
        // A service that is away for a while, then a machine that is: each begins where the last stopped.
        restart: { attempts: 3, delay: "30s", interval: "30m", mode: "fail" },
        reschedule: {
          attempts: 5,
          interval: "24h",
          delay: "1m",
          delayFunction: "exponential",
          maxDelay: "30m",
          unlimited: false,
        },
        tasks: { [BATCH_GROUP]: task(options, shards, embedding) },
      },
    },
  };
  return withEndpoints(job, { group: BATCH_GROUP, task: BATCH_GROUP }, [{ service, instances: "all" }], "file");
}

function task(options: BatchJobOptions, shards: number, embedding: EmbeddingOptions | undefined): Task {
  const { service, concurrency = 8, requestSeconds = 600, attempts = 5, schedule, runtime } = options;
  const files = filesOf(options);
  const hasBucket = files.input.kind === "s3" || files.output.kind === "s3";
  return {
    ...programTask(runtime, {
      image: "docker.io/library/python:3.12.11-slim-bookworm",
      entrypoint: ["python3"],
      installedCommand: "/usr/bin/python3",
      args: ["${NOMAD_TASK_DIR}/batch.py"],
    }),
    env: {
      SERVICE: service,
      SHARDS: String(shards),
      CONCURRENCY: String(concurrency),
      ATTEMPTS: String(attempts),
      REQUEST_SECONDS: String(requestSeconds),
      ...filesEnvironment(files),
      ...(hasBucket ? { BOTO3_VERSION: BOTO3 } : {}),
      ...(schedule === undefined ? {} : { INPUT: schedule.input, OUTPUT: schedule.output }),
      ...(embedding === undefined
        ? {}
        : { MODEL: embedding.model, TEXTS_PER_REQUEST: String(embedding.textsPerRequest ?? 32) }),
    },
    templates: [
      { destination: "local/batch.py", data: batchProgram(files), leftDelimiter: "[[[", rightDelimiter: "]]]" },
      ...keyTemplates(files),
    ],
    // Answers that are under way are still written when the machine is taken away.
    killTimeout: "30s",
    resources: { cpu: "500MHz", memory: "512MiB" },
  };
}

/** Name and files of a job, with output where input is unless it is given. */
export function filesOf({ name, input, output = input }: BatchJobOptions): BatchFilesOptions {
  return { name, input, output };
}
