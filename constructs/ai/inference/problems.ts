import { architectureOf } from "../../../model/gpu";
import type { Problem } from "../../core/problems";
import { oneOf } from "../../jobspec/rules/report";
import type { PatternPlace } from "../../nomad/pattern-place";
import type { Engine } from "./engine";
import type { InferenceOptions } from "./options";

/** What is wrong with a service of a model before there is a job: paths are those of its props. */
export function inferenceProblems<O extends InferenceOptions>(
  engine: Engine<O>,
  options: O,
  place: PatternPlace,
): readonly Problem[] {
  return [
    ...numberProblems(options),
    ...textProblems(options),
    ...imageProblems(engine, options, place),
    ...cacheProblems(options),
    ...tokenProblems(options),
    ...scalingProblems(engine, options),
  ];
}

/** Least value of each number. */
const LEAST = {
  gpus: 0,
  contextTokens: 1,
  concurrency: 1,
  replicas: 1,
  loadMinutes: 1,
  drainSeconds: 0,
} as const satisfies Partial<Record<keyof InferenceOptions, number>>;

function numberProblems(options: InferenceOptions): Problem[] {
  return (Object.keys(LEAST) as (keyof typeof LEAST)[]).flatMap((path) => {
    const got = options[path];
    if (got === undefined || (Number.isInteger(got) && got >= LEAST[path])) return [];
    return [{ path, rule: `must be a whole number of at least ${LEAST[path]}`, got }];
  });
}

function textProblems({ model, revision = "main" }: InferenceOptions): Problem[] {
  const plain = /^[\w.:/-]+$/;
  return Object.entries({ model, revision }).flatMap(([path, got]) =>
    plain.test(got) ? [] : [{ path, rule: "must be letters, digits, and any of . : / _ -", got }],
  );
}

/** The pinned image must run on the pool's machines; an image or program of one's own is the user's business. */
function imageProblems<O extends InferenceOptions>(engine: Engine<O>, options: O, place: PatternPlace): Problem[] {
  const { runtime, gpus = 1 } = options;
  if (runtime?.kind === "installed" || runtime?.image !== undefined) return [];
  const problems: Problem[] = [];
  const known = engine.architectures(gpus);
  const architecture = architectureOf(place.pool);
  if (!known.includes(architecture)) {
    problems.push({
      path: "pool",
      rule: `has ${architecture} machines, and the image of ${engine.name} is for ${known.join(" and ")} alone`,
      got: place.poolName,
      fix: `${oneOf(poolsFor(known, gpus, place), `add a pool of ${known.join(" or ")}`)}, or name another image in runtime.image`,
    });
  }
  if (gpus === 0 && !engine.runsOnCpu) {
    const rule = `must be at least 1: the image of ${engine.name} needs a GPU`;
    problems.push({ path: "gpus", rule, got: 0, fix: "name an image for CPUs in runtime.image, or ask for a GPU" });
  }
  return problems;
}

/** Other pools of the region with one of these architectures and so many GPUs per machine. */
function poolsFor(architectures: readonly string[], gpus: number, { fleet, region }: PatternPlace): readonly string[] {
  return Object.entries(fleet.pools)
    .filter(([, pool]) => pool.region === region && architectures.includes(architectureOf(pool)))
    .filter(([, pool]) => (pool.hardware.gpu?.count ?? 0) >= gpus)
    .map(([name]) => name);
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
