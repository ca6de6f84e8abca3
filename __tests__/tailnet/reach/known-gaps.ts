import type { PolicyFile } from "../../../constructs/tailnet/language/policy-file";
import { definitions } from "./tailnet";

/** Where our answer and that of headscale's tests differ, and why ours stays. */
export interface KnownGap {
  readonly name: string;
  readonly reason: string;
  readonly policy: PolicyFile;
  readonly question: { readonly from: string; readonly to: string; readonly proto: string; readonly port: number };
  readonly ours: "open" | "closed";
  readonly theirs: "ALLOWED" | "DENIED";
}

/** All of them; a live test sees that each still occurs. */
export const knownGaps: readonly KnownGap[] = [
  {
    name: "via",
    reason:
      "headscale's tests look at rules for all machines alike, and a grant with via becomes a rule of its routers alone; " +
      "packets do pass there, so we say open and name the routers",
    policy: { ...definitions, grants: [{ src: ["tag:web"], dst: ["lan"], ip: ["443"], via: ["tag:router"] }] },
    question: { from: "tag:web", to: "printer", proto: "tcp", port: 443 },
    ours: "open",
    theirs: "DENIED",
  },
  {
    name: "autogroup:self",
    reason:
      "headscale's tests look at rules for all machines alike, and autogroup:self becomes a rule of each machine; a user " +
      "does reach her own machines, so we say open",
    policy: { ...definitions, acls: [{ action: "accept", src: ["alice@"], dst: ["autogroup:self:22"] }] },
    question: { from: "alice@", to: "alice@", proto: "tcp", port: 22 },
    ours: "open",
    theirs: "DENIED",
  },
  {
    name: "a range as source",
    reason: "headscale takes a range as reaching when any address of it does; we ask for all of them",
    policy: { ...definitions, acls: [{ action: "accept", src: ["printer"], dst: ["tag:web:22"] }] },
    question: { from: "10.0.0.0/8", to: "tag:web", proto: "tcp", port: 22 },
    ours: "closed",
    theirs: "ALLOWED",
  },
  {
    name: "machines with addresses side by side",
    reason:
      "headscale joins neighbouring addresses of a source to one range, and takes a range as reaching when any address of " +
      "it does; twin1 reaches and twin2 does not, so not all of tag:twin does",
    policy: {
      ...definitions,
      acls: [{ action: "accept", src: ["100.64.0.24", "fd7a:115c:a1e0::18"], dst: ["tag:web:22"] }],
    },
    question: { from: "tag:twin", to: "tag:web", proto: "tcp", port: 22 },
    ours: "closed",
    theirs: "ALLOWED",
  },
  {
    name: "* as destination",
    reason: "headscale takes * as reached when any address of the tailnet is; we ask for all of them, as of any range",
    policy: { ...definitions, acls: [{ action: "accept", src: ["tag:web"], dst: ["tag:db:22"] }] },
    question: { from: "tag:web", to: "*", proto: "tcp", port: 22 },
    ours: "closed",
    theirs: "ALLOWED",
  },
  {
    name: "SCTP under a rule without a protocol",
    reason:
      "headscale takes a rule without a protocol as one for all of them; machines read it as TCP, UDP and ICMP, so SCTP " +
      "does not pass",
    policy: { ...definitions, acls: [{ action: "accept", src: ["tag:web"], dst: ["tag:db:22"] }] },
    question: { from: "tag:web", to: "tag:db", proto: "sctp", port: 22 },
    ours: "closed",
    theirs: "ALLOWED",
  },
];
