import type { Group } from "../../constructs/jobspec/group";
import type { Job } from "../../constructs/jobspec/job";
import type { Task } from "../../constructs/jobspec/task";
import type { Template } from "../../constructs/jobspec/template";

const task: Task = { driver: "exec", config: { command: "/bin/true" } };

/** A small valid job, with changes. */
export function job(changes: Partial<Job> = {}, group: Partial<Group> = {}, options: Partial<Task> = {}): Job {
  return {
    id: "web",
    groups: { web: { ...group, tasks: group.tasks ?? { web: { ...task, ...options } as Task } } },
    ...changes,
  };
}

/** Jobs that both the rules and the real nomad refuse. */
export const refused: Readonly<Record<string, Job>> = {
  "an id with a space": job({ id: "a b" }),
  "no group": job({ groups: {} }),
  "no task": job({}, { tasks: {} }),
  "a spread on a system job": job({ type: "system", spreads: [{ attribute: "${node.class}" }] }),
  "an affinity on a system job": job({ type: "system", affinities: [{ attribute: "${node.class}", value: "a" }] }),
  "a reschedule block on a system job": job(
    { type: "system" },
    { reschedule: { unlimited: false, attempts: 1, interval: "1h", delay: "5s", delayFunction: "constant" } },
  ),
  "a system job with count 2": job({ type: "system" }, { count: 2 }),
  "a health time above its deadline": job({ update: { minHealthyTime: "6m", healthyDeadline: "5m" } }),
  "a healthy deadline above the progress deadline": job({
    update: { healthyDeadline: "11m", progressDeadline: "10m" },
  }),
  "auto-promote without canaries": job({ update: { autoPromote: true, canary: 0 } }),
  "more restarts than fit the interval": job(
    {},
    { restart: { attempts: 100, delay: "1m", interval: "10m", mode: "fail" } },
  ),
  "a restart interval below 5 seconds": job(
    {},
    { restart: { attempts: 1, delay: "1s", interval: "2s", mode: "fail" } },
  ),
  "a service name with an underscore": job(
    {},
    { network: { ports: { http: {} } }, services: [{ name: "a_b", port: "http" }] },
  ),
  "a check every half second": job(
    {},
    {
      network: { ports: { http: {} } },
      services: [{ name: "web", port: "http", checks: [{ type: "tcp", interval: "500ms", timeout: "1s" }] }],
    },
  ),
  "two ports with one number": job({}, { network: { ports: { a: { static: 80 }, b: { static: 80 } } } }),
  "a mount of a volume that is not there": job({}, {}, { volumeMounts: [{ volume: "data", destination: "/d" }] }),
  "a template without text": job({}, {}, { templates: [{ destination: "local/a" } as Template] }),
  "a template outside the sandbox": job({}, {}, { templates: [{ data: "", destination: "../../../a" }] }),
  "logs larger than the disk": job({}, { ephemeralDisk: { size: "50MiB" } }),
  "cpu and cores": job({}, {}, { resources: { cpu: "100MHz", cores: 1 } as never }),
  "too little memory": job({}, {}, { resources: { memory: "5MiB" } }),
  "two leaders": job({}, { tasks: { a: { ...task, leader: true }, b: { ...task, leader: true } } }),
  "a periodic service": job({ periodic: { crons: ["@daily"] } }),
  "an unknown cron expression": job({ type: "batch", periodic: { crons: ["tomorrow"] } }),
  "a spread above 100 percent": job({ spreads: [{ attribute: "${node.class}", targets: { a: 60, b: 50 } }] }),
  "a task-level distinct_hosts": job({}, {}, { constraints: [{ operator: "distinct_hosts" } as never] }),
  "a disconnect with both times": job({}, { disconnect: { lostAfter: "1h", stopOnClientAfter: "1m" } as never }),
  "update on a batch job": job({ type: "batch" }, { update: { maxParallel: 1 } }),
  "a named identity without an audience's ttl rule": job({}, {}, { identities: [{ ttl: "1h" }] }),
  "metadata that is required and optional": job({
    type: "batch",
    parameterized: { metaRequired: ["a"], metaOptional: ["a"] },
  }),
};
