import type { AwsSite } from "../../model/aws-types";
import type { GcpSite } from "../../model/gcp-types";
import type { Fleet, OnPremSite, Region } from "../../model/types";

/** A small valid fleet: two on-prem regions, one pool each. Tests change one thing of a copy. */
export function smallFleet(): Mutable<Fleet> {
  const lan = (network: string, hosts: Record<string, string>): OnPremSite => ({
    platform: "onprem",
    networks: [network],
    install: { kind: "image" },
    hosts: Object.fromEntries(
      Object.entries(hosts).map(([name, address]) => [name, { address, hostKey: "ssh-ed25519 AAAA" }]),
    ),
  });
  return structuredClone({
    name: "small",
    tailnet: { domain: "tail0.ts.net" },
    backend: { kind: "local" },
    versions: { nomad: "2.0.5", tailscale: "1.102.3" },
    sites: {
      north: lan("10.1.0.0/24", { "n-1": "10.1.0.11", "n-2": "10.1.0.12", "n-3": "10.1.0.13", "n-gpu": "10.1.0.21" }),
      south: lan("10.2.0.0/24", { "s-1": "10.2.0.11", "s-edge": "10.2.0.21" }),
    },
    regions: {
      north: { site: "north", servers: { hosts: ["n-1", "n-2", "n-3"] }, authoritative: true },
      south: { site: "south", servers: { hosts: ["s-1"] } },
    },
    pools: {
      gpu: {
        region: "north",
        site: "north",
        hosts: ["n-gpu"],
        hardware: { cpuMHz: 8000, memoryMiB: 65_536, gpu: { model: "h100-80gb", count: 8 } },
        hostVolumes: { models: { path: "/srv/models" } },
      },
      edge: { region: "south", site: "south", hosts: ["s-edge"], hardware: { cpuMHz: 2000, memoryMiB: 2048 } },
    },
    services: { vllm: { port: 8000, pools: ["gpu"], callers: ["edge", "operators"] } },
  }) as unknown as Mutable<Fleet>;
}

/** A small valid AWS site in three zones. */
export function awsSite(): Mutable<AwsSite> {
  return structuredClone({
    platform: "aws",
    awsRegion: "eu-central-1",
    networks: ["10.3.0.0/16"],
    zones: {
      "eu-central-1a": { cidr: "10.3.0.0/20" },
      "eu-central-1b": { cidr: "10.3.16.0/20" },
      "eu-central-1c": { cidr: "10.3.32.0/20" },
    },
    images: { amd64: "ami-0123456789abcdef0", arm64: "ami-0fedcba9876543210" },
    ssh: { authorizedKeys: ["ssh-ed25519 AAAA"] },
  } satisfies AwsSite);
}

/** A small valid fleet with an AWS site: three servers, and pools on demand, spot, mixed and on ARM. */
export function awsFleet(): Mutable<Fleet> {
  const fleet = smallFleet();
  const here = { region: "cloud", site: "cloud" };
  fleet.sites["cloud"] = { ...awsSite(), tags: { team: "platform" } };
  fleet.regions["cloud"] = { site: "cloud", servers: { count: 3, machineType: "m7i.large" } };
  fleet.pools["h100"] = {
    ...here,
    count: 2,
    machineType: "p5.48xlarge",
    image: "ami-0aaaaaaaaaaaaaaa0",
    hardware: { cpuMHz: 400_000, memoryMiB: 2_000_000, gpu: { model: "h100-80gb", count: 8 } },
  };
  fleet.pools["l4"] = {
    ...here,
    count: 4,
    machineType: "g6.2xlarge",
    alternativeTypes: ["g6.4xlarge"],
    spot: true,
    onDemandBase: 1,
    gpuDriver: { kind: "repository", branch: 580 },
    hardware: { cpuMHz: 20_000, memoryMiB: 32_000, gpu: { model: "l4-24gb", count: 1 } },
  };
  fleet.pools["batch"] = {
    ...here,
    count: 3,
    machineType: "c7i.xlarge",
    spot: true,
    hardware: { cpuMHz: 10_000, memoryMiB: 8000 },
  };
  fleet.pools["arm"] = {
    ...here,
    count: 1,
    machineType: "m7g.large",
    hardware: { architecture: "arm64", cpuMHz: 5000, memoryMiB: 8000 },
    taskMetadataAccess: { reason: "its jobs read a bucket as the machine" },
  };
  return fleet;
}

