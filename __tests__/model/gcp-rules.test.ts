import { formatProblem } from "../../constructs/core/problems";
import { gcpArchitectureOf, gcpDiskType, GCP_MACHINE_TYPES } from "../../model/gcp-machine-types";
import { gcpAccountId, gcpGroupName, gcpNetworkName, gcpSecretName } from "../../model/gcp-names";
import { GPU_CATALOGUE } from "../../model/hardware";
import { clientIdentity, serverIdentity } from "../../model/identities";
import type { Fleet } from "../../model/types";
import { validateFleet } from "../../model/validate";
import { awsFleet, gcpFleet, smallFleet, spoil } from "../helpers/fleet";
import fc from "../helpers/properties";

const problemsOf = (fleet: Fleet) => validateFleet(fleet).map(formatProblem);
const spoilt = (changes: Changes, fleet: Fleet = gcpFleet()) =>
  Object.entries(changes).reduce<Fleet>((changed, [path, value]) => spoil(changed, path, value), fleet);

type Changes = Readonly<Record<string, unknown>>;
const site = "sites.cloud";
const NAT = { kind: "cloud-nat", reason: "no external addresses allowed" };
const OUT = { kind: "existing", reason: "a firewall of the company" };
const LINKS = {
  network: "projects/acme-network/global/networks/shared",
  subnetwork: "projects/acme-network/regions/europe-west4/subnetworks/fleet",
};
const existing = (more: Changes = {}) => ({ [`${site}.existingNetwork`]: LINKS, ...more });

test("accepts the fixture that every other test spoils", () => {
  expect(problemsOf(gcpFleet())).toEqual([]);
});

test.each<[string, Changes]>([
  ["Cloud NAT with a reason", { [`${site}.egress`]: NAT }],
  ["a network of a Shared VPC", existing()],
  ["an existing network with its own way out", existing({ [`${site}.egress`]: OUT })],
  [
    "links in full",
    existing({ [`${site}.existingNetwork.network`]: `https://www.googleapis.com/compute/v1/${LINKS.network}` }),
  ],
  ["flow logs", { [`${site}.flowLogs`]: { flowSampling: 1, aggregationInterval: "INTERVAL_10_MIN" } }],
  ["OS Login", { [`${site}.ssh`]: { osLogin: true, user: "sa_1234567890", authorizedKeys: [] } }],
  ["labels of another script", { [`${site}.labels`]: { équipe: "плата" } }],
  ["the smallest subnet", { [`${site}.networks`]: ["10.6.0.0/29"] }],
  ["an image of a pool's own", { [`${site}.images.arm64`]: undefined, "pools.arm.image": image("own") }],
  ["a GPU given in full", { "pools.t4.hardware.gpu.model": GPU_CATALOGUE["t4-16gb"] }],
  ["three servers in one zone with a reason", oneZone({ "regions.cloud.servers.oneZone": { reason: "a test" } })],
  ["a part of an A3 machine as Spot", part({ "pools.h100.spot": true })],
  ["a drain in the time that there is", { "pools.arm.drainSeconds": 80, "pools.batch.drainSeconds": 25 }],
])("accepts %s", (_, changes) => {
  expect(problemsOf(spoilt(changes))).toEqual([]);
});

