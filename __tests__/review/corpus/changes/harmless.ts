import { type Change, inFleet, inJobs } from "../types";

/** What changes nothing that anybody should be told of, although the difference may be long. */
export const HARMLESS: readonly Change[] = [
  {
    name: "a comment",
    kind: "harmless",
    edits: [inFleet("  regions: {\n", "  // Three regions, one authority.\n  regions: {\n")],
  },
  {
    name: "the description of a pool",
    kind: "harmless",
    edits: [inFleet("One L4 per machine: batch work that may be interrupted", "One L4 per machine: batch work")],
  },
  {
    name: "the description of a namespace",
    kind: "harmless",
    edits: [inFleet('description: "Inference and training"', 'description: "Inference, training and agents"')],
  },
  {
    name: "callers in another order",
    kind: "disguised",
    edits: [
      inFleet('callers: ["edge", "group:research", "operators"]', 'callers: ["operators", "group:research", "edge"]'),
    ],
  },
  {
    name: "pools of an endpoint in another order",
    kind: "disguised",
    edits: [
      inFleet(
        'pools: ["h100", "edge"], callers: ["tag:monitoring"]',
        'pools: ["edge", "h100"], callers: ["tag:monitoring"]',
      ),
    ],
  },
  {
    name: "environment variables in another order",
    kind: "disguised",
    edits: [
      inJobs(
        'env: { LOG_LEVEL: "info", UPSTREAM_TIMEOUT: "30s" }',
        'env: { UPSTREAM_TIMEOUT: "30s", LOG_LEVEL: "info" }',
      ),
    ],
  },
  {
    name: "a frequency in another unit",
    kind: "disguised",
    edits: [inJobs('cpu: "1GHz"', 'cpu: "1000MHz"')],
  },
  {
    name: "a larger data volume for the servers of a region",
    kind: "harmless",
    edits: [inFleet('machineType: "m7i.large" }', 'machineType: "m7i.large", dataVolumeGiB: 80 }')],
    may: ["cost/changed"],
  },
  {
    name: "another machine type for servers, which only a replacement takes",
    kind: "harmless",
    edits: [inFleet('machineType: "n2-standard-2"', 'machineType: "n2-standard-4"')],
    may: ["cost/changed"],
  },
  {
    name: "an operator of research leaves",
    kind: "harmless",
    edits: [inFleet('["alan@example.com", "barbara@example.com"]', '["alan@example.com"]')],
    may: ["identity/operators"],
  },
  {
    name: "machines of a pool are told more about themselves",
    kind: "harmless",
    edits: [
      inFleet(
        'hostVolumes: { models: { path: "/srv/models" } }',
        'hostVolumes: { models: { path: "/srv/models" } },\n      nodeMeta: { rack: "a" }',
      ),
    ],
  },
  {
    name: "snapshots more often",
    kind: "harmless",
    edits: [inFleet("everyMinutes: 30", "everyMinutes: 15")],
  },
  {
    name: "a tag for the bill",
    kind: "harmless",
    edits: [inFleet('tags: { "cost-center": "ai-platform" }', 'tags: { "cost-center": "ai-research" }')],
  },
];
