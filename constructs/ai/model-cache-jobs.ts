import { createHash } from "node:crypto";
import type { Problem } from "../core/problems";
import { wholeNumberProblems } from "../core/whole-number";
import type { Job } from "../jobspec/job";
import type { Task } from "../jobspec/task";
import type { Template } from "../jobspec/template";
import { EVICT, PREWARM } from "./model-cache-scripts";

/** A model that is to be in the cache, and stays. */
export interface CachedModel {
  /** Shape: `mistralai/Mistral-7B-Instruct-v0.3`. */
  readonly repository: string;
  /** Commit, tag or branch; a commit is the same tomorrow. @default "main" */
  readonly revision?: string;
  /** Patterns of the files that are wanted. Shape: `["*.safetensors", "*.json"]`. @default - all */
  readonly files?: readonly string[];
}

/** Where a cache is. */
export type CachePlace =
  /** One volume that all machines share: models are fetched once. */
  | "shared"
  /** A directory on each machine: models are fetched on each. */
  | "node-local";

/** What a cache's jobs are made from. */
export interface ModelCacheOptions {
  /** Name among other caches; part of its jobs' names. Shape: `models`. */
  readonly name: string;
  readonly place: CachePlace;
  /** Pool that fetches and makes room; with a node-local cache the pool that has it. */
  readonly nodePool: string;
  /** Models that are fetched before anybody asks for them, and never evicted. @default [] */
  readonly models?: readonly CachedModel[];
  /** Models that nobody used for so long are deleted. @default 30 */
  readonly maxAgeDays?: number;
  /** The least recently used are deleted until the cache has at most so much, MiB. @default - as much as there is room */
  readonly maxMiB?: number;
  /** What was used in so many hours is never deleted. @default 24 */
  readonly graceHours?: number;
  /** When room is made, as cron says it, UTC. @default "15 4 * * *" */
  readonly evictionSchedule?: string;
  /** @default "default" */
  readonly namespace?: string;
  /**
   * Nomad variable with the `token` of an account that may fetch gated models.
   *
   * Shape: `nomad/jobs/prewarm-models`. The jobs read what is below their own name without a policy.
   *
   * @default - none: models that anybody may fetch
   */
  readonly tokenVariable?: string;
  /** Image with Python 3.10 or newer and Debian's tools. @default "docker.io/library/python:3.12.11-slim-bookworm" */
  readonly image?: string;
  /** Version of huggingface_hub, which is installed unless the image has `hf`. @default "2.4.0" */
  readonly hubVersion?: string;
}

/** What is wrong with the numbers and the models of a cache. */
export function cacheProblems(options: Omit<ModelCacheOptions, "place">): Problem[] {
  const { models = [], maxAgeDays, maxMiB, graceHours } = options;
  return [
    ...wholeNumberProblems("maxAgeDays", maxAgeDays, 1),
    ...wholeNumberProblems("maxMiB", maxMiB, 1),
    ...wholeNumberProblems("graceHours", graceHours, 0),
    ...models.flatMap((model, index) => modelProblems(`models.${index}`, model)),
  ];
}

/** A model is a line of words: repository, revision, patterns of files. */
function modelProblems(path: string, { repository, revision = "main", files = [] }: CachedModel): Problem[] {
  const problems: Problem[] = [];
  if (!/^[\w.-]+(\/[\w.-]+)?$/.test(repository)) {
    const fix = "write it like mistralai/Mistral-7B-Instruct-v0.3";
    problems.push({ path: `${path}.repository`, rule: "must be the name of a repository", got: repository, fix });
  }
  if (!/^\w[\w./-]*$/.test(revision)) {
    const rule = "must be a commit, tag or branch";
    problems.push({ path: `${path}.revision`, rule, got: revision, fix: "write it like main" });
  }
  files.forEach((got, index) => {
    if (/^[^\s-]\S*$/.test(got)) return;
    const rule = "must be a pattern without blanks, which does not begin with -";
    problems.push({ path: `${path}.files.${index}`, rule, got, fix: "write it like *.safetensors" });
  });
  return problems;
}

/** Group and task of a cache's jobs. */
export const CACHE_GROUP = "cache";
/** Where tasks see the cache. */
export const CACHE_DIRECTORY = "/cache";

