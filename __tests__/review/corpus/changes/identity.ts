import { type Change, inFleet, inJobs } from "../types";

/** What changes who may do what. */
export const IDENTITY: readonly Change[] = [
  {
    name: "readers may write",
    kind: "risky",
    edits: [inJobs('policy = "read"', 'policy = "write"')],
    must: ["identity/policy-widened"],
  },
  {
    name: "readers of one namespace become readers of all",
    kind: "disguised",
    edits: [inJobs('namespace "ai" {\\n', 'namespace "*" {\\n')],
    must: ["identity/policy-widened"],
  },
  {
    name: "readers may read less",
    kind: "harmless",
    edits: [inJobs('policy = "read"', 'capabilities = ["list-jobs"]')],
  },
  {
    name: "a policy in other words",
    kind: "disguised",
    edits: [
      inJobs(
        'namespace "ai" {\\n  policy = "read"\\n}\\n',
        '# who looks at jobs\\nnamespace "ai" { policy = "read" }\\n',
      ),
    ],
  },
  {
    name: "one more role reads and deletes snapshots",
    kind: "risky",
    edits: [
      inFleet(
        'operatorArns: ["arn:aws:iam::123456789012:role/platform-team"]',
        'operatorArns: ["arn:aws:iam::123456789012:role/platform-team", "arn:aws:iam::123456789012:role/contractors"]',
      ),
    ],
    must: ["identity/iam-widened"],
  },
  {
    name: "one more operator",
    kind: "risky",
    edits: [
      inFleet(
        '["ada@example.com", "grace@example.com"]',
        '["ada@example.com", "grace@example.com", "mallory@example.com"]',
      ),
    ],
    must: ["identity/operators"],
    may: ["reachability/opened"],
  },
  {
    name: "research may hand out the tag of monitoring",
    kind: "disguised",
    edits: [inFleet('"tag:monitoring": ["group:platform"]', '"tag:monitoring": ["group:platform", "group:research"]')],
    must: ["identity/operators"],
    may: ["reachability/opened"],
  },
];
