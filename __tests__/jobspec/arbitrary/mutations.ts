import * as fc from "fast-check";
import type { Job } from "../../../constructs/jobspec/job";
import { oddTexts } from "../corpus/texts";

type Path = readonly string[];
type Tree = Record<string, unknown>;

/** Values that rules draw a line at, by what stood there before. */
const edges: Readonly<Record<string, readonly unknown[]>> = {
  number: [-1, 0, 1, 2, 9, 101, 300, 65_536, 50_001],
  boolean: [true, false],
  duration: ["0s", "1ns", "500ms", "4s", "30s", "20m", "48h"],
  size: ["1MiB", "9MiB", "10MiB", "250MiB", "9TiB"],
  string: [
    "",
    " ",
    "a b",
    "a",
    "A_b",
    "-",
    "x".repeat(64),
    "${NOMAD_DC}",
    "ü",
    "../../../x",
    "/x",
    "1",
    oddTexts["bash"] ?? "",
  ],
};

/** Blocks and settings that break a rule in the right company: where they go, and what they are. */
const additions: readonly (readonly [level: "job" | "group" | "task", key: string, value: unknown])[] = [
  ...["service", "batch", "system", "sysbatch"].map((type) => ["job", "type", type] as const),
  ["job", "periodic", { cron: "@daily" }],
  ["job", "periodic", { crons: [] }],
  ["job", "periodic", { cron: "every day" }],
  ["job", "periodic", { cron: "@daily", timeZone: "Mars/Olympus" }],
  ["job", "parameterized", {}],
  ["job", "parameterized", { metaRequired: ["a"], metaOptional: ["a", "b"] }],
  ["job", "update", { autoPromote: true }],
  ["job", "update", { canary: 1, autoPromote: true }],
  ["job", "update", { healthyDeadline: "15m" }],
  ["job", "reschedule", { attempts: 2, interval: "1m", delay: "30s", unlimited: false }],
  ["job", "reschedule", { delay: "2s" }],
  ["job", "migrate", { maxParallel: 2 }],
  ["job", "affinities", [{ attribute: "${node.class}", value: "a" }]],
  ["job", "spreads", [{ attribute: "${node.class}", targets: { a: 70, b: 40 } }]],
  ["job", "constraints", [{ attribute: "${node.class}", operator: "regexp", value: "(" }]],
  ["job", "constraints", [{ attribute: "${attr.nomad.version}", operator: "version", value: "new" }]],
  ["job", "datacenters", [""]],
  ["job", "nodePool", "all"],
  ["group", "count", 2],
  ["group", "count", 0],
  ["group", "update", { minHealthyTime: "6m" }],
  ["group", "update", { maxParallel: 0, canary: 2 }],
  ["group", "restart", { attempts: 0, mode: "delay" }],
  ["group", "restart", { attempts: 10, delay: "1h" }],
  ["group", "restart", { interval: "1s" }],
  ["group", "reschedule", { attempts: 1, unlimited: true, delay: "5s", delayFunction: "constant" }],
  ["group", "disconnect", { stopOnClientAfter: "1m" }],
  ["group", "disconnect", { lostAfter: "1m", replace: false }],
  ["group", "scaling", { min: 5, max: 3 }],
  ["group", "scaling", { max: 1 }],
  ["group", "ephemeralDisk", { size: "20MiB" }],
  ["group", "network", { mode: "bridge", ports: {} }],
  ["group", "network", { mode: "host", hostname: "a" }],
  [
    "group",
    "services",
    [
      { name: "a", port: "http" },
      { name: "a", port: "http" },
    ],
  ],
  ["group", "services", [{ provider: "consul", name: "a", connect: { native: true } }]],
  ["group", "services", [{ provider: "consul", name: "a", port: "1", connect: { sidecarService: {} } }]],
  ["group", "volumes", {}],
  ["group", "volumes", { d: { type: "host", source: "d", accessMode: "single-node-reader-only" } }],
  [
    "group",
    "volumes",
    { d: { type: "csi", source: "d", accessMode: "single-node-writer", attachmentMode: "file-system" } },
  ],
  ["task", "leader", true],
  ["task", "lifecycle", { hook: "prestart", sidecar: true }],
  ["task", "dispatchPayload", { file: "a" }],
  ["task", "killTimeout", "40m"],
  ["task", "kind", "connect-proxy:a"],
  ["task", "volumeMounts", [{ volume: "nowhere", destination: "/a" }]],
  [
    "task",
    "templates",
    [
      { data: "a", destination: "local/a" },
      { data: "b", destination: "local/a" },
    ],
  ],
  ["task", "templates", [{ data: "a", destination: "a", changeMode: "signal" }]],
  ["task", "artifacts", [{ source: "https://a.example", options: { checksum: "md5:1" } }]],
  ["task", "artifacts", [{ source: "" }]],
  ["task", "identities", [{ ttl: "1h" }]],
  ["task", "identities", [{ name: "a", aud: ["a"], changeMode: "signal" }]],
  ["task", "resources", { cores: 1, cpu: "100MHz" }],
  ["task", "resources", { memory: "100MiB", memoryMax: "50MiB" }],
  ["task", "resources", { devices: [{ name: "gpu", constraints: [{ operator: "distinct_hosts" }] }] }],
  ["task", "constraints", [{ operator: "distinct_hosts" }]],
  ["task", "logs", { maxFiles: 100, maxFileSize: "100MiB" }],
  ["task", "csiPlugin", { id: "a", type: "node", mountDir: "/csi", stagePublishBaseDir: "/csi/stage" }],
  ["task", "services", [{ name: "a", port: "http", addressMode: "alloc" }]],
  ["task", "vault", { changeMode: "signal" }],
  ["task", "secrets", { "a-b": { provider: "nomad", path: "a" } }],
  ["task", "actions", { a: { command: "" } }],
  ["task", "consul", { partition: "a" }],
];

