import { type Change, inFleet, inJobs } from "../types";

/** What opens and closes the tailnet, and clouds. */
export const REACHABILITY: readonly Change[] = [
  {
    name: "one more caller of an endpoint",
    kind: "risky",
    edits: [
      inFleet(
        'callers: ["edge", "group:research", "operators"]',
        'callers: ["edge", "group:research", "operators", "tag:backup"]',
      ),
    ],
    must: ["reachability/opened"],
  },
  {
    name: "a caller fewer",
    kind: "harmless",
    edits: [inFleet('callers: ["edge", "group:research", "operators"]', 'callers: ["edge", "operators"]')],
    must: ["reachability/closed"],
    may: ["reachability/closed"],
  },
  {
    name: "a port range that is wider by one",
    kind: "disguised",
    edits: [inJobs('port: "18000-18010"', 'port: "18000-18011"')],
    must: ["reachability/opened"],
  },
  {
    name: "a narrower port range",
    kind: "harmless",
    edits: [inJobs('port: "18000-18010"', 'port: "18000-18009"')],
    must: ["reachability/closed"],
    may: ["reachability/closed"],
  },
  {
    name: "another port of an endpoint",
    kind: "risky",
    edits: [inFleet("vllm: { port: 8000,", "vllm: { port: 8001,")],
    must: ["reachability/opened", "reachability/closed"],
  },
  {
    name: "the backup host reaches every port of the NAS",
    kind: "disguised",
    edits: [inFleet('ip: ["tcp:22"]', 'ip: ["tcp:*"]')],
    must: ["reachability/opened"],
  },
  {
    name: "an extra rule goes",
    kind: "harmless",
    edits: [
      inFleet(
        '    extraGrants: [\n      {\n        reason: "the backup host fetches models from the NAS, by rsync over SSH",\n        src: ["tag:backup"],\n        dst: ["nas"],\n        ip: ["tcp:22"],\n      },\n    ],\n',
        "",
      ),
    ],
    must: ["reachability/closed"],
    may: ["reachability/closed"],
  },
  {
    name: "nobody is asked to log in again for SSH",
    kind: "disguised",
    edits: [
      inFleet(
        'ssh: { users: ["steppe"], action: "check", checkPeriod: "12h" }',
        'ssh: { users: ["steppe"], action: "accept" }',
      ),
    ],
    must: ["reachability/opened|identity/operators|reachability/ssh"],
  },
  {
    name: "SSH as root",
    kind: "risky",
    edits: [inFleet('ssh: { users: ["steppe"], action', 'ssh: { users: ["steppe", "root"], action')],
    must: ["reachability/opened|identity/operators|reachability/ssh"],
  },
  {
    name: "research operates the fleet",
    kind: "risky",
    edits: [inFleet('operators: ["group:platform"]', 'operators: ["group:platform", "group:research"]')],
    must: ["reachability/opened", "identity/operators"],
    may: ["reachability/"],
  },
  {
    name: "Nomad's API for the whole world",
    kind: "risky",
    edits: [
      inFleet(
        'join: vouchedForByAws("server-eu-aws"),',
        'join: vouchedForByAws("server-eu-aws"),\n      externalAccess: { allowedCidrs: ["0.0.0.0/0"], fromAnywhere: { reason: "partners" } },',
      ),
    ],
    must: ["reachability/public"],
    may: ["reachability/", "identity/", "quorum/"],
    blocks: true,
  },
  {
    name: "every member reaches the models",
    kind: "risky",
    edits: [
      inFleet(
        'callers: ["edge", "group:research", "operators"]',
        'callers: ["edge", "group:research", "operators", "autogroup:member"]',
      ),
    ],
    must: ["reachability/opened"],
    blocks: true,
  },
];
