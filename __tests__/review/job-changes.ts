import type { Group } from "../../constructs/jobspec/group";
import type { Job } from "../../constructs/jobspec/job";
import type { Task } from "../../constructs/jobspec/task";

/** A change to a job, by what it is called. */
export interface JobChange {
  readonly name: string;
  readonly change: (job: Job) => Job;
}

const task: Task = {
  driver: "raw_exec",
  config: { command: "/bin/sleep", args: ["3600"] },
  env: { MODE: "a" },
  templates: [{ destination: "local/a", data: "a", changeMode: "noop" }],
  logs: { maxFiles: 1, maxFileSize: "2MiB" },
  resources: { cpu: "20MHz", memory: "20MiB" },
};

const group: Group = {
  count: 2,
  network: { ports: { http: {}, admin: { to: 9000 } } },
  services: [{ name: "web", port: "http", tags: ["a"] }],
  ephemeralDisk: { size: "20MiB" },
  meta: { team: "a" },
  tasks: { web: task },
};

/** Jobs whose changes are looked at: plain, with canaries, with two groups, and one that runs on every machine. */
export const changedJobs: Readonly<Record<string, Job>> = {
  plain: { id: "plain", update: { healthCheck: "task_states" }, groups: { web: group } },
  canaries: {
    id: "canaries",
    update: { healthCheck: "task_states", canary: 1, maxParallel: 1 },
    groups: { web: { ...group, count: 3 } },
  },
  two: { id: "two", groups: { web: group, side: { tasks: { side: task } } } },
  system: { id: "system", type: "system", groups: { web: { tasks: { web: task } } } },
};

const onGroup = (name: string, change: (group: Group) => Partial<Group>): JobChange => ({
  name,
  change: (job) => ({
    ...job,
    groups: { ...job.groups, web: { ...job.groups["web"]!, ...change(job.groups["web"]!) } },
  }),
});
const onTask = (name: string, change: (task: Task) => object): JobChange =>
  onGroup(name, ({ tasks }) => ({ tasks: { ...tasks, web: { ...tasks["web"]!, ...change(tasks["web"]!) } } }));
const onJob = (name: string, change: (job: Job) => Partial<Job>): JobChange => ({
  name,
  change: (job) => ({ ...job, ...change(job) }),
});

