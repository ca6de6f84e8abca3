import { type Change, inJobs } from "../types";

/** What changes jobs. */
export const JOBS: readonly Change[] = [
  {
    name: "a new image, with a canary",
    kind: "harmless",
    edits: [
      inJobs(
        'config: { image: image("gateway"), ports',
        'config: { image: "registry.example.com/team/gateway:1.5.0", ports',
      ),
    ],
    must: ["jobs/canary|jobs/image-changed"],
  },
  {
    name: "a new image, without a canary",
    kind: "risky",
    edits: [
      inJobs(
        'config: { image: image("embedder"), ports',
        'config: { image: "registry.example.com/team/embedder:2.0.0", ports',
      ),
    ],
    must: ["jobs/destructive"],
  },
  {
    name: "one copy more",
    kind: "harmless",
    edits: [inJobs("count: 2,", "count: 3,")],
    must: ["jobs/in-place|jobs/scaled"],
    may: ["capacity/"],
  },
  {
    name: "three copies become one",
    kind: "disguised",
    edits: [inJobs("count: 3,", "count: 1,")],
    must: ["jobs/scaled-down"],
  },
  {
    name: "another value of a variable",
    kind: "harmless",
    edits: [inJobs('LOG_LEVEL: "info"', 'LOG_LEVEL: "debug"')],
    must: ["jobs/canary"],
  },
  {
    name: "more memory",
    kind: "harmless",
    edits: [inJobs('memory: "1GiB"', 'memory: "2GiB"')],
    must: ["jobs/canary"],
  },
  {
    name: "a check more rarely",
    kind: "harmless",
    edits: [inJobs('interval: "10s"', 'interval: "15s"', true)],
    must: ["jobs/in-place"],
  },
  {
    name: "another hour for a periodic job",
    kind: "harmless",
    edits: [inJobs('crons: ["0 3 * * *"]', 'crons: ["0 4 * * *"]')],
    must: ["jobs/in-place"],
  },
  {
    name: "a job gets another id",
    kind: "disguised",
    edits: [inJobs('id: "gateway",', 'id: "gateway-v2",')],
    must: ["ids/renamed|jobs/removed"],
    may: ["jobs/", "ids/"],
  },
  {
    name: "a job's construct gets another id",
    kind: "disguised",
    edits: [inJobs('new NomadJob(scope, "gateway", {', 'new NomadJob(scope, "Gateway", {')],
    must: ["ids/renamed"],
    may: ["jobs/removed"],
    blocks: true,
  },
  {
    name: "a job moves to another pool",
    kind: "risky",
    edits: [
      inJobs('nodePool: "l4-spot"', 'nodePool: "l40s"'),
      inJobs('pools: ["l4-spot"], callers: ["graviton"]', 'pools: ["l40s"], callers: ["graviton"]'),
      inJobs("count: 3,", "count: 2,"),
    ],
    must: ["jobs/moved|jobs/destructive"],
    may: ["jobs/", "reachability/"],
  },
  {
    name: "a job goes",
    kind: "risky",
    edits: [
      inJobs(
        `    new NomadJob(scope, "trainer", {
      job: {
        id: "trainer",
        namespace: "ai",
        type: "batch",
        nodePool: "h100",
        periodic: { crons: ["0 3 * * *"], prohibitOverlap: true },
        groups: {
          train: {
            tasks: {
              train: {
                driver: "docker",
                config: { image: image("trainer") },
                resources: { cpu: "64GHz", memory: "512GiB", devices: [{ name: "nvidia/gpu", count: 8 }] },
              },
            },
          },
        },
      },
    });
`,
        "    void scope;\n",
      ),
    ],
    must: ["jobs/removed"],
    may: ["jobs/removed"],
  },
  {
    name: "no canary any more, and a new image",
    kind: "disguised",
    edits: [
      inJobs("update: { maxParallel: 1, canary: 1, autoRevert: true }", "update: { maxParallel: 2 }"),
      inJobs(
        'config: { image: image("gateway"), ports',
        'config: { image: "registry.example.com/team/gateway:1.5.0", ports',
      ),
    ],
    must: ["jobs/destructive"],
  },
  {
    name: "a secret in plain sight",
    kind: "risky",
    edits: [inJobs('LOG_LEVEL: "info",', 'LOG_LEVEL: "info", HF_TOKEN: "hf_bWFkZS11cC1mb3ItYS10ZXN0LW9ubHk",')],
    refused: /secret|token/i,
  },
  {
    name: "a secret among arguments",
    kind: "disguised",
    edits: [
      inJobs(
        'config: { image: image("trainer") }',
        'config: { image: image("trainer"), args: ["--store", "s3://AKIAQ3EGRIPMADEUP7AB:x@data/"] }',
      ),
    ],
    refused: /secret/,
  },
  {
    name: "a digest that looks like a secret",
    kind: "harmless",
    edits: [
      inJobs(
        'config: { image: image("trainer") }',
        'config: { image: "registry.example.com/team/trainer@sha256:0e1f2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f7" }',
      ),
    ],
    may: ["jobs/"],
  },
];
