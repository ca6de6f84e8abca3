import { formatProblem } from "../../constructs/core/problems";
import { externalDomains, globalPartOf } from "../../model/access";
import { awsLoadBalancerName } from "../../model/aws-names";
import type { Fleet } from "../../model/types";
import { validateFleet } from "../../model/validate";
import { externalFleet, gcpExternalFleet, gcpSite, spoil } from "../helpers/fleet";

const problemsOf = (fleet: Fleet) => validateFleet(fleet).map(formatProblem);
/** Sets properties whose path has no dots in its keys. */
type Changes = Readonly<Record<string, unknown>>;
const spoilt = (changes: Changes) =>
  Object.entries(changes).reduce<Fleet>((fleet, [path, value]) => spoil(fleet, path, value), externalFleet());

const cloud = "regions.cloud.externalAccess";
const ohio = "regions.ohio.externalAccess";
const existing: Changes = {
  "sites.cloud.vpcId": "vpc-01234567",
  "sites.cloud.egress": { kind: "existing", reason: "a firewall of the company" },
  "sites.cloud.zones": { "eu-central-1a": { cidr: "10.3.0.0/20", subnetId: "subnet-01234567" } },
  "regions.cloud.servers.count": 1,
};
const failover = (primary: string, secondary: string): Changes => ({
  "globalAccess.routing": { failover: { primary, secondary } },
});

test("accepts the fixture that every other test spoils", () => {
  expect(problemsOf(externalFleet())).toEqual([]);
});

test.each<[string, Changes]>([
  ["no access at all", { [cloud]: undefined, [ohio]: undefined, globalAccess: undefined }],
  ["a region without a name of its own", { [`${cloud}.domain`]: undefined, [`${cloud}.zone`]: undefined }],
  ["a name whose record is made elsewhere", { [`${cloud}.zone`]: undefined }],
  ["the name of the zone itself", { [`${cloud}.domain`]: "example.com" }],
  ["a range of a /8", { [`${cloud}.allowedCidrs`]: ["17.0.0.0/8"] }],
  [
    "everybody, with a reason",
    { [`${cloud}.allowedCidrs`]: ["0.0.0.0/0"], [`${cloud}.fromAnywhere`]: { reason: "runners without addresses" } },
  ],
  ["public subnets of an existing VPC", { ...existing, [`${cloud}.subnetIds`]: ["subnet-89abcdef"] }],
  ["failover", failover("ohio", "cloud")],
  ["the same other port in both", { [`${cloud}.port`]: 443, [`${ohio}.port`]: 443 }],
])("accepts %s", (_, changes) => {
  expect(problemsOf(spoilt(changes))).toEqual([]);
});

