import { type Change, inFleet, inJobs } from "../types";

const FOURTH = `        "fra-server-4": {
          address: "10.20.0.14",
          hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHk3w0vpR0Yb5l1m5Jw6Zb2mYcJYH8pV5e0l3o9d1a07",
        },
`;

/** What touches servers. */
export const QUORUM: readonly Change[] = [
  {
    name: "a region of three servers becomes one of one",
    kind: "risky",
    edits: [
      inFleet('servers: { count: 3, machineType: "m7i.large" }', 'servers: { count: 1, machineType: "m7i.large" }'),
    ],
    must: ["quorum/servers-changed|quorum/server-removed"],
    may: ["quorum/", "data/", "removal/", "capacity/", "cost/", "identity/"],
    blocks: true,
  },
  {
    name: "a region of three servers becomes one of five",
    kind: "risky",
    edits: [
      inFleet('servers: { count: 3, machineType: "m7i.large" }', 'servers: { count: 5, machineType: "m7i.large" }'),
    ],
    must: ["quorum/servers-changed"],
    may: ["cost/", "reachability/opened", "identity/iam-widened"],
  },
  {
    name: "a region of two servers",
    kind: "risky",
    edits: [
      inFleet(
        'servers: { count: 3, machineType: "n2-standard-2" }',
        'servers: { count: 2, machineType: "n2-standard-2" }',
      ),
    ],
    refused: /1, 3 or 5/,
  },
  {
    name: "the subnet of a zone moves, and the server in it with it",
    kind: "disguised",
    edits: [inFleet('"eu-central-1a": { cidr: "10.40.0.0/20" }', '"eu-central-1a": { cidr: "10.40.48.0/20" }')],
    must: ["quorum/server-replaced"],
    may: ["data/volume-moved"],
  },
  {
    name: "zones in another order, which are the servers' homes",
    kind: "disguised",
    edits: [
      inFleet(
        '"eu-central-1a": { cidr: "10.40.0.0/20" },\n        "eu-central-1b": { cidr: "10.40.16.0/20" },',
        '"eu-central-1b": { cidr: "10.40.16.0/20" },\n        "eu-central-1a": { cidr: "10.40.0.0/20" },',
      ),
    ],
    must: ["quorum/server-replaced", "data/volume-replaced"],
    may: ["quorum/"],
    blocks: true,
  },
  {
    name: "servers of two regions move at once",
    kind: "risky",
    edits: [
      inFleet('"eu-central-1a": { cidr: "10.40.0.0/20" }', '"eu-central-1a": { cidr: "10.40.48.0/20" }'),
      inFleet(
        'zones: ["europe-west4-a", "europe-west4-b", "europe-west4-c"]',
        'zones: ["europe-west4-b", "europe-west4-a", "europe-west4-c"]',
      ),
    ],
    must: ["quorum/server-replaced", "quorum/two-regions", "data/volume-replaced"],
    may: ["quorum/"],
    blocks: true,
  },
  {
    name: "a region gets another name",
    kind: "disguised",
    edits: [inFleet('"eu-gcp"', '"eu-google"', true)],
    must: ["quorum/region-renamed"],
    may: ["quorum/", "data/", "removal/", "ids/", "jobs/", "identity/", "reachability/", "capacity/"],
    blocks: true,
  },
  {
    name: "another region is the authority",
    kind: "risky",
    edits: [
      inFleet("      authoritative: true,\n", ""),
      inFleet(
        'servers: { count: 3, machineType: "n2-standard-2" },',
        'servers: { count: 3, machineType: "n2-standard-2" },\n      authoritative: true,',
      ),
    ],
    must: ["quorum/authoritative-moved"],
    may: ["supply/provider-changed", "identity/"],
    blocks: true,
  },
  {
    name: "a server is taken out of service as it should be, and another comes",
    kind: "risky",
    edits: [
      inFleet('"fra-server-3"] },', '"fra-server-3", "fra-server-4"] },'),
      inFleet(
        '        "fra-server-3": {\n',
        `${FOURTH}        "fra-server-3": {\n          retired: { reason: "its board is broken" },\n`,
      ),
    ],
    must: ["quorum/server-removed|quorum/servers-changed|quorum/server-replaced"],
    may: ["quorum/"],
  },
  {
    name: "a server is retired, and its region forgets it at once",
    kind: "disguised",
    edits: [
      inFleet('"fra-server-3"] },', '"fra-server-4"] },'),
      inFleet(
        '        "fra-server-3": {\n',
        `${FOURTH}        "fra-server-3": {\n          retired: { reason: "its board is broken" },\n`,
      ),
    ],
    must: ["quorum/server-removed"],
    may: ["quorum/", "removal/machine"],
    blocks: true,
  },
  {
    name: "a server vanishes from the list",
    kind: "risky",
    edits: [inFleet('hosts: ["fra-server-1", "fra-server-2", "fra-server-3"]', 'hosts: ["fra-server-1"]')],
    must: ["quorum/servers-changed|quorum/server-removed"],
    may: ["quorum/", "removal/", "reachability/"],
    blocks: true,
  },
  {
    name: "servers learn of an endpoint of a pool: a new bundle, one after another",
    kind: "harmless",
    edits: [
      inJobs(
        'gateway: { port: 8443, pools: ["graviton"], callers: ["operators"] },',
        'gateway: { port: 8443, pools: ["graviton"], callers: ["operators"] },\n    metrics: { port: 9464, pools: ["graviton"], callers: ["tag:monitoring"] },',
      ),
    ],
    must: ["reachability/opened"],
  },
];