test.each<[string, Changes, string]>([
  [
    "a project's name",
    { [`${site}.project`]: "ACME Fleet" },
    'sites.cloud.project: must be the id of a project: 6 to 30 lower-case letters, digits and inner dashes, got "ACME Fleet"; copy the project\'s id, which is neither its name nor its number',
  ],
  [
    "a zone of another region",
    { [`${site}.zones.2`]: "europe-west1-b" },
    'sites.cloud.zones[2]: must be a zone of europe-west4, got "europe-west1-b"; write it like europe-west4-a',
  ],
  [
    "a zone twice",
    { [`${site}.zones.3`]: "europe-west4-a" },
    'sites.cloud.zones[3]: is named already, got "europe-west4-a"; leave it out',
  ],
  [
    "no zone",
    { [`${site}.zones`]: [], "pools.h100.zones": undefined },
    "sites.cloud.zones: must name at least one zone; add one",
  ],
  [
    "two ranges",
    { [`${site}.networks`]: ["10.6.0.0/20", "10.7.0.0/20"] },
    'sites.cloud.networks: must be one range: a subnet spans the zones of its region, got ["10.6.0.0/20","10.7.0.0/20"]; give each range a site of its own, or take one that holds them all',
  ],
  [
    "a subnet too small",
    { [`${site}.networks`]: ["10.6.0.0/30"] },
    'sites.cloud.networks[0]: must be from /8 to /29, the smallest that Google takes, got "10.6.0.0/30"; choose another size',
  ],
  [
    "a range of another site",
    { [`${site}.networks`]: ["10.1.0.0/16"] },
    'sites.cloud.networks[0]: must not overlap sites.north.networks[0] (10.1.0.0/24), got "10.1.0.0/16"; give each site its own range',
  ],
  [
    "another's way out of a network that is made",
    { [`${site}.egress`]: OUT },
    'sites.cloud.egress.kind: needs a network that has a way out already, got "existing"; give existingNetwork, or leave egress out',
  ],
  [
    "Cloud NAT in an existing network",
    existing({ [`${site}.egress`]: NAT }),
    'sites.cloud.egress.kind: would change how others leave an existing network, got "cloud-nat"; use { kind: "existing" }, and make the gateway where the network is made',
  ],
  [
    "Private Google Access of an existing subnet",
    existing({ [`${site}.privateGoogleAccess`]: false }),
    "sites.cloud.privateGoogleAccess: is a setting of the subnet, which exists, got false; set it where the subnet is made",
  ],
  [
    "flow logs of an existing subnet",
    existing({ [`${site}.flowLogs`]: {} }),
    "sites.cloud.flowLogs: are a setting of the subnet, which exists, got {}; set them where the subnet is made",
  ],
  [
    "a subnet of another region",
    existing({ [`${site}.existingNetwork.subnetwork`]: LINKS.subnetwork.replace("west4", "west1") }),
    'sites.cloud.existingNetwork.subnetwork: must be a subnet of europe-west4, the site\'s region, got "projects/acme-network/regions/europe-west1/subnetworks/fleet"; name one of this region, or correct gcpRegion',
  ],
  [
    "a subnet of another project",
    existing({ [`${site}.existingNetwork.subnetwork`]: LINKS.subnetwork.replace("acme-network", "acme-other") }),
    'sites.cloud.existingNetwork.subnetwork: must be of the project that the network belongs to (acme-network), got "projects/acme-other/regions/europe-west4/subnetworks/fleet"; name a subnet of this network',
  ],
  [
    "a network's name",
    existing({ [`${site}.existingNetwork.network`]: "shared" }),
    'sites.cloud.existingNetwork.network: must be the self link of a network, got "shared"; write it like projects/acme-network/global/networks/shared',
  ],
  [
    "a subnet's name",
    existing({ [`${site}.existingNetwork.subnetwork`]: "fleet" }),
    'sites.cloud.existingNetwork.subnetwork: must be the self link of a subnet, got "fleet"; write it like projects/acme-network/regions/europe-west4/subnetworks/fleet',
  ],
  [
    "a share of flows that is none",
    { [`${site}.flowLogs`]: { flowSampling: 0 } },
    "sites.cloud.flowLogs.flowSampling: must be more than 0 and at most 1, got 0; leave flowLogs out for none",
  ],
  [
    "another interval",
    { [`${site}.flowLogs`]: { aggregationInterval: "INTERVAL_1_HOUR" } },
    'sites.cloud.flowLogs.aggregationInterval: must be one of INTERVAL_5_SEC, INTERVAL_30_SEC, INTERVAL_1_MIN, INTERVAL_5_MIN, INTERVAL_10_MIN, INTERVAL_15_MIN, got "INTERVAL_1_HOUR"',
  ],
  [
    "an image family",
    { [`${site}.images.amd64`]: "projects/debian-cloud/global/images/family/debian-12" },
    'sites.cloud.images.amd64: must be one image: a family is another tomorrow, and machines would change without a plan, got "projects/debian-cloud/global/images/family/debian-12"; name the image that the family stands for (gcloud compute images describe-from-family)',
  ],
  [
    "an image's name",
    { "pools.h100.image": "gpu" },
    'pools.h100.image: must be the self link of a machine image, got "gpu"; write it like projects/debian-cloud/global/images/debian-12-bookworm-v20250610',
  ],
  [
    "no image for the machines' architecture",
    { [`${site}.images.arm64`]: undefined },
    "sites.cloud.images.arm64: must name the machine image that pools.arm needs; add the self link of an image for this architecture, or give the machines one of their own",
  ],
  [
    "no image with a driver for GPUs",
    { "pools.h100.image": undefined },
    'pools.h100.image: must be an image with NVIDIA\'s driver, since the pool has GPUs; name one, or set gpuDriver: { kind: "repository", branch }',
  ],
  [
    "port 22 beside Tailscale SSH",
    { "tailnet.ssh": { users: ["steppe"] } },
    "sites.cloud.ssh.port: must be another than 22 with tailnet.ssh: tailscaled answers SSH on 22 itself, and asks people, not Terraform, got 22; set it to 2222, which the policy opens for operators",
  ],
  [
    "keys beside OS Login",
    { [`${site}.ssh`]: { osLogin: true, user: "sa_1", authorizedKeys: ["ssh-ed25519 AAAA"] } },
    "sites.cloud.ssh.authorizedKeys: must be empty with osLogin: keys are those of the accounts that IAM lets in; move them to the operators' accounts (gcloud compute os-login ssh-keys add)",
  ],
  [
    "OS Login without a login",
    { [`${site}.ssh`]: { osLogin: true, authorizedKeys: [] } },
    "sites.cloud.ssh.user: must be the name that OS Login gives whoever applies; copy it from gcloud compute os-login describe-profile",
  ],
  [
    "a login that is none",
    { [`${site}.ssh.user`]: "ada@example.com" },
    'sites.cloud.ssh.user: must be the name of a login, got "ada@example.com"; write it like steppe',
  ],
  [
    "no key",
    { [`${site}.ssh.authorizedKeys`]: [] },
    "sites.cloud.ssh.authorizedKeys: must hold a key: servers are reached by SSH; add the operators' public keys",
  ],
  [
    "a label's key",
    { [`${site}.labels`]: { CostCenter: "ai" } },
    'sites.cloud.labels.CostCenter: must have a key of at most 63 lower-case letters, digits, _ and -, beginning with a letter, got "CostCenter"; write it like costcenter',
  ],
  [
    "a label's value",
    { [`${site}.labels`]: { team: "AI Platform" } },
    'sites.cloud.labels.team: must be at most 63 lower-case letters, digits, _ and -, got "AI Platform"; write it like ai-platform',
  ],
  [
    "a label that Steppe sets",
    { [`${site}.labels`]: { "steppe-fleet": "x" } },
    'sites.cloud.labels.steppe-fleet: is a label that Steppe or Google sets, got "x"; choose another key',
  ],
  [
    "too many labels",
    { [`${site}.labels`]: Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`l${index}`, ""])) },
    "sites.cloud.labels: must be at most 59: Google takes 64, and Steppe sets 5, got 60; leave some out",
  ],
  [
    "an instance type of EC2",
    { "pools.batch.machineType": "m7i.large" },
    'pools.batch.machineType: must be a machine type of Compute Engine, got "m7i.large"; write it like n2-standard-4',
  ],
  [
    "a type of another architecture",
    { "regions.cloud.servers.machineType": "t2a-standard-2" },
    'regions.cloud.servers.machineType: is arm64, where amd64 is said, got "t2a-standard-2"; set architecture: "arm64", or choose another type',
  ],
  [
    "a type that is not known",
    { "pools.batch.machineType": "n2-standard-6" },
    'pools.batch.machineType: is no instance type of the catalogue: what it has cannot be checked, got "n2-standard-6"; check the name',
  ],
  [
    "more memory than there is",
    { "pools.batch.hardware.memoryMiB": 16_385 },
    'pools.batch.machineType: has 16384 MiB of memory, where hardware.memoryMiB says 16385, got "n2-standard-4"; say less, or choose a larger type',
  ],
  [
    "another number of GPUs",
    { "pools.l4.alternativeTypes": ["g2-standard-24"] },
    'pools.l4.alternativeTypes[0]: has 2 x l4-24gb, where hardware.gpu says 1 x l4-24gb, got "g2-standard-24"; use g2-standard-4, g2-standard-8, g2-standard-12, g2-standard-16, g2-standard-32, or correct hardware.gpu',
  ],
  [
    "GPUs beside a type that takes none",
    { "pools.t4.machineType": "n2-standard-8" },
    'pools.t4.machineType: takes no nvidia-tesla-t4 beside it: the N1 series alone does, got "n2-standard-8"; use n1-standard-8, or correct hardware.gpu',
  ],
  [
    "GPUs that come with their type beside N1",
    { "pools.t4.hardware.gpu": { model: "l4-24gb", count: 1 } },
    'pools.t4.machineType: takes no l4-24gb beside it, got "n1-standard-8"; use a type that brings it, such as g2-standard-8, a2-highgpu-1g or a3-highgpu-8g',
  ],
  [
    "a number of accelerators that there is not",
    { "pools.t4.hardware.gpu.count": 3 },
    'pools.t4.machineType: takes 1, 2, 4 of nvidia-tesla-t4, where hardware.gpu says 3, got "n1-standard-8"; correct hardware.gpu.count',
  ],
  [
    "more vCPUs than accelerators allow",
    { "pools.t4.machineType": "n1-standard-64" },
    'pools.t4.machineType: has 64 vCPUs, where 2 x nvidia-tesla-t4 allow 48, got "n1-standard-64"; choose a smaller type, or more GPUs',
  ],
  [
    "types that take other disks",
    { "pools.batch.alternativeTypes": ["n4-standard-4"] },
    'pools.batch.alternativeTypes[0]: takes disks of type hyperdisk-balanced, where n2-standard-4 takes pd-balanced, got "n4-standard-4"; choose types that take the same, or make two pools',
  ],
  [
    "a type twice",
    { "pools.l4.alternativeTypes": ["g2-standard-8"] },
    'pools.l4.alternativeTypes[0]: is named already, got "g2-standard-8"; leave it out',
  ],
  [
    "a part of an A3 machine that is not Spot",
    part({}),
    'pools.h100.machineType: is sold as Spot and Flex-start alone, got "a3-highgpu-1g"; set spot: true, or use a3-highgpu-8g',
  ],
  [
    "zones of a pool that are not the site's",
    { "pools.h100.zones": ["europe-west4-d"] },
    'pools.h100.zones[0]: must be a zone of site cloud (europe-west4-a, europe-west4-b, europe-west4-c), got "europe-west4-d"; correct the name, or add the zone',
  ],
  [
    "a pool without zones",
    { "pools.h100.zones": [] },
    "pools.h100.zones: must name at least one zone, got []; leave it out, for the site's",
  ],
  [
    "a pool's zone twice",
    { "pools.h100.zones": ["europe-west4-a", "europe-west4-a"] },
    'pools.h100.zones[1]: is named already, got "europe-west4-a"; leave it out',
  ],
  [
    "a drain longer than the cloud waits",
    { "pools.arm.drainSeconds": 81 },
    "pools.arm.drainSeconds: is more than the 80 s that a drain has: Google gives a machine that is to go 90 s, and Nomad must stop in them too, got 81; set it to 80 or less, and drain longer by hand (nomad node drain) before a machine goes",
  ],
  [
    "a spot machine's drain longer than the cloud waits",
    { "pools.batch.drainSeconds": 26 },
    "pools.batch.drainSeconds: is more than the 25 s that a drain has: Google gives a spot machine that is to go 30 s, and Nomad must stop in them too, got 26; set it to 25 or less, and drain longer by hand (nomad node drain) before a machine goes",
  ],
  [
    "on-demand machines among spot ones",
    { "pools.batch.onDemandBase": 1 },
    "pools.batch.onDemandBase: is for AWS sites, got 1; leave it out",
  ],
  [
    "spot servers",
    { "regions.cloud.servers.spot": true },
    "regions.cloud.servers.spot: is for pools: the cloud takes spot machines back, and a region without most of its servers stops, got true; leave it out",
  ],
  [
    "a data disk smaller than there is",
    { "regions.cloud.servers.dataVolumeGiB": 9 },
    "regions.cloud.servers.dataVolumeGiB: must be a whole number from 10 to 16384, got 9",
  ],
  [
    "servers in one zone",
    oneZone({}),
    "regions.cloud.servers.count: puts 3 of 3 servers into one zone: the region has no leader while that zone is away, got 3; name more zones in sites.cloud.zones, or set oneZone: { reason }",
  ],
])("refuses %s", (_, changes, problem) => {
  expect(problemsOf(spoilt(changes))).toEqual([problem]);
});