test.each<[string, Changes, string[]]>([
  [
    "nobody allowed",
    { [`${cloud}.allowedCidrs`]: [] },
    [
      "regions.cloud.externalAccess.allowedCidrs: must name who may call, got []; add the public ranges that callers come from",
    ],
  ],
  [
    "everybody, without a reason",
    { [`${cloud}.allowedCidrs`]: ["0.0.0.0/0"] },
    [
      'regions.cloud.externalAccess.allowedCidrs[0]: lets in more than a /8: every scanner of the internet would reach Nomad\'s port, got "0.0.0.0/0"; name the ranges that callers come from, or set fromAnywhere: { reason }',
    ],
  ],
  [
    "everybody in two halves",
    { [`${cloud}.allowedCidrs`]: ["0.0.0.0/1", "128.0.0.0/1"] },
    [
      expect.stringContaining("allowedCidrs[0]: lets in more than a /8"),
      expect.stringContaining("allowedCidrs[1]: lets in more than a /8"),
    ],
  ],
  [
    "what is no range, all at once",
    { [`${cloud}.allowedCidrs`]: ["office", "2001:db8::/32", "198.51.100.7", "198.51.100.7/24", "198.51.100.0/33"] },
    [
      'regions.cloud.externalAccess.allowedCidrs[0]: must be an IPv4 range, got "office"; write it like 192.168.10.0/24',
      expect.stringContaining('allowedCidrs[1]: must be an IPv4 range, got "2001:db8::/32"'),
      expect.stringContaining('allowedCidrs[2]: must be an IPv4 range, got "198.51.100.7"'),
      'regions.cloud.externalAccess.allowedCidrs[3]: must begin at the range\'s first address, got "198.51.100.7/24"; write 198.51.100.0/24',
      expect.stringContaining("allowedCidrs[4]: must be an IPv4 range"),
    ],
  ],
  [
    "a range twice",
    { [`${cloud}.allowedCidrs`]: ["198.51.100.0/24", "198.51.100.0/24"] },
    ['regions.cloud.externalAccess.allowedCidrs[1]: is listed already, got "198.51.100.0/24"; list it once'],
  ],
  [
    "a range that nobody comes from",
    { [`${cloud}.allowedCidrs`]: ["10.0.0.0/8"] },
    [
      'regions.cloud.externalAccess.allowedCidrs[0]: is no public range, so nobody comes from there: the load balancer is on the internet, got "10.0.0.0/8"; name the public addresses that callers leave through',
    ],
  ],
  [
    "more ranges than a group takes",
    { [`${cloud}.allowedCidrs`]: Array.from({ length: 61 }, (_, index) => `198.51.${index}.0/24`) },
    [
      "regions.cloud.externalAccess.allowedCidrs: has more ranges than a security group takes by default (60), got 61; join ranges, or have AWS raise the quota",
    ],
  ],
  [
    "a port that is none",
    { [`${cloud}.port`]: 0, [`${ohio}.port`]: 0 },
    [
      "regions.cloud.externalAccess.port: must be a port from 1 to 65535, got 0",
      "regions.ohio.externalAccess.port: must be a port from 1 to 65535, got 0",
    ],
  ],
  [
    "a name outside its zone",
    { [`${cloud}.domain`]: "cloud.example.org" },
    [
      'regions.cloud.externalAccess.domain: must lie in the zone example.com, got "cloud.example.org"; correct it, or name the zone that holds it',
    ],
  ],
  [
    "a name that only ends like its zone",
    { [`${cloud}.domain`]: "notexample.com" },
    [expect.stringContaining("must lie in the zone example.com")],
  ],
  [
    "a zone without a name to record",
    { [`${cloud}.domain`]: undefined },
    [
      'regions.cloud.externalAccess.zone: needs a name to make a record for; add domain: "nomad.example.com", or leave zone out',
    ],
  ],
  [
    "a zone's id and name that are none",
    { "globalAccess.zone": { id: "example.com", name: "Example.com." } },
    [
      'globalAccess.zone.name: must be a DNS domain in lower case, without a dot at its end, got "Example.com."; write it like corp.example.com',
      'globalAccess.zone.id: must be the id of a hosted zone of Route 53, got "example.com"; write it like Z0123456789ABCDEFGHIJ',
      expect.stringContaining("globalAccess.domain: must lie in the zone Example.com."),
    ],
  ],
  [
    "one name for two",
    { [`${ohio}.domain`]: "cloud.example.com", "globalAccess.domain": "cloud.example.com" },
    [
      'regions.ohio.externalAccess.domain: is also regions.cloud.externalAccess.domain, got "cloud.example.com"; give each its own name',
      'globalAccess.domain: is also regions.ohio.externalAccess.domain, got "cloud.example.com"; give each its own name',
    ],
  ],
  [
    "a name of the tailnet",
    { [`${cloud}.domain`]: "nomad.tail0.ts.net", [`${cloud}.zone`]: undefined },
    [
      'regions.cloud.externalAccess.domain: is answered by MagicDNS in the tailnet, got "nomad.tail0.ts.net"; choose another name',
    ],
  ],
  [
    "a name that would make one region's servers pass for another's",
    { [`${cloud}.domain`]: "server.north.nomad", [`${cloud}.zone`]: undefined },
    [
      'regions.cloud.externalAccess.domain: is a name by which Nomad knows its agents, got "server.north.nomad"; choose another name',
    ],
  ],
  [
    "an on-prem region",
    { "regions.north.externalAccess": { allowedCidrs: ["198.51.100.0/24"] } },
    [
      "regions.north.externalAccess: is for regions at AWS and Google Cloud sites, and site north is onprem; leave it out, and let callers into the tailnet",
    ],
  ],
  [
    "a private site whose public subnets nobody names",
    existing,
    [
      "regions.cloud.externalAccess.subnetIds: must name public subnets: machines of site cloud have private ones, and its VPC is not Steppe's; add a public subnet in each zone of the servers",
    ],
  ],
  [
    "public subnets where they are known",
    { [`${cloud}.subnetIds`]: ["subnet-89abcdef"] },
    [
      'regions.cloud.externalAccess.subnetIds: is for sites with egress { kind: "existing" }: public subnets of site cloud are known, got ["subnet-89abcdef"]; leave it out',
    ],
  ],
  [
    "subnets that are none",
    { ...existing, [`${cloud}.subnetIds`]: ["subnet-89abcdef", "public", "subnet-89abcdef"] },
    [
      'regions.cloud.externalAccess.subnetIds[1]: must be the id of a subnet, got "public"; write it like subnet-0123456789abcdef0',
      'regions.cloud.externalAccess.subnetIds[2]: is listed already, got "subnet-89abcdef"; list it once',
    ],
  ],
  [
    "no subnet",
    { ...existing, [`${cloud}.subnetIds`]: [] },
    [
      "regions.cloud.externalAccess.subnetIds: must name at least one public subnet, got []; add a public subnet in each zone of the servers",
    ],
  ],
  [
    "a global name for one region",
    { [ohio]: undefined },
    [
      'globalAccess: needs two regions or more on AWS with external access, got ["cloud"]; give another region externalAccess, or leave globalAccess out: one region has its own domain',
    ],
  ],
  [
    "a global name where a region is retired",
    { "regions.ohio.retired": { reason: "moved" } },
    [expect.stringContaining('globalAccess: needs two regions or more on AWS with external access, got ["cloud"]')],
  ],
  [
    "latency within one region of AWS",
    { "sites.ohio.awsRegion": "eu-central-1", "sites.ohio.zones": { "eu-central-1a": { cidr: "10.5.0.0/20" } } },
    [
      'globalAccess.routing: cannot tell regions cloud and ohio apart by latency: both are in eu-central-1, got "latency"; use failover, or leave one of them without external access',
    ],
  ],
  [
    "failover to nowhere, and to a region that nobody reaches",
    failover("texas", "north"),
    [
      'globalAccess.routing.failover.primary: must be a region of this fleet (north, south, cloud, ohio), got "texas"; correct the name, or add it',
      'globalAccess.routing.failover.secondary: must be a region in service with external access, got "north"; add regions.north.externalAccess, or name another region',
    ],
  ],
  [
    "failover to itself",
    failover("cloud", "cloud"),
    [
      'globalAccess.routing.failover.secondary: must differ from the primary, got "cloud"; name another region, or leave globalAccess out',
    ],
  ],
  [
    "ports that one name cannot tell",
    { [`${ohio}.port`]: 443 },
    [
      "regions.ohio.externalAccess.port: must be 4646, the port of region cloud: globalAccess gives both one name, got 443; use one port",
    ],
  ],
])("refuses %s", (_, changes, expected) => {
  expect(problemsOf(spoilt(changes))).toEqual(expected);
});

