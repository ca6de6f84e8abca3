import type { PolicyFile } from "../../../constructs/tailnet/language/policy-file";
import { tailnetPolicy } from "../../../constructs/tailnet/policy";
import { fleet as lab } from "../../../fleets/lab";
import { definitions } from "./tailnet";

const grants = (...rules: NonNullable<PolicyFile["grants"]>): PolicyFile => ({ ...definitions, grants: rules });
const acls = (...rules: NonNullable<PolicyFile["acls"]>): PolicyFile => ({ ...definitions, acls: rules });

/** Policies that each show something, by what it is. */
export const handmade: Readonly<Record<string, PolicyFile>> = {
  "neither acls nor grants: all is open": definitions,
  "no acls: all is closed": { ...definitions, acls: [] },
  "no grants: all is closed": { ...definitions, grants: [] },
  "no acls and one grant": {
    ...definitions,
    acls: [],
    grants: [{ src: ["tag:web"], dst: ["tag:db"], ip: ["tcp:22"] }],
  },
  "acls and grants add up": {
    ...definitions,
    acls: [{ action: "accept", src: ["tag:web"], dst: ["tag:db:22"] }],
    grants: [{ src: ["tag:web"], dst: ["tag:db"], ip: ["80"] }],
  },
  "a rule without a protocol": grants({ src: ["tag:web"], dst: ["tag:db"], ip: ["22"] }),
  "everything, which is TCP, UDP and ICMP": grants({ src: ["*"], dst: ["*"], ip: ["*"] }),
  "sources without destinations": grants({ src: ["tag:web"], dst: [], ip: ["22"] }),
  "destinations without sources": grants({ src: [], dst: ["tag:web"], ip: ["22"] }),
  "a tag that nobody carries": grants({ src: ["tag:empty"], dst: ["*"], ip: ["22"] }),
  "a machine of two tags": grants(
    { src: ["tag:edge"], dst: ["tag:web"], ip: ["22"] },
    { src: ["tag:db"], dst: ["tag:web"], ip: ["80"] },
  ),
  "a group": acls({ action: "accept", src: ["group:dev"], dst: ["group:ops:22", "printer:443"] }),
  "members, who are users": acls({ action: "accept", src: ["autogroup:member"], dst: ["autogroup:tagged:22"] }),
  "tagged machines": acls({ action: "accept", src: ["autogroup:tagged"], dst: ["autogroup:member:22"] }),
  "a user's own machines": acls({ action: "accept", src: ["*"], dst: ["autogroup:self:22"] }),
  "danger-all, which holds the internet": acls({
    action: "accept",
    src: ["autogroup:danger-all"],
    dst: ["tag:web:443"],
  }),
  "any, which holds machines": acls({ action: "accept", src: ["*"], dst: ["tag:web:443"] }),
  "the internet": acls({ action: "accept", src: ["tag:web"], dst: ["autogroup:internet:443"] }),
  "half of the addresses": acls({ action: "accept", src: ["100.64.0.0/28"], dst: ["*:22"] }),
  "IPv4 alone reaches nothing": acls({ action: "accept", src: ["100.64.0.0/10"], dst: ["tag:db:22"] }),
  "IPv4 and IPv6": acls({ action: "accept", src: ["100.64.0.0/10", "fd7a:115c:a1e0::/48"], dst: ["tag:db:22"] }),
  "IPv6 in brackets": acls({
    action: "accept",
    src: ["*"],
    dst: ["[fd7a:115c:a1e0::2]:22", "[fd7a:115c:a1e0::8]/128:80"],
  }),
  "a name for a range, with bits beyond it": acls({ action: "accept", src: ["odd"], dst: ["lan:*"] }),
  "protocol numbers": acls(
    { action: "accept", proto: "6", src: ["tag:web"], dst: ["tag:db:22"] },
    { action: "accept", proto: "17", src: ["tag:web"], dst: ["tag:db:53"] },
    { action: "accept", proto: "132", src: ["tag:web"], dst: ["tag:db:5000"] },
  ),
  "ICMP alone": acls({ action: "accept", proto: "icmp", src: ["tag:web"], dst: ["tag:db:*"] }),
  "SCTP is not among the defaults": grants({ src: ["tag:web"], dst: ["tag:db"], ip: ["*"] }),
  "a protocol without ports": grants({ src: ["tag:web"], dst: ["tag:db"], ip: ["gre:*", "tcp:22"] }),
  "capabilities alone": grants({ src: ["tag:web"], dst: ["tag:db"], app: { "example.com/cap/x": [{}] } }),
  "capabilities and ports": grants({
    src: ["tag:web"],
    dst: ["tag:db"],
    ip: ["22"],
    app: { "tailscale.com/cap/drive": [{}] },
  }),
  "through a router": grants({ src: ["tag:web"], dst: ["lan"], ip: ["443"], via: ["tag:router"] }),
  "through a router, and without": grants(
    { src: ["tag:web"], dst: ["lan"], ip: ["443"], via: ["tag:router"] },
    { src: ["tag:web"], dst: ["printer"], ip: ["tcp:443"] },
  ),
  "sections that open nothing": {
    ...grants({ src: ["tag:web"], dst: ["tag:db"], ip: ["22"] }),
    ssh: [
      {
        action: "check",
        src: ["group:dev"],
        dst: ["tag:web"],
        users: ["root", "autogroup:nonroot"],
        checkPeriod: "12h",
      },
    ],
    autoApprovers: { routes: { "10.0.0.0/8": ["tag:router"] }, exitNode: ["tag:router", "group:ops"] },
    nodeAttrs: [{ target: ["tag:web", "autogroup:member"], attr: ["randomize-client-port"] }],
    randomizeClientPort: true,
  },
  "white space around names": acls({ action: "accept", src: [" tag:web "], dst: ["tag:db:22"] }),
  "a tag that a tag owns": {
    ...definitions,
    tagOwners: { ...definitions.tagOwners, "tag:db": ["tag:db", "tag:web"] },
    acls: [],
  },
  "the lab fleet": { ...definitions, ...withoutTests(tailnetPolicy(lab)) },
};

/** The fleet's own tags have no machines here, and a test of such a tag fails whatever the policy says. */
function withoutTests({ tests: _tests, tagOwners, ...policy }: ReturnType<typeof tailnetPolicy>): PolicyFile {
  return { ...policy, tagOwners: { ...definitions.tagOwners, ...tagOwners } };
}
