import type { Group } from "../../jobspec/group";
import type { Job } from "../../jobspec/job";
import { listenAddress, programTask } from "../../jobspec/program";
import { fitsPool } from "../../jobspec/placement/placeable";
import { seconds } from "../../jobspec/duration";
import { env } from "../../jobspec/references";
import { gibibytes, megahertz, type Size } from "../../jobspec/size";
import type { Task } from "../../jobspec/task";
import { variableEnvironment } from "../../jobspec/variable-file";
import { type PatternPlace, servicePort } from "../../nomad/pattern-place";
import { gpuRequest, type GpuRequest } from "../base/gpus";
import type { Engine } from "./engine";
import { healthCheck, restarts, rollout } from "./health";
import type { InferenceOptions } from "./options";

/** Label of the port that answers. */
export const HTTP_PORT = "http";

/** The job of a model's service: one group of replicas, each with the engine as its task. */
export function inferenceJob(
  engine: Engine,
  options: InferenceOptions,
  place: PatternPlace,
  cacheEnv: Readonly<Record<string, string>>,
): Job {
  const { name, namespace, replicas = 1, loadMinutes = 30, drainSeconds = 30, service = name } = options;
  const group: Group = {
    count: replicas,
    shutdownDelay: seconds(drainSeconds),
    network: { ports: { [HTTP_PORT]: servicePort(place, service) } },
    services: [
      {
        name: service,
        port: HTTP_PORT,
        tags: tagsOf(engine),
        checks: [healthCheck(engine.healthPath, loadMinutes)],
      },
    ],
    ...restarts(loadMinutes),
    ...(place.pool.edge === undefined ? {} : { disconnect: edgeDisconnect(place.pool.edge) }),
    tasks: { [engine.name]: engineTask(engine, options, place, cacheEnv) },
  };
  const job: Job = {
    id: name,
    nodePool: place.poolName,
    ...(namespace === undefined ? {} : { namespace }),
    groups: { [engine.name]: group },
  };
  const kind = options.rollout ?? (hasRoomForOneMore(job, place, engine.name, replicas) ? "canary" : "rolling");
  return { ...job, update: rollout(kind, loadMinutes) };
}

function engineTask(
  engine: Engine,
  options: InferenceOptions,
  { pool }: PatternPlace,
  cacheEnv: Readonly<Record<string, string>>,
): Task {
  const { runtime, tokenVariable, gpus: count = 1 } = options;
  const gpus = gpuRequest(pool, count);
  const context = { options, gpus, address: listenAddress(runtime, HTTP_PORT), port: env.port(HTTP_PORT) };
  const program = engine.program(context);
  const environment = { ...gpus.env, ...cacheEnv };
  return {
    ...programTask(runtime, { ...program, container: { ...program.container, ...gpus.container } }),
    // Longer is cut by the client; requests have `drainSeconds` before it.
    killTimeout: "30s",
    killSignal: "SIGTERM",
    ...(Object.keys(environment).length === 0 ? {} : { env: environment }),
    ...(tokenVariable === undefined ? {} : { templates: [variableEnvironment(tokenVariable, { HF_TOKEN: "token" })] }),
    resources: {
      cpu: options.cpu ?? megahertz(4000 + 2000 * Math.max(0, count - 1)),
      memory: options.memory ?? memoryOf(gpus),
      ...(gpus.devices.length === 0 ? {} : { devices: gpus.devices }),
    },
  };
}

/** Programs, their page cache of weights on the way to the GPU, and buffers per GPU. */
function memoryOf({ count }: GpuRequest): Size {
  return gibibytes(16 + 8 * Math.max(0, count - 1));
}

/** Tags by which a collector of metrics finds what to ask. */
function tagsOf({ name, metricsPath }: Engine): readonly string[] {
  return [`engine=${name}`, ...(metricsPath === undefined ? [] : [`metrics=${metricsPath}`])];
}

function edgeDisconnect({ toleratedDisconnectSeconds = 3600 }: { readonly toleratedDisconnectSeconds?: number }) {
  return { lostAfter: seconds(toleratedDisconnectSeconds), reconcile: "best_score" } as const;
}

/** Whether an idle pool has place for all replicas and one of the next version beside them. */
function hasRoomForOneMore(
  job: Job,
  { fleet, region, poolName }: PatternPlace,
  name: string,
  replicas: number,
): boolean {
  const group = job.groups[name];
  if (group === undefined) return false;
  const more: Job = { ...job, region, groups: { [name]: { ...group, count: replicas + 1 } } };
  return fitsPool(more, fleet, poolName).every(({ verdict }) => verdict === "yes");
}