/** Fetches the models; undefined where none is named. With another list of models it runs again. */
export function prewarmJob(options: ModelCacheOptions): Job | undefined {
  const { models = [], place, tokenVariable } = options;
  if (models.length === 0) return undefined;
  const list = modelList(models);
  return {
    ...common(options, "prewarm", place === "shared" ? "batch" : "sysbatch"),
    // A batch job that has ended runs again when it has changed, and only then.
    meta: { models: createHash("sha256").update(list).digest("hex").slice(0, 16) },
    groups: {
      [CACHE_GROUP]: {
        restart: { attempts: 5, delay: "1m", interval: "2h", mode: "fail" },
        ...(place === "shared" ? { reschedule: { attempts: 2, interval: "24h", unlimited: false } } : {}),
        tasks: {
          [CACHE_GROUP]: task(options, PREWARM, {
            env: { HUB_VERSION: options.hubVersion ?? "2.4.0" },
            templates: tokenVariable === undefined ? [] : [tokenTemplate(tokenVariable)],
          }),
        },
      },
    },
  };
}

/** Makes room in the cache, from time to time. */
export function evictionJob(options: ModelCacheOptions): Job {
  const { place, evictionSchedule = "15 4 * * *", maxAgeDays = 30, maxMiB = 0, graceHours = 24 } = options;
  return {
    ...common(options, "evict", place === "shared" ? "batch" : "sysbatch"),
    periodic: { crons: [evictionSchedule], prohibitOverlap: true, timeZone: "UTC" },
    groups: {
      [CACHE_GROUP]: {
        restart: { attempts: 0, mode: "fail" },
        ...(place === "shared" ? { reschedule: { attempts: 0, unlimited: false } } : {}),
        tasks: {
          [CACHE_GROUP]: task(options, EVICT, {
            env: { MAX_AGE_DAYS: String(maxAgeDays), MAX_MIB: String(maxMiB), GRACE_HOURS: String(graceHours) },
          }),
        },
      },
    },
  };
}

/**
 * Environment of a task that uses the cache.
 *
 * @param directory - where the task sees it.
 * @param readOnly - the task may not fetch: what is not in the cache is an error at once, not after a long wait.
 */
export function cacheEnvironment(directory: string, readOnly: boolean): Readonly<Record<string, string>> {
  return { HF_HOME: directory, HF_HUB_DISABLE_TELEMETRY: "1", ...(readOnly ? { HF_HUB_OFFLINE: "1" } : {}) };
}

function common({ name, nodePool, namespace }: ModelCacheOptions, what: string, type: "batch" | "sysbatch") {
  return { id: `${what}-${name}`, type, nodePool, ...(namespace === undefined ? {} : { namespace }) } as const;
}

/** One line per model; an empty one without models, for a template has some text. */
function modelList(models: readonly CachedModel[]): string {
  if (models.length === 0) return "\n";
  return models
    .map(({ repository, revision = "main", files = [] }) => [repository, revision, ...files].join(" ") + "\n")
    .join("");
}

function tokenTemplate(variable: string): Template {
  return {
    destination: "secrets/token.env",
    env: true,
    once: true,
    changeMode: "noop",
    errorOnMissingKey: true,
    data: `{{ with nomadVar "${variable}" }}HF_TOKEN={{ .token }}{{ end }}\n`,
  };
}

function task(
  { models = [], image = "docker.io/library/python:3.12.11-slim-bookworm" }: ModelCacheOptions,
  script: string,
  { env, templates = [] }: { readonly env: Readonly<Record<string, string>>; readonly templates?: readonly Template[] },
): Task {
  const plain = { leftDelimiter: "[[", rightDelimiter: "]]" };
  return {
    driver: "docker",
    config: { image, entrypoint: ["/bin/sh", "${NOMAD_TASK_DIR}/run"] },
    env: { HF_HOME: CACHE_DIRECTORY, HF_HUB_DISABLE_TELEMETRY: "1", ...env },
    templates: [
      { destination: "local/run", data: script, perms: "0755", ...plain },
      { destination: "local/models", data: modelList(models), ...plain },
      ...templates,
    ],
    resources: { cpu: "500MHz", memory: "1GiB" },
  };
}
