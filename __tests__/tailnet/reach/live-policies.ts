import type { PolicyFile } from "../../../constructs/tailnet/language/policy-file";
import { tailnetPolicy } from "../../../constructs/tailnet/policy";
import { fleet } from "../../../fleets/lab";
import { labSpecOf } from "../../../lab/fleet-spec";
import type { LabSpec } from "../../../lab/spec";
import type { Member } from "../../helpers/tailnet-lab";
import { generated, type Words } from "./generated";

const lab = labSpecOf(fleet);

/** Servers and clients, which have several tags each, of two regions and each pool, and machines of two people. */
export const allHosts = {
  "east-1": "server-east",
  "general-1": "client-general",
  "alice-1": "alice@",
  "east-2": "server-east",
  "west-1": "server-west",
  "gpu-1": "client-gpu",
  "edge-1": "client-edge",
  "bob-1": "bob@",
} as const;

/** A lab of hosts with the tags that those of the lab fleet have. */
export function specOf(hosts: Readonly<Record<string, string>>): LabSpec {
  return {
    ...lab,
    fleet: "reach-test",
    sites: [{ name: "lan", cidr: "10.61.1.0/24" }],
    hosts: Object.keys(hosts).map((name, index) => ({ name, site: "lan", address: `10.61.1.${index + 11}` })),
  };
}

/** Ports of the policies, their edges, and ports beside them. */
export const ports = { tcp: [22, 53, 80, 90, 91, 443, 5000, 65_535], udp: [53, 80, 91, 443, 5000] };

const tags = [...new Set(lab.identities.flatMap((identity) => identity.tags))].sort();
const openings = (src: readonly string[], dst: readonly string[], ...ip: string[]) => ({ src, dst, ip });

/** What all policies define: groups, and names for addresses that machines have. */
function definitionsFor(machines: readonly Member[]): PolicyFile {
  const [v4, v6] = machines.find(({ name }) => name === "general-1")?.addresses ?? [];
  return {
    groups: { "group:dev": ["alice@", "bob@"], "group:ops": ["bob@"], "group:empty": [] },
    hosts: { web: v4 ?? "", web6: v6 ?? "", low: "100.64.0.0/29", low6: "fd7a:115c:a1e0::/125", lan: "10.61.0.0/16" },
    tagOwners: Object.fromEntries([...tags, "tag:empty"].map((tag) => [tag, ["lab@"]])),
  };
}

