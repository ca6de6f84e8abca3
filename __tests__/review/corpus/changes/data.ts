import { type Change, inFleet, inJobs } from "../types";

const BACKUPS =
  '      backups: { store: { kind: "s3", operatorArns: ["arn:aws:iam::123456789012:role/platform-team"] } },\n';
const SCRATCH = '          scratch: { kind: "dynamic-host", pool: "h100", machines: 2, mode: "0770", gid: 1000 },\n';

/** What touches what is stored. */
export const DATA: readonly Change[] = [
  {
    name: "volumes lose their protection",
    kind: "risky",
    edits: [inFleet('machineType: "m7i.large" }', 'machineType: "m7i.large", disposable: { reason: "a trial" } }')],
    must: ["data/disposable|data/protection-removed"],
    may: ["data/"],
  },
  {
    name: "a volume's line is deleted",
    kind: "risky",
    edits: [inFleet(SCRATCH, "")],
    must: ["data/volume-destroyed"],
    may: ["removal/"],
    blocks: true,
  },
  {
    name: "a volume is retired, and keeps its data",
    kind: "harmless",
    edits: [inFleet('mode: "0770", gid: 1000 }', 'mode: "0770", gid: 1000, retired: { reason: "nobody uses it" } }')],
    may: ["removal/"],
  },
  {
    name: "a volume is retired, with its data",
    kind: "risky",
    edits: [
      inFleet(
        'mode: "0770", gid: 1000 }',
        'mode: "0770", gid: 1000, disposable: { reason: "caches only" }, retired: { reason: "nobody uses it" } }',
      ),
    ],
    must: ["data/volume-destroyed|data/disposable|data/protection-removed"],
    may: ["data/", "removal/"],
  },
  {
    name: "one volume of two goes",
    kind: "disguised",
    edits: [inFleet("machines: 2, mode", "machines: 1, mode")],
    must: ["data/volume-destroyed"],
    blocks: true,
  },
  {
    name: "a volume gets another name",
    kind: "disguised",
    edits: [inFleet("          scratch: {", '          "fast-scratch": {')],
    must: ["data/volume-destroyed|ids/renamed"],
    may: ["data/volume-destroyed", "ids/renamed"],
    blocks: true,
  },
  {
    name: "a database's directory moves to other machines",
    kind: "disguised",
    edits: [inJobs('volumeName: "sessions", pool: "graviton"', 'volumeName: "sessions", pool: "l4-spot"')],
    refused: /./,
  },
  {
    name: "a database's volume gets another name",
    kind: "disguised",
    edits: [inJobs('volumeName: "sessions", pool', 'volumeName: "session-data", pool')],
    must: ["data/database-destroyed|data/volume-replaced"],
    may: ["jobs/destructive", "data/"],
    blocks: true,
  },
  {
    name: "a volume's construct gets another id",
    kind: "disguised",
    edits: [inJobs('"SessionsData"', '"SessionsVolume"')],
    must: ["ids/renamed"],
    may: ["data/volume-destroyed", "jobs/destructive"],
    blocks: true,
  },
  {
    name: "a database goes, with its volume",
    kind: "risky",
    edits: [
      inJobs(
        '    const volume = new DynamicHostVolume(scope, "SessionsData", { volumeName: "sessions", pool: "graviton" });\n    new Redis(scope, "Sessions", { name: "sessions", pool: "graviton", volume });\n',
        "",
      ),
    ],
    must: ["data/volume-destroyed|data/database-destroyed"],
    may: ["jobs/removed", "data/", "identity/"],
    blocks: true,
  },
  {
    name: "a shared directory is another one",
    kind: "disguised",
    edits: [inFleet("/mnt/pool0/share/hf-cache", "/mnt/pool1/share/hf-cache")],
    must: ["data/volume-moved|data/volume-replaced"],
  },
  {
    name: "a directory of the machines is another one",
    kind: "disguised",
    edits: [inFleet('models: { path: "/srv/models" }', 'models: { path: "/data/models" }')],
    must: ["data/volume-moved|data/volume-replaced"],
  },
  {
    name: "no snapshots any more",
    kind: "risky",
    edits: [inFleet(BACKUPS, "")],
    must: ["data/backups-removed", "data/bucket-destroyed"],
    may: ["data/", "identity/"],
    blocks: true,
  },
  {
    name: "snapshots are kept for two days instead of fourteen",
    kind: "disguised",
    edits: [inFleet("keepDays: 14", "keepDays: 2")],
    must: ["data/backups-removed|data/backups-shortened|data/protection-removed"],
  },
  {
    name: "snapshots go into a bucket of another name",
    kind: "disguised",
    edits: [
      inFleet(
        'store: { kind: "s3", operatorArns',
        'store: { kind: "s3", name: "example-nomad-snapshots", operatorArns',
      ),
    ],
    must: ["data/bucket-destroyed|data/bucket-replaced"],
    may: ["data/", "identity/iam-widened"],
    blocks: true,
  },
  {
    name: "a namespace goes while jobs are in it",
    kind: "risky",
    edits: [inFleet('  namespaces: { ai: { description: "Inference and training" } },\n', "")],
    refused: /namespace/,
  },
  {
    name: "a namespace gets another name",
    kind: "disguised",
    edits: [inFleet("namespaces: { ai: {", "namespaces: { ml: {"), inJobs('namespace: "ai"', 'namespace: "ml"', true)],
    must: ["data/namespace-destroyed|ids/renamed"],
    may: ["jobs/", "data/", "ids/", "identity/"],
    blocks: true,
  },
  {
    name: "smaller data volumes for servers",
    kind: "disguised",
    edits: [inFleet('machineType: "m7i.large" }', 'machineType: "m7i.large", dataVolumeGiB: 20 }')],
    must: ["data/storage-shrunk"],
    may: ["data/volume-replaced"],
    blocks: true,
  },
  {
    name: "a CSI volume for a job that is to come",
    kind: "harmless",
    edits: [
      inFleet(
        SCRATCH,
        `${SCRATCH}          checkpoints: { kind: "nfs", plugin: "nfs", server: "nas", share: "/mnt/pool0/share/checkpoints" },\n`,
      ),
    ],
  },
];
