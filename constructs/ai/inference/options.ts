import type { Acknowledgement } from "../../../model/types";
import type { Duration } from "../../jobspec/duration";
import type { Frequency, Size } from "../../jobspec/size";
import type { Runtime } from "../../jobspec/program";
import type { JobMount } from "../../nomad/job-mounts";
import type { Call, Wiring } from "../base/endpoints";
import type { ModelCache } from "../model-cache";
import type { ModelShape, WeightFormat } from "../models/types";

/** Bounds within which Nomad's Autoscaler changes the number of replicas. An apply keeps the number that it finds. */
export interface InferenceScaling {
  /** @default - `replicas` */
  readonly min?: number;
  readonly max: number;
  /** Requests, worked on or waiting, that a replica is to have on the average. More add replicas, fewer take them away. */
  readonly requestsPerReplica: number;
  /** APM plugin of the Autoscaler that is asked. @default "prometheus" */
  readonly source?: string;
  /** In the language of the source: requests of a replica on the average. @default - the engine's metrics, in PromQL */
  readonly query?: string;
  /** Rest after a change. @default - `loadMinutes`: a new replica relieves the others once it has loaded */
  readonly cooldown?: Duration;
}

/** What every service of a model is made from. */
export interface InferenceOptions {
  /** Id of the job, and name of its service. Shape: `chat`. */
  readonly name: string;
  /**
   * Repository of the model on Hugging Face. Shape: `Qwen/Qwen3-8B`. With the numbers of its `config.json` where the catalogue does not
   * know it, so that its memory can be told.
   */
  readonly model: string | ModelShape;
  /** Commit, tag or branch of the model; a commit is the same tomorrow. @default "main" */
  readonly revision?: string;
  /** Pool that runs it. */
  readonly pool: string;
  /** GPUs of each replica, all on one machine; 0 for none. @default 1 */
  readonly gpus?: number;
  /** How weights lie in memory; vLLM, SGLang and TGI make `fp8` of larger ones while they load. @default - as published */
  readonly format?: WeightFormat;
  /** Longest request with its answer, tokens. @default - the model's own limit */
  readonly contextTokens?: number;
  /** Requests that are answered at a time, each of which may be as long as `contextTokens`; the rest waits. @default - the engine's */
  readonly concurrency?: number;
  /** Copies of the service; with `scaling` those of its first start. @default 1 */
  readonly replicas?: number;
  /** Where the model's files are kept: a cache, or a volume of the region by name. @default - fetched at every start */
  readonly cache?: ModelCache | JobMount["volume"];
  /** Fetches nothing: a model that is not in the cache is an error at once. @default false */
  readonly offline?: boolean;
  /**
   * Nomad variable with the `token` of an account that may fetch a gated model.
   *
   * Shape: `nomad/jobs/chat`; a job reads what is below its own name without a policy.
   *
   * @default - none: a model that anybody may fetch
   */
  readonly tokenVariable?: string;
  /** @default - a container with the engine's pinned image */
  readonly runtime?: Runtime;
  /** @default "default" */
  readonly namespace?: string;
  /** Service of the fleet under which callers find it. @default - `name` */
  readonly service?: string;
  /** Services whose addresses the engine's program is told, for images of one's own. @default [] */
  readonly calls?: readonly Call[];
  /** How it is told. @default "environment" */
  readonly wiring?: Wiring;
  /** Arguments for the engine, after those that follow from the rest. @default [] */
  readonly engineArgs?: readonly string[];
  /** The machine's memory for each replica, not that of its GPUs. @default - by model and GPUs */
  readonly memory?: Size;
  /** @default - 4 GHz, and 2 GHz more for each GPU after the first */
  readonly cpu?: Frequency;
  /**
   * How long a cold start may take until the first answer: image, weights, loading. A replica that is loading is left alone for so
   * long; one that has not answered by then has failed.
   *
   * @default 30
   */
  readonly loadMinutes?: number;
  /** How long requests may take to end before a replica stops. @default 30 */
  readonly drainSeconds?: number;
  /**
   * How a changed job takes the place of what runs. `canary`: one new replica first, the old ones go when it is healthy. `rolling`:
   * one after the other, each stops before its successor starts.
   *
   * @default - `canary` where the pool has room for one more replica, else `rolling`
   */
  readonly rollout?: "canary" | "rolling";
  /** Start it though the model's memory does not fit by the sum, for example with weights kept on the CPU. @default - it must fit */
  readonly unchecked?: Acknowledgement;
  /** @default - the number of replicas changes with the job only */
  readonly scaling?: InferenceScaling;
}