/** Policies that each show something, by what it is. The first few are enough for a short look. */
export function handmadeFor(machines: readonly Member[]): Readonly<Record<string, PolicyFile>> {
  const definitions = definitionsFor(machines);
  const addressesOf = (name: string) => machines.find((machine) => machine.name === name)?.addresses ?? [];
  const grants = (...rules: NonNullable<PolicyFile["grants"]>): PolicyFile => ({ ...definitions, grants: rules });
  const acl = (src: readonly string[], dst: readonly string[], proto?: string) => ({
    action: "accept" as const,
    ...(proto === undefined ? {} : { proto }),
    src,
    dst,
  });
  const acls = (...rules: NonNullable<PolicyFile["acls"]>): PolicyFile => ({ ...definitions, acls: rules });
  const ofFleet = withoutTests(tailnetPolicy(fleet));
  return {
    "the lab fleet": { ...definitions, ...ofFleet, tagOwners: { ...definitions.tagOwners, ...ofFleet.tagOwners } },
    "one tag of several": grants(
      openings(["tag:nomad-client"], ["tag:nomad-server-east"], "tcp:22"),
      openings(["tag:nomad-pool-gpu"], ["tag:nomad-server"], "udp:53"),
      openings(["tag:nomad-server-west"], ["tag:nomad-client-east"], "80-90"),
    ),
    "people, groups and their own machines": {
      ...definitions,
      acls: [
        acl(["group:dev"], ["tag:nomad-client:22"]),
        acl(["group:ops"], ["tag:nomad-server:80-90", "alice@:443"]),
        acl(["autogroup:member"], ["autogroup:self:5000"]),
      ],
    },
    "ranges of addresses": acls(
      acl(["low"], ["*:22"]),
      acl(["low6"], ["lan:*", "web6:443"]),
      acl([...addressesOf("alice-1")], ["web:80-90"]),
      acl(["100.64.0.0/10"], ["tag:nomad-operator:53"], "udp"),
    ),
    "protocols by name and number": acls(
      acl(["tag:nomad-server"], ["tag:nomad-client:22"], "6"),
      acl(["tag:nomad-client"], ["tag:nomad-server:53"], "17"),
      acl(["tag:nomad-pool-edge"], ["tag:nomad-operator:*"], "icmp"),
      acl(["tag:nomad-operator"], ["tag:nomad-pool-edge:*"], "gre"),
      acl(["tag:nomad-server-west"], ["tag:nomad-operator:5000"], "sctp"),
    ),
    "acls and grants, tagged and members": {
      ...definitions,
      acls: [
        acl(["autogroup:tagged"], ["autogroup:member:22"]),
        acl(["autogroup:member"], ["autogroup:tagged:*"], "udp"),
      ],
      grants: [openings(["*"], ["tag:nomad-operator"], "tcp:1-79", "443")],
    },
    "neither acls nor grants: all is open": definitions,
    "no acls: all is closed": { ...definitions, acls: [] },
    "no grants: all is closed": { ...definitions, grants: [] },
    "everything by *": grants(openings(["*"], ["*"], "*")),
    "danger-all and the whole of IPv4": acls(
      acl(["autogroup:danger-all"], ["tag:nomad-operator:443"]),
      acl(["0.0.0.0/0"], ["tag:nomad-server:22"]),
    ),
    "the internet is no machine": acls(acl(["*"], ["autogroup:internet:*"])),
    "IPv4 alone": acls(acl(["100.64.0.0/10"], ["tag:nomad-server:22"], "tcp")),
    "IPv6 alone": acls(acl(["fd7a:115c:a1e0::/48"], ["tag:nomad-server:22", "web6:*"])),
    "a tag and a group that nobody has": grants(
      openings(["tag:empty", "group:empty"], ["*"], "*"),
      openings(["*"], ["tag:empty", "group:empty"], "22"),
    ),
    "capabilities, which open nothing": grants({
      src: ["*"],
      dst: ["*"],
      app: { "example.com/cap/x": [{}] },
    }),
    "lists and edges of ports": acls(acl(["*"], ["tag:nomad-client:22,80,443"]), acl(["*"], ["web:1-79,65535"], "udp")),
    "all ports but few protocols": grants(
      openings(["tag:nomad-server"], ["*"], "udp:*"),
      openings(["group:dev"], ["*"], "tcp:*"),
    ),
  };
}

/** Not every tag of the fleet has a machine here, and a test of such a tag fails whatever the policy says. */
function withoutTests({ tests: _tests, ...policy }: PolicyFile): PolicyFile {
  return policy;
}

/** Policies by chance, over the tags, people and addresses of these machines; the number decides all of one. */
export function generatedFor(machines: readonly Member[], count: number, first = 0): PolicyFile[] {
  const definitions = definitionsFor(machines);
  const [v4 = "", v6 = ""] = machines.find(({ name }) => name === "alice-1")?.addresses ?? [];
  const words: Words = {
    definitions,
    named: [
      ...tags,
      ...tags,
      ...["alice@", "bob@", "ghost@"],
      ...Object.keys(definitions.groups ?? {}),
      ...Object.keys(definitions.hosts ?? {}),
      ...[v4, v6, "10.61.1.0/24", "100.64.0.0/10", "fd7a:115c:a1e0::/48", "8.8.8.0/24"],
      ...["tag:empty", "autogroup:member", "autogroup:tagged", "*"],
    ],
    people: ["alice@", "bob@", "group:dev", "group:ops", "autogroup:member"],
    routers: [],
  };
  return Array.from({ length: count }, (_item, index) => generated(first + index, words));
}
