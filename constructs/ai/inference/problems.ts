import { activeHosts } from "../../../model/names";
import type { Fleet, Pool } from "../../../model/types";
import type { Problem } from "../../core/problems";
import { wholeNumberProblems } from "../../core/whole-number";
import { runtimeProblems } from "../../jobspec/program";
import type { PatternPlace } from "../../nomad/pattern-place";
import { gpuRequestProblems, type GpuWish } from "../base/gpu-problems";
import type { Engine } from "./engine";
import { modelProblems, repositoryOf } from "./model";
import type { InferenceOptions } from "./options";

/** What is wrong with a service of a model before there is a job: paths are those of its props. */
export function inferenceProblems<O extends InferenceOptions>(
  engine: Engine<O>,
  options: O,
  place: PatternPlace,
): readonly Problem[] {
  const own = [
    ...numberProblems(options),
    ...textProblems(options),
    ...runtimeProblems(options.runtime),
    ...hardwareProblems(engine, options, place),
    ...portProblems(options, place),
    ...cacheProblems(options),
    ...tokenProblems(options),
    ...scalingProblems(engine, options),
  ];
  // What is wrong by itself is not also asked whether it fits.
  const wrong = new Set(own.map(({ path }) => path));
  return [...own, ...modelProblems(engine, options, place).filter(({ path }) => !wrong.has(path))];
}

/** Least value of each number. */
const LEAST = {
  contextTokens: 1,
  concurrency: 1,
  replicas: 1,
  loadMinutes: 1,
  drainSeconds: 0,
} as const satisfies Partial<Record<keyof InferenceOptions, number>>;

function numberProblems(options: InferenceOptions): Problem[] {
  return (Object.keys(LEAST) as (keyof typeof LEAST)[]).flatMap((path) =>
    wholeNumberProblems(path, options[path], LEAST[path]),
  );
}

function textProblems(options: InferenceOptions): Problem[] {
  const { revision = "main" } = options;
  const plain = /^[\w.:/-]+$/;
  return Object.entries({ model: repositoryOf(options), revision }).flatMap(([path, got]) =>
    plain.test(got) ? [] : [{ path, rule: "must be letters, digits, and any of . : / _ -", got }],
  );
}

/** The pinned image must run on the pool's machines; an image or program of one's own is the user's business. */
function hardwareProblems<O extends InferenceOptions>(engine: Engine<O>, options: O, place: PatternPlace): Problem[] {
  const { runtime, gpus = 1 } = options;
  const isPinned = runtime?.kind !== "installed" && runtime?.image === undefined;
  const wish: GpuWish = { ...place, count: gpus, ...(isPinned ? { architectures: engine.architectures(gpus) } : {}) };
  const problems = gpuRequestProblems(wish);
  if (gpus === 0 && isPinned && !engine.runsOnCpu) {
    const rule = `must be at least 1: the image of ${engine.name} needs a GPU`;
    problems.push({ path: "gpus", rule, got: 0, fix: "name an image for CPUs in runtime.image, or ask for a GPU" });
  }
  return problems;
}

/** One machine has a static port once. Nomad would give it out again on the machine's other address, where no caller looks. */
function portProblems(options: InferenceOptions, { fleet, pool, poolName }: PatternPlace): Problem[] {
  const { name, service = name, replicas = 1, scaling } = options;
  const port = ownPort(fleet, service);
  if (port === undefined) return [];
  const problems: Problem[] = [];
  const machines = machineCount(fleet, pool);
  const most = Math.max(replicas, scaling?.max ?? 0);
  if (machines !== undefined && most > machines) {
    const rule = `must be at most ${machines}, the machines of pool ${poolName}: each has port ${port} once`;
    const path = most > replicas ? "scaling.max" : "replicas";
    const fix = `write \`port: "dynamic"\` at services.${service} of the fleet, or add machines`;
    problems.push({ path, rule, got: most, fix });
  }
  const others = Object.entries(fleet.services ?? {}).filter(
    ([other, { port: its, pools }]) => other !== service && its === port && pools.includes(poolName),
  );
  for (const [other] of others) {
    const rule = `has port ${port} in pool ${poolName}, and so has ${other}`;
    problems.push({
      path: "service",
      rule,
      got: service,
      fix: "give one of them another port in the fleet's services",
    });
  }
  return problems;
}

function machineCount({ sites }: Fleet, { hosts, site, count }: Pool): number | undefined {
  return hosts === undefined ? count : activeHosts(sites[site], hosts).length;
}

function ownPort({ services = {} }: Fleet, service: string): number | undefined {
  const port = Object.hasOwn(services, service) ? services[service]?.port : undefined;
  return typeof port === "number" ? port : undefined;
}

function cacheProblems({ cache, offline }: InferenceOptions): Problem[] {
  if (offline !== true || cache !== undefined) return [];
  return [{ path: "offline", rule: "needs a cache to take the model from", got: true, fix: "name one in cache" }];
}

function tokenProblems({ tokenVariable, name }: InferenceOptions): Problem[] {
  if (tokenVariable === undefined) return [];
  const own = `nomad/jobs/${name}`;
  if (["nomad/jobs", own].includes(tokenVariable) || tokenVariable.startsWith(`${own}/`)) return [];
  const rule = "must be a variable that the job may read without a policy";
  return [{ path: "tokenVariable", rule, got: tokenVariable, fix: `write it as ${own}` }];
}

function scalingProblems<O extends InferenceOptions>(engine: Engine<O>, { scaling }: O): Problem[] {
  if (scaling === undefined) return [];
  const problems: Problem[] = [];
  if (scaling.query === undefined && engine.requestsQuery === undefined) {
    const rule = `must be given: ${engine.name} has no metrics of its own`;
    problems.push({ path: "scaling.query", rule, fix: "ask for requests of a replica on the average" });
  }
  if (scaling.query === undefined && (scaling.source ?? "prometheus") !== "prometheus") {
    const rule = "must be given: the engine's own query is for Prometheus";
    problems.push({ path: "scaling.query", rule, fix: `write it in the language of ${scaling.source ?? ""}` });
  }
  if (!(scaling.requestsPerReplica > 0)) {
    problems.push({ path: "scaling.requestsPerReplica", rule: "must be above 0", got: scaling.requestsPerReplica });
  }
  return problems;
}
