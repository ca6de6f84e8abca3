import type { PolicyFile } from "../../../constructs/tailnet/language/policy-file";
import type { TestMachine } from "./headscale";

export const users = ["alice", "bob", "carol"] as const;

/** Machines in the order of their addresses: 100.64.0.2, .4, .6 … The twins' addresses follow each other. */
export const machines: readonly TestMachine[] = [
  { name: "web1", tags: ["tag:web"], user: "alice" },
  { name: "web2", tags: ["tag:web"], user: "alice" },
  { name: "db1", tags: ["tag:db"], user: "alice" },
  { name: "both", tags: ["tag:db", "tag:edge"], user: "alice" },
  { name: "edge1", tags: ["tag:edge"], user: "alice" },
  { name: "ci1", tags: ["tag:ci"], user: "alice" },
  { name: "router1", tags: ["tag:router"], user: "alice" },
  { name: "alice1", user: "alice" },
  { name: "alice2", user: "alice" },
  { name: "bob1", user: "bob" },
  { name: "carol1", user: "carol" },
  { name: "twin1", tags: ["tag:twin"], user: "alice" },
  { name: "twin2", tags: ["tag:twin"], user: "alice", isNext: true },
];

/** Tags that machines carry, and one that none does. */
export const tags = ["web", "db", "edge", "ci", "router", "twin", "empty"].map((name) => `tag:${name}`);

/** What all policies define alike. */
export const definitions = {
  groups: { "group:dev": ["alice@", "bob@"], "group:ops": ["carol@"], "group:empty": [] },
  hosts: {
    webhost: "100.64.0.2",
    dbhost6: "fd7a:115c:a1e0::6",
    printer: "10.1.2.3",
    lan: "10.0.0.0/8",
    lowhalf: "100.64.0.0/28",
    odd: "10.9.1.1/16",
  },
  tagOwners: { ...Object.fromEntries(tags.map((tag) => [tag, ["alice@"]])), "tag:ci": ["group:dev", "tag:web"] },
} satisfies PolicyFile;

/** Sources and destinations of questions whose answer headscale's tests give without a known gap. */
export const askable = [
  ...tags.filter((tag) => tag !== "tag:empty"),
  ...users.map((user) => `${user}@`),
  "group:dev",
  "group:ops",
  "webhost",
  "dbhost6",
  "printer",
  "autogroup:member",
  "autogroup:tagged",
  "100.64.0.4",
  "100.64.0.16",
  "fd7a:115c:a1e0::8",
  "10.1.2.3",
  "10.9.77.1",
  "192.168.1.7",
  "8.8.8.8",
  "2001:db8::1",
] as const;
