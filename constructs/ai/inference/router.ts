import { Construct } from "constructs";
import type { Problem } from "../../core/problems";
import { assertValid } from "../../core/problems";
import { wholeNumberProblems } from "../../core/whole-number";
import { type Runtime, runtimeProblems } from "../../jobspec/program";
import type { Frequency, Size } from "../../jobspec/size";
import { NomadJob } from "../../nomad/job";
import { type PatternPlace, patternPlace } from "../../nomad/pattern-place";
import { routerJob } from "./router-job";
import type { InferenceService } from "./service";

/** How a router chooses the worker of a request. */
export type RouterPolicy = "cache_aware" | "power_of_two" | "round_robin" | "random";

/** What a router is made from. */
export interface SglangRouterOptions {
  /** Id of the job, and name of its service. Shape: `chat`. */
  readonly name: string;
  /** Pool that runs it; a GPU is of no use to it. */
  readonly pool: string;
  /** Service that it routes to: of this program, or by name. Any OpenAI-compatible one will do. */
  readonly workers: InferenceService | string;
  /** Path at which workers say that they can answer. @default - that of the service, else "/health" */
  readonly workerHealthPath?: string;
  /**
   * `cache_aware` sends what begins alike to the worker that has it in its cache, unless that one has too much to do.
   *
   * @default "cache_aware"
   */
  readonly policy?: RouterPolicy;
  /** Further tries of a failed request, each with another worker where there is one. @default 5 */
  readonly retries?: number;
  /** Failures in a row after which a worker gets no requests for a while. @default 3 */
  readonly failuresUntilOpen?: number;
  /** How long it gets none, seconds. @default 15 */
  readonly openSeconds?: number;
  /** Longest request, seconds. @default 1800 */
  readonly requestTimeoutSeconds?: number;
  /** Copies of the router; each knows all workers. @default 1 */
  readonly replicas?: number;
  /** How long the workers may take until the first of them answers. @default 30 */
  readonly loadMinutes?: number;
  /** How long requests may take to end before a router stops. @default 30 */
  readonly drainSeconds?: number;
  /** Arguments for the router, after those that follow from the rest. @default [] */
  readonly routerArgs?: readonly string[];
  /** @default - a container with the router's pinned image */
  readonly runtime?: Runtime;
  /** @default "default" */
  readonly namespace?: string;
  /** Service of the fleet under which callers find it. @default - `name` */
  readonly service?: string;
  /** @default "2GHz" */
  readonly cpu?: Frequency;
  /** @default "2GiB" */
  readonly memory?: Size;
}

/**
 * SGLang's router before the replicas of a service: one address, retries on another worker, no requests to one that fails. Workers that
 * come and go are told to it while it runs.
 *
 * Whoever may call it may also change its workers, until it is next compared with Nomad's discovery, a second later.
 *
 * @see https://docs.sglang.io/advanced_features/sgl_model_gateway.html
 */
export class SglangRouter extends Construct {
  public readonly job: NomadJob;
  /** Name by which callers find it in Nomad's discovery, and by which the fleet opens it. */
  public readonly serviceName: string;
  /** Name of the model as requests give it; undefined for workers by name. */
  public readonly servedModel: string | undefined;
  /** Where it runs. */
  public readonly place: PatternPlace;

  constructor(scope: Construct, id: string, props: SglangRouterOptions) {
    super(scope, id);
    const { workers, name, service = name } = props;
    this.place = patternPlace(this, props.pool);
    const workerService = typeof workers === "string" ? workers : workers.serviceName;
    assertValid(this.node.path, routerProblems(props, workerService));
    this.serviceName = service;
    this.servedModel = typeof workers === "string" ? undefined : workers.servedModel;
    const workerHealthPath = props.workerHealthPath ?? (typeof workers === "string" ? "/health" : workers.healthPath);
    this.job = new NomadJob(this, "Job", {
      job: routerJob({ ...props, workerService, workerHealthPath }, this.place),
      ...(typeof workers === "string" ? {} : { dependsOn: [workers.job.resource] }),
    });
  }
}

function routerProblems(options: SglangRouterOptions, workers: string): readonly Problem[] {
  const { name, service = name, replicas, retries, requestTimeoutSeconds, runtime } = options;
  const problems: Problem[] = [
    ...wholeNumberProblems("replicas", replicas, 1),
    ...wholeNumberProblems("retries", retries, 0),
    ...wholeNumberProblems("requestTimeoutSeconds", requestTimeoutSeconds, 1),
    ...runtimeProblems(runtime),
  ];
  if (workers === service) {
    const fix = "give the service of the workers another name";
    problems.push({ path: "workers", rule: "must be another service than the router's own", got: workers, fix });
  }
  return problems;
}