/** Properties that the types ask for, somewhere: a job without them does not compile. */
const needed = new Set(
  [
    [
      "id",
      "name",
      "label",
      "url",
      "attribute",
      "value",
      "source",
      "destination",
      "volume",
      "path",
      "file",
      "max",
      "hook",
    ],
    ["accessMode", "attachmentMode", "aud", "command", "data", "changeSignal", "interval", "timeout", "mode", "port"],
    ["destinationName", "localBindPort", "localPathPort", "listenerPort", "cron", "stopOnClientAfter"],
  ].flat(),
);

/** A job with one to three changes, of which many break a rule. */
export function mutated(jobs: fc.Arbitrary<Job>): fc.Arbitrary<Job> {
  const random = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.boolean()), { minLength: 1, maxLength: 3 });
  return fc.tuple(jobs, random).map(([job, changes]) => {
    const result = structuredClone(job) as unknown as Tree;
    for (const [where, what, isAddition] of changes) {
      if (isAddition) add(result, where, what);
      else change(result, where, what);
    }
    return result as unknown as Job;
  });
}

function add(job: Tree, where: number, what: number): void {
  const [level, key, value] = additions[what % additions.length] ?? ["job", "type", "batch"];
  const groups = Object.values(job["groups"] as Record<string, Tree>);
  const tasks = groups.flatMap((group) => Object.values(group["tasks"] as Record<string, Tree>));
  const places = { job: [job], group: groups, task: tasks }[level];
  const place = places[where % places.length];
  if (place !== undefined) place[key] = structuredClone(value);
}

/** Puts another value at a leaf, or takes the leaf or what holds it away. */
function change(job: Tree, where: number, what: number): void {
  const all = leaves(job, []);
  const path = all[where % all.length] ?? ["id"];
  const holder = path.slice(0, -1).reduce<unknown>((tree, key) => (tree as Tree)[key], job) as Tree;
  const key = path[path.length - 1] ?? "";
  const values = edges[kindOf(holder[key])] ?? [];
  if (what % 5 === 0 && !Array.isArray(holder) && !needed.has(key)) Reflect.deleteProperty(holder, key);
  else holder[key] = values[what % values.length];
}

function kindOf(value: unknown): string {
  if (typeof value !== "string") return typeof value;
  if (/^[\d.]+(ns|us|ms|s|m|h)/.test(value)) return "duration";
  return /^[\d.]+[MGT]iB$/.test(value) ? "size" : "string";
}

/** Paths of all numbers, texts and booleans, but what Nomad does not read. */
function leaves(value: unknown, path: Path): Path[] {
  if (value === undefined || value === null) return [];
  if (typeof value !== "object") return [path];
  return Object.entries(value).flatMap(([key, inner]) =>
    ["config", "policy", "type", "provider", "driver"].includes(key) ? [] : leaves(inner, [...path, key]),
  );
}