/** Two regions on AWS, and one on Google Cloud. */
const gce = "regions.gce.externalAccess";
const mixed = (changes: Changes = {}) =>
  spoilt({
    "sites.gce": gcpSite(),
    "regions.gce": { ...gcpExternalFleet().regions["cloud"], site: "gce" },
    [`${gce}.domain`]: "gce.example.com",
    ...changes,
  });

test.each<[string, Changes]>([
  ["a name of its own", {}],
  ["a zone of another project", { [`${gce}.zone.project`]: "acme-dns" }],
  ["no name", { [`${gce}.domain`]: undefined, [`${gce}.zone`]: undefined }],
  ["another port than those of the global name", { [`${gce}.port`]: 443 }],
  [
    "more ranges than a security group takes",
    { [`${gce}.allowedCidrs`]: Array.from({ length: 61 }, (_, index) => `198.51.${index}.0/24`) },
  ],
])("accepts a region on Google Cloud beside those on AWS: %s", (_, changes) => {
  expect(problemsOf(mixed(changes))).toEqual([]);
});

test.each<[string, Changes, string[]]>([
  [
    "a zone of Route 53",
    { [`${gce}.zone`]: { id: "Z0123456789ABCDEFGHIJ", name: "example.com" } },
    [
      'regions.gce.externalAccess.zone: must be a managed zone of Cloud DNS: site gce is on Google Cloud, and what makes its record knows no other DNS, got "Z0123456789ABCDEFGHIJ"; write it like { managedZone, name }, or leave zone out and make the record yourself',
    ],
  ],
  [
    "a zone of Cloud DNS on AWS",
    { [`${cloud}.zone`]: { managedZone: "example-com", name: "example.com" } },
    [
      'regions.cloud.externalAccess.zone: must be a hosted zone of Route 53: site cloud is on AWS, and what makes its record knows no other DNS, got "example-com"; write it like { id, name }, or leave zone out and make the record yourself',
    ],
  ],
  [
    "a zone that is none, all at once",
    { [`${gce}.zone`]: { managedZone: "example.com", name: "example.org", project: "Acme" } },
    [
      'regions.gce.externalAccess.zone.managedZone: must be the name of a managed zone of Cloud DNS, which is not its domain, got "example.com"; write it like example-com',
      'regions.gce.externalAccess.zone.project: must be the id of a project, got "Acme"; copy the project\'s id, which is neither its name nor its number',
      expect.stringContaining("regions.gce.externalAccess.domain: must lie in the zone example.org"),
    ],
  ],
  [
    "subnets",
    { [`${gce}.subnetIds`]: ["subnet-89abcdef"] },
    [
      'regions.gce.externalAccess.subnetIds: is for sites on AWS, and site gce is on Google Cloud, where a load balancer is in no subnet, got ["subnet-89abcdef"]; leave it out',
    ],
  ],
  [
    "the port of health checks",
    { [`${gce}.port`]: 4649 },
    [
      "regions.gce.externalAccess.port: is the port at which the load balancer asks servers how they are, got 4649; choose another",
    ],
  ],
  [
    "failover to it",
    failover("cloud", "gce"),
    [
      'globalAccess.routing.failover.secondary: must be a region on AWS: the name is one of Route 53, which watches no load balancer of others, got "gce"; name another region, and call gce by its own domain',
    ],
  ],
  [
    "a global name for it and one region on AWS",
    { [ohio]: undefined },
    [expect.stringContaining('globalAccess: needs two regions or more on AWS with external access, got ["cloud"]')],
  ],
])("refuses on Google Cloud %s", (_, changes, expected) => {
  expect(problemsOf(mixed(changes))).toEqual(expected);
});

