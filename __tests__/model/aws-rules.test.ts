import { formatProblem } from "../../constructs/core/problems";
import { architectureOf, INSTANCE_TYPES } from "../../model/aws-instance-types";
import { GPU_CATALOGUE } from "../../model/hardware";
import type { Fleet } from "../../model/types";
import { validateFleet } from "../../model/validate";
import { awsFleet, smallFleet, spoil } from "../helpers/fleet";

const problemsOf = (fleet: Fleet) => validateFleet(fleet).map(formatProblem);
const spoilt = (changes: Readonly<Record<string, unknown>>) =>
  Object.entries(changes).reduce<Fleet>((fleet, [path, value]) => spoil(fleet, path, value), awsFleet());

/** Sets properties whose path has no dots in its keys. */
type Changes = Readonly<Record<string, unknown>>;
const site = "sites.cloud";
const zone = `${site}.zones.eu-central-1a`;
const NAT = { kind: "nat-gateway", reason: "no public addresses allowed" };

test("accepts the fixture that every other test spoils", () => {
  expect(problemsOf(awsFleet())).toEqual([]);
});

test.each<[string, Changes]>([
  [
    "a local zone",
    {
      [`${site}.awsRegion`]: "us-west-2",
      [`${site}.zones`]: { "us-west-2-lax-1a": { cidr: "10.3.0.0/20" } },
      "regions.cloud.servers.count": 1,
    },
  ],
  [
    "the smallest and the largest subnet",
    {
      [`${site}.zones`]: zonesOf("10.3.0.0/28", "10.4.0.0/16", "10.3.0.16/28"),
      [`${site}.networks`]: ["10.3.0.0/16", "10.4.0.0/16"],
    },
  ],
  ["an existing VPC", existing({})],
  ["an existing VPC with its own way out", existing({ [`${site}.egress`]: { kind: "existing", reason: "firewall" } })],
  ["NAT with a range in each zone", { [`${site}.egress`]: NAT, [`${site}.zones`]: natZones() }],
  [
    "three servers in one zone with a reason",
    {
      [`${site}.zones`]: { "eu-central-1a": { cidr: "10.3.0.0/20" } },
      "regions.cloud.servers.oneZone": { reason: "a test fleet" },
    },
  ],
  [
    "an image of the pool's own where the site has none",
    { [`${site}.images.arm64`]: undefined, "pools.arm.image": "ami-01234567" },
  ],
  [
    "a pool that says less than its machines have",
    { "pools.h100.hardware.memoryMiB": 1000, "pools.h100.hardware.cores": 192 },
  ],
  ["a drain that a spot machine has time for", { "pools.batch.drainSeconds": 105 }],
  ["a GPU given in full", { "pools.h100.hardware.gpu.model": GPU_CATALOGUE["h100-80gb"] }],
  ["Tailscale SSH beside another port", { "tailnet.ssh": { users: ["steppe"] }, [`${site}.ssh.port`]: 2222 }],
  ["a key with a comment", { [`${site}.ssh.authorizedKeys`]: ["sk-ssh-ed25519@openssh.com AAAAG ada@example.com"] }],
])("accepts %s", (_, changes) => {
  expect(problemsOf(spoilt(changes))).toEqual([]);
});