/** The fleet with two AWS regions, in Frankfurt and in Ohio, that callers outside the tailnet reach: each by its name, both by one. */
export function externalFleet(): Mutable<Fleet> {
  const fleet = awsFleet();
  const zone = { id: "Z0123456789ABCDEFGHIJ", name: "example.com" };
  fleet.sites["ohio"] = {
    ...awsSite(),
    awsRegion: "us-east-2",
    networks: ["10.5.0.0/16"],
    zones: { "us-east-2a": { cidr: "10.5.0.0/20" } },
  };
  fleet.regions["ohio"] = { site: "ohio", servers: { count: 1, machineType: "m7i.large" } };
  for (const name of ["cloud", "ohio"])
    (fleet.regions[name] as Mutable<Region>).externalAccess = {
      allowedCidrs: ["198.51.100.0/24", "203.0.113.7/32"],
      domain: `${name}.example.com`,
      zone,
    };
  fleet.globalAccess = { domain: "nomad.example.com", zone, routing: "latency" };
  return fleet;
}

/** A small valid site on Google Cloud in three zones. */
export function gcpSite(): Mutable<GcpSite> {
  return structuredClone({
    platform: "gcp",
    project: "acme-fleet",
    gcpRegion: "europe-west4",
    zones: ["europe-west4-a", "europe-west4-b", "europe-west4-c"],
    networks: ["10.6.0.0/20"],
    images: {
      amd64: "projects/debian-cloud/global/images/debian-12-bookworm-v20250610",
      arm64: "projects/debian-cloud/global/images/debian-12-bookworm-arm64-v20250610",
    },
    ssh: { authorizedKeys: ["ssh-ed25519 AAAA"] },
  } satisfies GcpSite);
}

/** A small valid fleet with a site on Google Cloud: three servers, and pools of every kind. */
export function gcpFleet(): Mutable<Fleet> {
  const fleet = smallFleet();
  const here = { region: "cloud", site: "cloud" };
  fleet.sites["cloud"] = { ...gcpSite(), labels: { team: "platform" } };
  fleet.regions["cloud"] = { site: "cloud", servers: { count: 3, machineType: "n2-standard-2" } };
  fleet.pools["h100"] = {
    ...here,
    count: 2,
    machineType: "a3-highgpu-8g",
    zones: ["europe-west4-b"],
    image: "projects/acme-images/global/images/gpu-20250610",
    hardware: { cpuMHz: 400_000, memoryMiB: 1_900_000, gpu: { model: "h100-80gb", count: 8 } },
  };
  fleet.pools["l4"] = {
    ...here,
    count: 4,
    machineType: "g2-standard-8",
    alternativeTypes: ["g2-standard-12"],
    spot: true,
    gpuDriver: { kind: "repository", branch: 580 },
    hardware: { cpuMHz: 20_000, memoryMiB: 32_000, gpu: { model: "l4-24gb", count: 1 } },
  };
  fleet.pools["t4"] = {
    ...here,
    count: 1,
    machineType: "n1-standard-8",
    gpuDriver: { kind: "repository", branch: 580 },
    hardware: { cpuMHz: 20_000, memoryMiB: 30_000, gpu: { model: "t4-16gb", count: 2 } },
  };
  fleet.pools["batch"] = {
    ...here,
    count: 40,
    machineType: "n2-standard-4",
    spot: true,
    hardware: { cpuMHz: 10_000, memoryMiB: 16_000 },
  };
  fleet.pools["arm"] = {
    ...here,
    count: 3,
    machineType: "c4a-standard-4",
    hardware: { architecture: "arm64", cpuMHz: 10_000, memoryMiB: 16_000 },
  };
  return fleet;
}

/** The fleet with a region on Google Cloud that callers outside the tailnet reach by its name. */
export function gcpExternalFleet(): Mutable<Fleet> {
  const fleet = gcpFleet();
  (fleet.regions["cloud"] as Mutable<Region>).externalAccess = {
    allowedCidrs: ["198.51.100.0/24", "203.0.113.7/32"],
    domain: "cloud.example.com",
    zone: { managedZone: "example-com", name: "example.com" },
  };
  return fleet;
}

/** The same shape with every property assignable, so that a test can spoil one. */
export type Mutable<T> = T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;

/** Sets the value at a path of a copy: `spoil(fleet, "regions.north.servers.hosts", [])`. */
export function spoil(fleet: Fleet, path: string, value: unknown): Fleet {
  const copy = structuredClone(fleet);
  const keys = path.split(".");
  const last = keys.pop() as string;
  let at = copy as unknown as Record<string, unknown>;
  for (const key of keys) at = (at[key] ??= {}) as Record<string, unknown>;
  if (value === undefined) Reflect.deleteProperty(at, last);
  else at[last] = value;
  return copy;
}