test("a region on Google Cloud has its own name, and no part in the global one", () => {
  expect(globalPartOf(mixed(), "gce")).toBeUndefined();
  expect(externalDomains(mixed(), "gce")).toEqual(["gce.example.com"]);
});

test("a retired region, site or access has no names", () => {
  expect(externalDomains(externalFleet(), "cloud")).toEqual(["cloud.example.com", "nomad.example.com"]);
  expect(externalDomains(spoilt({ "regions.cloud.retired": { reason: "moved" } }), "cloud")).toEqual([]);
  expect(externalDomains(spoilt({ [`${cloud}.retired`]: { reason: "moved" } }), "cloud")).toEqual([]);
  expect(externalDomains(spoilt({ "sites.cloud.retired": { reason: "moved" } }), "cloud")).toEqual([]);
});

test("a third region has no part in failover", () => {
  const fleet = spoilt({ ...failover("cloud", "ohio"), "regions.third": externalFleet().regions["ohio"] });
  expect(["cloud", "ohio", "third", "north"].map((region) => globalPartOf(fleet, region))).toEqual([
    "PRIMARY",
    "SECONDARY",
    undefined,
    undefined,
  ]);
});

test("load balancers have names that AWS takes, and that differ", () => {
  expect(awsLoadBalancerName("internal", "eu")).toBe("nomad-internal-eu");
  const [a, b] = ["x".repeat(30), `${"x".repeat(29)}y`].map((region) => awsLoadBalancerName("example", region));
  expect([a, b].map((name) => name?.length)).toEqual([32, 32]);
  expect(a).not.toBe(b);
  expect(a).toMatch(/^nomad-example-x+-[0-9a-f]{8}$/);
});