test.each<[string, Changes, string[]]>([
  [
    "no region",
    {
      [`${site}.awsRegion`]: "frankfurt",
      [`${site}.zones`]: { frankfurta: { cidr: "10.3.0.0/20" } },
      "regions.cloud.servers.count": 1,
    },
    ['sites.cloud.awsRegion: must be an AWS region, got "frankfurt"; write it like eu-central-1'],
  ],
  [
    "a login that is more than a name",
    { [`${site}.ssh.user`]: "admin; reboot" },
    ['sites.cloud.ssh.user: must be the name of a login, got "admin; reboot"; copy it from the image\'s description'],
  ],
  [
    "a region that machines cannot reach",
    {
      [`${site}.awsRegion`]: "cn-north-1",
      [`${site}.zones`]: { "cn-north-1a": { cidr: "10.3.0.0/20" } },
      "regions.cloud.servers.count": 1,
    },
    [
      'sites.cloud.awsRegion: must be a region whose services end in amazonaws.com: machines look for theirs there, got "cn-north-1"; choose another region',
    ],
  ],
  [
    "a zone of another region",
    { [`${site}.zones.eu-west-1a`]: { cidr: "10.3.48.0/20" } },
    [
      'sites.cloud.zones.eu-west-1a: must be an availability zone or local zone of eu-central-1, got "eu-west-1a"; write it like eu-central-1a',
    ],
  ],
  ["no zone", { [`${site}.zones`]: {} }, ["sites.cloud.zones: must name at least one availability zone; add one"]],
  [
    "a subnet outside of the VPC",
    { [`${zone}.cidr`]: "10.5.0.0/20" },
    [
      'sites.cloud.zones.eu-central-1a.cidr: must lie in one of the VPC\'s ranges (10.3.0.0/16), got "10.5.0.0/20"; correct it, or add the range to networks',
    ],
  ],
  [
    "a subnet larger than its range",
    {
      [`${site}.networks`]: ["10.3.0.0/18", "10.3.64.0/18"],
      [`${site}.zones`]: { "eu-central-1a": { cidr: "10.3.0.0/17" } },
      "regions.cloud.servers.count": 1,
    },
    [
      'sites.cloud.zones.eu-central-1a.cidr: must lie in one of the VPC\'s ranges (10.3.0.0/18, 10.3.64.0/18), got "10.3.0.0/17"; correct it, or add the range to networks',
    ],
  ],
  [
    "subnets that overlap",
    { [`${zone}.cidr`]: "10.3.16.0/21" },
    [
      'sites.cloud.zones.eu-central-1b.cidr: must not overlap sites.cloud.zones.eu-central-1a.cidr (10.3.16.0/21), got "10.3.16.0/20"; give each subnet its own range',
    ],
  ],
  [
    "a subnet that is too small",
    { [`${zone}.cidr`]: "10.3.0.0/29" },
    [
      'sites.cloud.zones.eu-central-1a.cidr: must be from /16 to /28: AWS takes no other, got "10.3.0.0/29"; choose another size',
    ],
  ],
  [
    "a VPC that is too large",
    {
      [`${site}.networks`]: ["10.4.0.0/15"],
      [`${site}.zones`]: { "eu-central-1a": { cidr: "10.4.0.0/20" } },
      "regions.cloud.servers.count": 1,
    },
    ['sites.cloud.networks[0]: must be from /16 to /28: AWS takes no other, got "10.4.0.0/15"; choose another size'],
  ],
  [
    "a subnet that is no range",
    { [`${zone}.cidr`]: "10.3.0.0" },
    ['sites.cloud.zones.eu-central-1a.cidr: must be an IPv4 range, got "10.3.0.0"; write it like 10.10.0.0/20'],
  ],
  [
    "an existing subnet without its VPC",
    { [`${zone}.subnetId`]: "subnet-01234567" },
    [
      'sites.cloud.zones.eu-central-1a.subnetId: is for an existing VPC, got "subnet-01234567"; give vpcId, or leave it out',
    ],
  ],
  [
    "an existing VPC without a zone's subnet",
    existing({ [`${zone}.subnetId`]: undefined }),
    [
      "sites.cloud.zones.eu-central-1a.subnetId: must name the zone's subnet, since vpcId names an existing VPC; add the id of the subnet with this cidr",
    ],
  ],
  [
    "ids that are none",
    existing({ [`${site}.vpcId`]: "main", [`${zone}.subnetId`]: "subnet-a" }),
    [
      'sites.cloud.vpcId: must be the id of a VPC, got "main"; write it like vpc-0123456789abcdef0',
      'sites.cloud.zones.eu-central-1a.subnetId: must be the id of a subnet, got "subnet-a"; write it like subnet-0123456789abcdef0',
    ],
  ],
  [
    "existing routes in a new VPC",
    { [`${site}.egress`]: { kind: "existing", reason: "x" } },
    ['sites.cloud.egress.kind: needs a VPC that has routes already, got "existing"; give vpcId, or leave egress out'],
  ],
  [
    "endpoints in an existing VPC",
    existing({ [`${site}.vpcEndpoints`]: true }),
    [
      "sites.cloud.vpcEndpoints: would change the routes and names of an existing VPC, got true; make the endpoints where the VPC is made",
    ],
  ],
  [
    "NAT without ranges, outside of the VPC, or twice the same",
    {
      [`${site}.egress`]: NAT,
      [`${site}.zones`]: {
        ...natZones(),
        "eu-central-1a": { cidr: "10.3.0.0/20" },
        "eu-central-1c": { cidr: "10.3.32.0/20", natCidr: "10.3.240.16/28" },
      },
    },
    [
      "sites.cloud.zones.eu-central-1a.natCidr: must give a range for the subnet of the zone's NAT gateway; add a /28 of the VPC",
      'sites.cloud.zones.eu-central-1c.natCidr: must not overlap sites.cloud.zones.eu-central-1b.natCidr (10.3.240.16/28), got "10.3.240.16/28"; give each subnet its own range',
    ],
  ],
  [
    "a range for NAT without NAT",
    { [`${zone}.natCidr`]: "10.3.240.0/28" },
    [
      'sites.cloud.zones.eu-central-1a.natCidr: is for egress { kind: "nat-gateway" }, got "10.3.240.0/28"; leave it out',
    ],
  ],
  [
    "no image for an architecture in use",
    { [`${site}.images.arm64`]: undefined },
    [
      "sites.cloud.images.arm64: must name the machine image that pools.arm needs; add the id of an image for this architecture, or give the machines one of their own",
    ],
  ],
  [
    "images that are none",
    { [`${site}.images.amd64`]: "debian-13", "pools.arm.image": "debian" },
    [
      'sites.cloud.images.amd64: must be the id of a machine image, got "debian-13"; write it like ami-0123456789abcdef0',
      'pools.arm.image: must be the id of a machine image, got "debian"; write it like ami-0123456789abcdef0',
    ],
  ],
  [
    "a root disk that is none",
    { [`${site}.rootDevice`]: "xvda" },
    ['sites.cloud.rootDevice: must be the name of a disk, got "xvda"; copy RootDeviceName of the image'],
  ],
  [
    "a drain that a spot machine has no time for",
    { "pools.batch.drainSeconds": 300 },
    [
      "pools.batch.drainSeconds: is more than what AWS leaves a spot machine: two minutes, of which 105 s are the drain's, got 300; leave it out, for 90; machines that need longer are not for spot",
    ],
  ],
  [
    "SSH on the port that Tailscale SSH takes",
    { "tailnet.ssh": { users: ["steppe"] } },
    [
      "sites.cloud.ssh.port: must be another than 22 with tailnet.ssh: tailscaled answers SSH on 22 itself, and asks people, not Terraform, got 22; set it to 2222, which the policy opens for operators",
    ],
  ],
  [
    "SSH on a port of Nomad",
    { [`${site}.ssh.port`]: 4647 },
    ["sites.cloud.ssh.port: must be a free port between 1 and 65535, got 4647; leave it out, for 22"],
  ],
  [
    "no key",
    { [`${site}.ssh.authorizedKeys`]: [] },
    ["sites.cloud.ssh.authorizedKeys: must hold a key: servers are reached by SSH; add the operators' public keys"],
  ],
  [
    "a private key, without showing it",
    { [`${site}.ssh.authorizedKeys`]: ["-----BEGIN OPENSSH PRIVATE KEY-----"] },
    ["sites.cloud.ssh.authorizedKeys[0]: must be an SSH public key; copy ~/.ssh/id_ed25519.pub"],
  ],
  [
    "a tag of Steppe's",
    { [`${site}.tags`]: { Name: "x" } },
    ['sites.cloud.tags.Name: is a tag that Steppe or AWS sets, got "x"; choose another key'],
  ],
  [
    "a tag that AWS refuses",
    { [`${site}.tags`]: { team: "a*b" } },
    [
      'sites.cloud.tags.team: must be letters, digits, spaces and _.:/=+-@, a key of at most 128, a value of at most 256, got "a*b"',
    ],
  ],
  [
    "flow logs for a time that AWS does not know",
    { [`${site}.flowLogs`]: { retentionDays: 31 } },
    [expect.stringMatching(/^sites\.cloud\.flowLogs\.retentionDays: must be one of 1, 3, .*, got 31$/) as string],
  ],
  [
    "three servers in one zone",
    { [`${site}.zones`]: { "eu-central-1a": { cidr: "10.3.0.0/20" } } },
    [
      "regions.cloud.servers.count: puts 3 of 3 servers into one zone: the region has no leader while that zone is away, got 3; name more zones in sites.cloud.zones, or set oneZone: { reason }",
    ],
  ],
  [
    "five servers in two zones",
    { [`${site}.zones.eu-central-1c`]: undefined, "regions.cloud.servers.count": 5 },
    [
      "regions.cloud.servers.count: puts 3 of 5 servers into one zone: the region has no leader while that zone is away, got 5; name more zones in sites.cloud.zones, or set oneZone: { reason }",
    ],
  ],
  [
    "two of three servers in one zone of three",
    { "regions.cloud.servers.zones": ["eu-central-1a", "eu-central-1a", "eu-central-1b"] },
    [
      "regions.cloud.servers.count: puts 2 of 3 servers into one zone: the region has no leader while that zone is away, got 3; name more zones in sites.cloud.zones, or set oneZone: { reason }",
    ],
  ],
  [
    "zones of servers that there are not",
    { "regions.cloud.servers.zones": ["eu-central-1a", "eu-central-1d"] },
    [
      'regions.cloud.servers.zones[1]: must be a zone of site cloud (eu-central-1a, eu-central-1b, eu-central-1c), got "eu-central-1d"; correct the name, or add the zone',
      'regions.cloud.servers.zones: must name a zone for each of 3 servers, got ["eu-central-1a","eu-central-1d"]; name one per server, in order',
    ],
  ],
  [
    "spot machines as servers",
    { "regions.cloud.servers.spot": true },
    [
      "regions.cloud.servers.spot: is for pools: the cloud takes spot machines back, and a region without most of its servers stops, got true; leave it out",
    ],
  ],
  [
    "a GPU that the type lacks",
    { "pools.h100.machineType": "m7i.48xlarge", "pools.h100.hardware.memoryMiB": 1000 },
    [
      'pools.h100.machineType: has no GPU, where hardware.gpu says 8 x h100-80gb, got "m7i.48xlarge"; use p5.48xlarge, or correct hardware.gpu',
    ],
  ],
  [
    "another GPU",
    { "pools.l4.alternativeTypes": ["g5.2xlarge"] },
    [
      'pools.l4.alternativeTypes[0]: has 1 x a10g-24gb, where hardware.gpu says 1 x l4-24gb, got "g5.2xlarge"; use g6.xlarge, g6.2xlarge, g6.4xlarge, g6.8xlarge, g6.16xlarge, or correct hardware.gpu',
    ],
  ],
  [
    "another number of GPUs",
    { "pools.h100.hardware.gpu.count": 4 },
    [
      'pools.h100.machineType: has 8 x h100-80gb, where hardware.gpu says 4 x h100-80gb, got "p5.48xlarge"; no type that Steppe knows has 4 of it, or correct hardware.gpu',
    ],
  ],
  [
    "another GPU in full",
    { "pools.h100.hardware.gpu.model": { model: "NVIDIA X", memoryMiB: 1, gpuArchitecture: "x" } },
    [
      'pools.h100.machineType: has 8 x h100-80gb, where hardware.gpu says 8 x NVIDIA X, got "p5.48xlarge"; no type that Steppe knows has 8 of it, or correct hardware.gpu',
    ],
  ],
  [
    "more memory and cores than there are",
    { "pools.arm.hardware.memoryMiB": 9000, "pools.arm.hardware.cores": 3 },
    [
      'pools.arm.machineType: has 8192 MiB of memory, where hardware.memoryMiB says 9000, got "m7g.large"; say less, or choose a larger type',
      'pools.arm.machineType: has 2 vCPUs, where hardware.cores says 3, got "m7g.large"; say less, or choose a larger type',
    ],
  ],
  [
    "another architecture",
    { "pools.arm.hardware.architecture": "amd64", "regions.cloud.servers.machineType": "c7gn.large" },
    [
      'regions.cloud.servers.machineType: is no instance type of the catalogue: what it has cannot be checked, got "c7gn.large"; check the name',
      'regions.cloud.servers.machineType: is arm64, where amd64 is said, got "c7gn.large"; set architecture: "arm64", or choose another type',
      'pools.arm.machineType: is arm64, where amd64 is said, got "m7g.large"; set architecture: "arm64", or choose another type',
    ],
  ],
  [
    "what is no instance type",
    { "pools.batch.machineType": "n2-standard-2" },
    ['pools.batch.machineType: must be an instance type of EC2, got "n2-standard-2"; write it like m7i.large'],
  ],
  [
    "a type named twice",
    { "pools.l4.alternativeTypes": ["g6.2xlarge"] },
    ['pools.l4.alternativeTypes[0]: is named already, got "g6.2xlarge"; leave it out'],
  ],
  [
    "an on-demand base without spot",
    { "pools.h100.onDemandBase": 1 },
    ["pools.h100.onDemandBase: is for pools of spot machines, got 1; set spot: true, or leave it out"],
  ],
  [
    "an on-demand base larger than the pool",
    { "pools.l4.onDemandBase": 5 },
    ["pools.l4.onDemandBase: must be a whole number from 0 to 4, got 5"],
  ],
  [
    "sizes that no disk has",
    { "pools.l4.rootVolumeGiB": 4, "regions.cloud.servers.dataVolumeGiB": 0.5 },
    [
      "regions.cloud.servers.dataVolumeGiB: must be a whole number from 1 to 16384, got 0.5",
      "pools.l4.rootVolumeGiB: must be a whole number from 8 to 16384, got 4",
    ],
  ],
])("says of %s", (_, changes, expected) => {
  expect(problemsOf(spoilt(changes))).toEqual(expected);
});