test("refuses a place that is no region, and with it its zones", () => {
  expect(problemsOf(spoilt({ [`${site}.gcpRegion`]: "eu-central-1" }))[0]).toBe(
    'sites.cloud.gcpRegion: must be a region of Google Cloud, got "eu-central-1"; write it like europe-west4',
  );
});

test.each<[string, Fleet, string]>([
  ["AWS", awsFleet(), "pools.batch.zones"],
  ["on-prem", smallFleet(), "pools.gpu.zones"],
])("refuses a pool's zones on %s", (_, fleet, path) => {
  expect(problemsOf(spoil(fleet, path, ["a"]))).toEqual([`${path}: is for GCP sites, got ["a"]; leave it out`]);
});

describe("machine types", () => {
  test.each([
    ["n2-standard-4", "amd64", "pd-balanced"],
    ["e2-medium", "amd64", "pd-balanced"],
    ["t2a-standard-1", "arm64", "pd-balanced"],
    ["c4a-highmem-72", "arm64", "hyperdisk-balanced"],
    ["n4-custom-8-32768", "amd64", "hyperdisk-balanced"],
    ["a3-highgpu-8g", "amd64", "pd-balanced"],
    ["a3-ultragpu-8g", "amd64", "hyperdisk-balanced"],
    ["a4x-highgpu-4g", "arm64", "hyperdisk-balanced"],
    ["c4-standard-8-lssd", "amd64", "hyperdisk-balanced"],
    ["m7i.large", undefined, "pd-balanced"],
  ] as const)("%s is of architecture %s and takes %s", (type, architecture, disk) => {
    expect([gcpArchitectureOf(type), gcpDiskType(type)]).toEqual([architecture, disk]);
  });

  test("of the catalogue are of the architecture that their names say, and their GPUs are of the catalogue", () => {
    expect(GCP_MACHINE_TYPES.size).toBeGreaterThan(150);
    for (const [name, { architecture, gpu }] of GCP_MACHINE_TYPES) {
      expect([name, architecture]).toEqual([name, gcpArchitectureOf(name)]);
      expect(Object.keys(GPU_CATALOGUE)).toContain(gpu?.model ?? "t4-16gb");
    }
  });

  test.each([
    ["n1-standard-8", 8, 30],
    ["n2-highmem-128", 128, 864],
    ["c4a-standard-72", 72, 288],
    ["e2-micro", 2, 1],
  ])("%s has %d vCPUs and %d GiB", (name, vcpus, memoryGiB) => {
    expect(GCP_MACHINE_TYPES.get(name)).toMatchObject({ vcpus, memoryGiB });
  });
});

