import type { Construct } from "constructs";
import type { Job } from "../constructs/jobspec/job";
import { NomadJob } from "../constructs/nomad/job";
import { jobs } from "./jobs";
import { logCollectorTo } from "./jobs/ts-log-collector";
import { monitoringOf } from "./jobs/ts-monitoring";
import { inEveryPool, inPool } from "./place";

/** Versions of a job that runs already: beside it, in a namespace of their own, with variables of their own. */
const next = { namespace: "next" };

/** Jobs of one pool each, by the name of their file. */
function ofSeeds(pool: string, ...names: readonly string[]): Record<string, Job> {
  return Object.fromEntries(names.map((name) => [name, inPool(seed(name), pool)] as const));
}

function seed(name: string): Job {
  const job = jobs[name];
  if (job === undefined) throw new RangeError(`no example ${name}`);
  return job;
}

/** Where each example runs: by region, by construct id. Ids begin with the name of the file. */
export const placed: Readonly<Record<string, Readonly<Record<string, Job>>>> = {
  home: {
    ...ofSeeds(
      "general",
      "ai-example-structure",
      "ai-my-service",
      "ai-app-host-network",
      "ai-app-prestart",
      "ai-workers",
    ),
    ...ofSeeds("general", "ai-neo4j", "ai-neo4j-setup", "ai-surrealdb", "ai-ray-head"),
    ...ofSeeds(
      "workstations",
      "ai-agent",
      "ai-mistral-7b",
      "ai-ollama",
      "ai-ray-worker",
      "ai-vllm-single",
      "ai-vllm-multi",
    ),
    ...ofSeeds("spark", "ai-mistral-24b", "ai-orchestrator"),
    ...ofSeeds("rigs", "ai-sglang-gateway-complete"),
    "ai-example-template": inPool(seed("ai-example-template"), "workstations", next),
    "ai-vllm-hf-cache": inPool(seed("ai-vllm-hf-cache"), "workstations", next),
    "ai-sglang-gateway-pattern": inPool(seed("ai-sglang-gateway-pattern"), "rigs", next),
    ...inEveryPool("ai-node-monitor", seed("ai-node-monitor"), ["general", "workstations", "spark", "rigs"]),
  },
  campus: {
    ...ofSeeds("web", "mr-nginx", "sc-example"),
    "sc-example-scaled": inPool(seed("sc-example-scaled"), "web", next),
    ...ofSeeds("training", "ts-ml-training", "ts-distributed-training"),
    "ts-monitoring": inPool(
      monitoringOf({ region: "campus", servers: ["campus-server-1", "campus-server-2", "campus-server-3"] }),
      "web",
    ),
    ...inEveryPool("ts-log-collector", logCollectorTo("logs.tail1a2b3.ts.net"), ["web", "training"]),
  },
};

/** The jobs as the program puts them into the regions' stacks. */
export const workloads = Object.fromEntries(
  Object.entries(placed).map(([region, byId]) => [
    region,
    (scope: Construct) => {
      for (const [id, job] of Object.entries(byId)) new NomadJob(scope, id, { job });
    },
  ]),
);