test("an on-demand base is for AWS", () => {
  expect(problemsOf(spoil(smallFleet(), "pools.gpu.onDemandBase", 1))).toEqual([
    "pools.gpu.onDemandBase: is for AWS sites, got 1; leave it out",
  ]);
});

test("what may be a mistake or not is a warning", () => {
  const found = validateFleet(
    spoilt({ [`${site}.zones.eu-central-1c`]: undefined, "pools.batch.machineType": "c9i.xlarge" }),
  );
  expect(found.map(({ path, severity }) => [path, severity])).toEqual([
    ["regions.cloud.servers.count", "warning"],
    ["pools.batch.machineType", "warning"],
  ]);
});

describe("the catalogue of instance types", () => {
  test("names GPUs as the catalogue of GPUs does", () => {
    const models = [...INSTANCE_TYPES.values()].flatMap(({ gpu }) => gpu?.model ?? []);
    expect(models.filter((model) => GPU_CATALOGUE[model] === undefined)).toEqual([]);
    expect(new Set(models).size).toBe(9);
  });

  test.each([
    ["m7i.large", { architecture: "amd64", vcpus: 2, memoryGiB: 8 }],
    ["r8g.medium", { architecture: "arm64", vcpus: 1, memoryGiB: 8 }],
    ["t4g.nano", { architecture: "arm64", vcpus: 2, memoryGiB: 0.5 }],
    [
      "p6-b200.48xlarge",
      { architecture: "amd64", vcpus: 192, memoryGiB: 2048, gpu: { model: "b200-180gb", count: 8 } },
    ],
  ])("knows %s", (name, type) => {
    expect(INSTANCE_TYPES.get(name)).toEqual(type);
  });

  test.each([
    ["g5g.xlarge", "arm64"],
    ["im4gn.large", "arm64"],
    ["is4gen.medium", "arm64"],
    ["a1.large", "arm64"],
    ["p6e-gb200.36xlarge", "arm64"],
    ["g4ad.xlarge", "amd64"],
    ["m7i-flex.large", "amd64"],
    ["c7i.metal-24xl", "amd64"],
    ["mac2.metal", undefined],
    ["large", undefined],
  ])("%s is %s by its family", (name, architecture) => {
    expect(architectureOf(name)).toBe(architecture);
  });
});

function zonesOf(...cidrs: string[]) {
  return Object.fromEntries(cidrs.map((cidr, index) => [`eu-central-1${"abc"[index]}`, { cidr }]));
}

function natZones() {
  return Object.fromEntries(
    ["a", "b", "c"].map((letter, index) => [
      `eu-central-1${letter}`,
      { cidr: `10.3.${index * 16}.0/20`, natCidr: `10.3.240.${index * 16}/28` },
    ]),
  );
}

function existing(changes: Changes): Changes {
  return {
    [`${site}.vpcId`]: "vpc-0123456789abcdef0",
    ...Object.fromEntries(
      ["a", "b", "c"].map((letter) => [`${site}.zones.eu-central-1${letter}.subnetId`, `subnet-0123456${letter}`]),
    ),
    ...changes,
  };
}
