import { Annotations } from "cdktf";
import { Construct } from "constructs";
import { assertValid, formatProblem } from "../../core/problems";
import { NomadJob } from "../../nomad/job";
import type { JobMount } from "../../nomad/job-mounts";
import { type PatternPlace, patternPlace } from "../../nomad/pattern-place";
import { withEndpoints } from "../base/endpoints";
import { ModelCache } from "../model-cache";
import { cacheEnvironment } from "../model-cache-jobs";
import type { Engine } from "./engine";
import { CACHE_DIRECTORY, inferenceJob, servedModelOf } from "./job";
import type { InferenceOptions } from "./options";
import { inferenceProblems } from "./problems";

/** A model behind an OpenAI-compatible API on the tailnet. Its engines are the subclasses. */
export abstract class InferenceService<O extends InferenceOptions = InferenceOptions> extends Construct {
  public readonly job: NomadJob;
  /** Name by which callers find it in Nomad's discovery, and by which the fleet opens it. */
  public readonly serviceName: string;
  /** Name of the model as requests give it. */
  public readonly servedModel: string;
  /** Path of the metrics for Prometheus; undefined for an engine without. */
  public readonly metricsPath: string | undefined;
  /** Path that answers with 200 once the model is loaded. */
  public readonly healthPath: string;
  /** Where it runs. */
  public readonly place: PatternPlace;

  protected constructor(scope: Construct, id: string, props: O, engine: Engine<O>) {
    super(scope, id);
    this.place = patternPlace(this, props.pool);
    const problems = inferenceProblems(engine, props, this.place);
    assertValid(this.node.path, problems);
    for (const problem of problems) Annotations.of(this).addWarning(formatProblem(problem));
    this.serviceName = props.service ?? props.name;
    this.servedModel = servedModelOf(engine, props);
    this.metricsPath = engine.metricsPath;
    this.healthPath = engine.healthPath;
    const { mounts, env } = cacheOf(props, engine.name);
    const job = inferenceJob(engine, props, this.place, env);
    const { name } = engine;
    this.job = new NomadJob(this, "Job", {
      job: withEndpoints(job, { group: name, task: name }, props.calls ?? [], props.wiring),
      mounts,
      preserveCounts: props.scaling !== undefined,
    });
  }
}

function cacheOf(
  { cache, offline = false }: InferenceOptions,
  task: string,
): { readonly mounts: readonly JobMount[]; readonly env: Readonly<Record<string, string>> | undefined } {
  if (cache === undefined) return { mounts: [], env: undefined };
  const place = { group: task, task, destination: CACHE_DIRECTORY, readOnly: offline };
  if (cache instanceof ModelCache) {
    const { mount, env } = cache.use(place);
    return { mounts: [mount], env };
  }
  return { mounts: [{ volume: cache, ...place }], env: cacheEnvironment(CACHE_DIRECTORY, offline) };
}