describe("derived names", () => {
  /** Names of the longest kinds that the rules of names let through. */
  const name = (length: number) => fc.stringMatching(new RegExp(`^[a-z][a-z0-9-]{0,${length - 2}}[a-z0-9]$`));
  const here = fc.record({ fleet: name(20), site: name(30), region: name(30), pool: name(30) });

  test("are names that Google takes, whatever the fleet's are", () => {
    fc.assert(
      fc.property(here, ({ fleet, site: place, region, pool }) => {
        const named: Fleet = {
          ...gcpFleet(),
          name: fleet,
          regions: { [region]: { site: place, servers: { count: 3, machineType: "n2-standard-2" } } },
          pools: { [pool]: { region, site: place, hardware: { cpuMHz: 1000, memoryMiB: 1000 } } },
        };
        for (const identity of [serverIdentity(named, region), clientIdentity(named, pool)]) {
          expect(gcpAccountId(fleet, identity)).toMatch(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/);
          expect(gcpSecretName(fleet, identity)).toMatch(/^[A-Za-z0-9_-]{1,255}$/);
        }
        // Google adds five characters to the names of a group's machines.
        expect(`${gcpGroupName(fleet, pool)}-x1y2`).toMatch(/^[a-z][a-z0-9-]{0,61}[a-z0-9]$/);
        expect(`${gcpNetworkName(fleet, place)}-tailnet`).toMatch(/^[a-z][a-z0-9-]{0,61}[a-z0-9]$/);
        expect(`${fleet}-${region}-3-data`).toMatch(/^[a-z][a-z0-9-]{0,61}[a-z0-9]$/);
      }),
    );
  });

  test("of secrets are those of one fleet, also where another's name goes on like a pool's", () => {
    const fleet = gcpFleet();
    const idOf = (name: string, pool: string) =>
      gcpSecretName(name, clientIdentity(spoil(fleet, `pools.${pool}`, fleet.pools["arm"]), pool));
    expect(idOf("acme", "client-web")).toBe("acme_client-client-web");
    expect(idOf("acme-client", "web")).toBe("acme-client_client-web");
  });

  test("of service accounts that are cut stay apart", () => {
    const fleet = gcpFleet();
    const ids = ["first", "second"].map((end) => {
      const pool = `a-pool-with-a-long-name-${end}`;
      return gcpAccountId("example", clientIdentity(spoil(fleet, `pools.${pool}`, fleet.pools["arm"]), pool));
    });
    expect(ids).toEqual(["example-client-a-pool-90d1d8b5", "example-client-a-pool-666c5fd1"]);
    expect(gcpAccountId("example", serverIdentity(fleet, "cloud"))).toBe("example-server-cloud");
  });
});

function image(name: string): string {
  return `projects/acme-images/global/images/${name}`;
}

function oneZone(more: Changes): Changes {
  return { [`${site}.zones`]: ["europe-west4-b"], ...more };
}

function part(more: Changes): Changes {
  return {
    "pools.h100.machineType": "a3-highgpu-1g",
    "pools.h100.hardware": { cpuMHz: 50_000, memoryMiB: 200_000, gpu: { model: "h100-80gb", count: 1 } },
    ...more,
  };
}
