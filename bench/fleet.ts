import type { Construct } from "constructs";
import type { Job } from "../constructs/jobspec/job";
import { NomadJob } from "../constructs/nomad/job";
import { fleet, type GeneratedJob, jobsOf } from "./model";

export { fleet } from "./model";

/** The generated jobs, by region. */
export const workloads = Object.fromEntries(
  Object.keys(fleet.regions).map((region) => [
    region,
    (scope: Construct) => {
      for (const data of jobsOf(region)) new NomadJob(scope, data.id, { job: jobFrom(region, data) });
    },
  ]),
);

function jobFrom(region: string, { id, nodePool, count, team, index, image }: GeneratedJob): Job {
  return {
    id,
    nodePool,
    meta: { team },
    constraints: [{ attribute: "${attr.kernel.name}", value: "linux" }],
    update: { maxParallel: 1, minHealthyTime: "10s", healthyDeadline: "3m" },
    groups: {
      main: {
        count,
        shutdownDelay: "5s",
        network: { ports: { http: { to: 8080 } } },
        restart: { attempts: 2, interval: "10m", delay: "15s", mode: "fail" },
        services: [
          {
            name: "inference",
            port: "http",
            tags: [team],
            checks: [{ type: "http", path: "/health", interval: "10s", timeout: "2s" }],
          },
        ],
        tasks: {
          app: {
            driver: "docker",
            config: { image, ports: ["http"], args: ["--port", "${NOMAD_PORT_http}"] },
            env: { REGION: region, INDEX: String(index), ALLOC: "${NOMAD_ALLOC_ID}" },
            resources: { cpu: "500MHz", memory: "1024MiB", devices: [{ name: "nvidia/gpu", count: 1 }] },
          },
        },
      },
    },
  };
}