/** Changes of every part that Nomad looks at when it decides, and of many that it does not. */
export const jobChanges: readonly JobChange[] = [
  onJob("nothing", () => ({})),
  onJob("priority", () => ({ priority: 60 })),
  onJob("meta of the job", () => ({ meta: { owner: "b" } })),
  onJob("a constraint that holds", () => ({ constraints: [{ attribute: "${attr.kernel.name}", value: "linux" }] })),
  onJob("an affinity of the job", () => ({ affinities: [{ attribute: "${node.class}", value: "a", weight: 10 }] })),
  onJob("datacenters that hold", () => ({ datacenters: ["*"] })),
  onJob("the interface's text", () => ({ ui: { description: "b" } })),
  onJob("a group more", (job) => ({ groups: { ...job.groups, more: { tasks: { more: task } } } })),
  onJob("all groups but web gone", ({ groups }) => ({ groups: { web: groups["web"]! } })),
  onJob("a group by another name", ({ groups: { web, ...rest } }) => ({ groups: { ...rest, renamed: web! } })),
  onGroup("one more", ({ count = 1 }) => ({ count: Math.min(count + 1, 4) })),
  onGroup("one fewer", ({ count = 1 }) => ({ count: Math.max(count - 1, 1) })),
  onGroup("restart policy", () => ({ restart: { attempts: 1, interval: "10m", delay: "20s", mode: "fail" } })),
  onGroup("templates rendered on restart", () => ({ restart: { renderTemplates: true } })),
  onGroup("shutdown delay", () => ({ shutdownDelay: "3s" })),
  onGroup("meta of the group", () => ({ meta: { team: "b" } })),
  onGroup("size of the disk", () => ({ ephemeralDisk: { size: "30MiB" } })),
  onGroup("a sticky disk", ({ ephemeralDisk }) => ({ ephemeralDisk: { ...ephemeralDisk, sticky: true } })),
  onGroup("a port more", ({ network }) => ({ network: { ...network, ports: { ...network?.ports, more: {} } } })),
  onGroup("a port fewer", () => ({ network: { ports: { http: {} } }, services: [{ name: "web", port: "http" }] })),
  onGroup("where a port leads", () => ({ network: { ports: { http: {}, admin: { to: 9001 } } } })),
  onGroup("a static port", () => ({ network: { ports: { http: { static: 18_080 }, admin: { to: 9000 } } } })),
  onGroup("name servers", ({ network }) => ({ network: { ...network, dns: { servers: ["127.0.0.1"] } } })),
  onGroup("tags of a service", () => ({ services: [{ name: "web", port: "http", tags: ["b"] }] })),
  onGroup("name of a service", () => ({ services: [{ name: "other", port: "http" }] })),
  onGroup("a check", () => ({
    services: [{ name: "web", port: "http", checks: [{ type: "tcp", interval: "10s", timeout: "2s" }] }],
  })),
  onGroup("no service", () => ({ services: [] })),
  onGroup("constraint of the group", () => ({ constraints: [{ attribute: "${attr.kernel.name}", value: "linux" }] })),
  onGroup("spread", () => ({ spreads: [{ attribute: "${node.datacenter}", weight: 50 }] })),
  onGroup("a volume", () => ({ volumes: { data: { type: "host", source: "data" } } })),
  onGroup("a task more", ({ tasks }) => ({ tasks: { ...tasks, more: task } })),
  onGroup("a task before it", ({ tasks }) => ({
    tasks: { ...tasks, first: { ...task, config: { command: "/bin/true" }, lifecycle: { hook: "prestart" } } as Task },
  })),
  onGroup("a task by another name", ({ tasks: { web, ...rest } }) => ({ tasks: { ...rest, renamed: web! } })),
  onTask("configuration", () => ({ config: { command: "/bin/sleep", args: ["7200"] } })),
  onTask("configuration with one more", ({ config }) => ({ config: { ...config, workDir: "/" } })),
  onTask("environment", () => ({ env: { MODE: "b" } })),
  onTask("one variable more", ({ env }) => ({ env: { ...env, MORE: "1" } })),
  onTask("no environment", () => ({ env: {} })),
  onTask("user", () => ({ user: "nobody" })),
  onTask("meta of the task", () => ({ meta: { a: "b" } })),
  onTask("text of a template", () => ({ templates: [{ destination: "local/a", data: "b", changeMode: "noop" }] })),
  onTask("what a template does", () => ({ templates: [{ destination: "local/a", data: "a", changeMode: "restart" }] })),
  onTask("what a template does anyway", () => ({
    templates: [{ destination: "local/a", data: "a", changeMode: "noop", splay: "5s", perms: "0644" }],
  })),
  onTask("rights of a template's file", () => ({
    templates: [{ destination: "local/a", data: "a", changeMode: "noop", perms: "0600" }],
  })),
  onTask("a template more", ({ templates = [] }) => ({
    templates: [...templates, { destination: "local/b", data: "b" }],
  })),
  onTask("an artifact", () => ({ artifacts: [{ source: "http://127.0.0.1:9/a" }] })),
  onTask("CPU", ({ resources }) => ({ resources: { ...resources, cpu: "30MHz" } })),
  onTask("memory", ({ resources }) => ({ resources: { ...resources, memory: "30MiB" } })),
  onTask("memory at most", ({ resources }) => ({ resources: { ...resources, memoryMax: "40MiB" } })),
  onTask("kill timeout", () => ({ killTimeout: "7s" })),
  onTask("kill signal", () => ({ killSignal: "SIGTERM" })),
  onTask("leader", () => ({ leader: true })),
  onTask("logs kept", () => ({ logs: { maxFiles: 2, maxFileSize: "3MiB" } })),
  onTask("no logs", () => ({ logs: { maxFiles: 1, maxFileSize: "2MiB", disabled: true } })),
  onTask("restart policy of the task", () => ({ restart: { attempts: 1 } })),
  onTask("templates rendered on the task's restart", () => ({ restart: { renderTemplates: true } })),
  onTask("constraint of the task", () => ({ constraints: [{ attribute: "${attr.kernel.name}", value: "linux" }] })),
  onTask("shutdown delay of the task", () => ({ shutdownDelay: "2s" })),
  onTask("an identity", () => ({ identities: [{ name: "a", aud: ["a"], file: true }] })),
  onTask("a service of the task", () => ({ services: [{ name: "of-task", port: "http" }] })),
];

/** Changes of a kind that a job can take, and all pairs of a cheap one with a dear one. */
export function changesOf(job: Job): readonly JobChange[] {
  const hasPorts = job.groups["web"]?.network !== undefined;
  const needsPorts = new Set(["tags of a service", "name of a service", "a check", "a service of the task"]);
  const notOfSystem = new Set(["an affinity of the job", "spread", "one more", "one fewer"]);
  const single = jobChanges.filter(
    ({ name }) => (hasPorts || !needsPorts.has(name)) && (job.type !== "system" || !notOfSystem.has(name)),
  );
  const pairs = ["priority", "one more", "kill timeout"].flatMap((first) =>
    ["CPU", "tags of a service", "no logs", "environment"].map((second) => [first, second] as const),
  );
  const byName = new Map(single.map((one) => [one.name, one]));
  return [
    ...single,
    ...pairs.flatMap(([first, second]): JobChange[] => {
      const a = byName.get(first);
      const b = byName.get(second);
      if (a === undefined || b === undefined) return [];
      return [{ name: `${first} and ${second}`, change: (given) => b.change(a.change(given)) }];
    }),
  ];
}
