import { seconds } from "../../jobspec/duration";
import type { Group } from "../../jobspec/group";
import type { Job } from "../../jobspec/job";
import { fitsPool } from "../../jobspec/placement/placeable";
import { env } from "../../jobspec/references";
import { listenAddress, runtimeAllowances } from "../../jobspec/program";
import { type PatternPlace, servicePort } from "../../nomad/pattern-place";
import { edgeDisconnect } from "../base/edge";
import { gpuRequest } from "../base/gpus";
import type { Engine, EngineContext } from "./engine";
import { healthCheck, restarts, rollout } from "./health";
import type { InferenceOptions } from "./options";
import { repositoryOf, servedModelOn } from "./model";
import { scalingOf } from "./scaling";
import { engineTask } from "./task";

/** Label of the port that answers. */
export const HTTP_PORT = "http";

/** Where tasks see the cache of models. */
export const CACHE_DIRECTORY = "/models";

/**
 * The job of a model's service: one group of replicas, each with the engine as its task.
 *
 * @param cacheEnv - environment of the cache; undefined without one.
 */
export function inferenceJob<O extends InferenceOptions>(
  engine: Engine<O>,
  options: O,
  place: PatternPlace,
  cacheEnv: Readonly<Record<string, string>> | undefined,
): Job {
  const { name, namespace, replicas = 1, loadMinutes = 30, drainSeconds = 30, service = name } = options;
  const context = contextOf(engine, options, place, cacheEnv !== undefined);
  const allow = [...context.gpus.allow, ...runtimeAllowances(options.runtime)];
  const scaling = scalingOf(engine, options, servedModelOf(engine, options));
  const group: Group = {
    count: replicas,
    ...(scaling === undefined ? {} : { scaling }),
    shutdownDelay: seconds(drainSeconds),
    network: { ports: { [HTTP_PORT]: servicePort(place, service) } },
    services: [
      { name: service, port: HTTP_PORT, tags: tagsOf(engine), checks: [healthCheck(engine.healthPath, loadMinutes)] },
    ],
    ...restarts(loadMinutes),
    ...(place.pool.edge === undefined ? {} : { disconnect: edgeDisconnect(place.pool.edge) }),
    ...engine.group?.(options),
    ...(context.gpus.constraints.length === 0 ? {} : { constraints: context.gpus.constraints }),
    tasks: { [engine.name]: engineTask(engine, context, cacheEnv), ...engine.tasks?.(context) },
  };
  const job: Job = {
    id: name,
    nodePool: place.poolName,
    ...(namespace === undefined ? {} : { namespace }),
    groups: { [engine.name]: group },
    ...(allow.length === 0 ? {} : { allow }),
  };
  const kind = options.rollout ?? (hasRoomForOneMore(job, place) ? "canary" : "rolling");
  return { ...job, update: rollout(kind, loadMinutes) };
}

/** Name of the model as requests give it. */
export function servedModelOf<O extends InferenceOptions>(engine: Engine<O>, options: O): string {
  return engine.servedModel?.(options) ?? repositoryOf(options);
}

function contextOf<O extends InferenceOptions>(
  engine: Engine<O>,
  options: O,
  place: PatternPlace,
  hasCache: boolean,
): EngineContext<O> {
  return {
    options,
    repository: repositoryOf(options),
    served: servedModelOn(engine, options, place),
    gpus: gpuRequest(place.pool, options.gpus ?? 1),
    address: listenAddress(options.runtime, HTTP_PORT),
    port: env.port(HTTP_PORT),
    models: hasCache ? CACHE_DIRECTORY : `${env.allocDir}/data`,
  };
}

/** Tags by which a collector of metrics finds what to ask. */
function tagsOf({ name, metricsPath }: Pick<Engine, "name" | "metricsPath">): readonly string[] {
  return [`engine=${name}`, ...(metricsPath === undefined ? [] : [`metrics=${metricsPath}`])];
}

/** Whether an idle pool has place for all allocations of a job's one group and one of the next version beside them. */
export function hasRoomForOneMore(job: Job, { fleet, region, poolName }: PatternPlace): boolean {
  const groups = Object.entries(job.groups).map(([name, group]) => [name, { ...group, count: (group.count ?? 1) + 1 }]);
  const more: Job = { ...job, region, groups: Object.fromEntries(groups) as Job["groups"] };
  return fitsPool(more, fleet, poolName).every(({ verdict }) => verdict === "yes");
}
