import type { LabHost, LabSpec } from "../../lab/spec";
import { identitiesOf, tagsOf } from "../../model/identities";
import type { Fleet } from "../../model/types";

/** Address of the metadata service that instances ask. */
export const METADATA = "http://169.254.169.254/latest";
export const SERVER = "boot-cloud-1";
export const FIRST = "web-0aaaaaaaaaaaaaaa1";
export const SECOND = "web-0aaaaaaaaaaaaaaa2";
const NETWORK = "10.61.3.0/24";

/** One region and one pool on AWS. @param operatorKey - public SSH key. */
export const fleetOf = (operatorKey: string): Fleet => ({
  name: "boot",
  tailnet: { domain: "lab.internal", controlServer: "http://10.61.0.1:8080" },
  backend: { kind: "local" },
  versions: { nomad: "1.11.3", tailscale: "1.98.10" },
  sites: {
    cloud: {
      platform: "aws",
      awsRegion: "eu-central-1",
      networks: [NETWORK],
      zones: { "eu-central-1a": { cidr: NETWORK } },
      images: { amd64: "ami-0123456789abcdef0" },
      ssh: { authorizedKeys: [operatorKey] },
      install: { kind: "image" },
    },
  },
  regions: { cloud: { site: "cloud", servers: { count: 1, machineType: "m7i.large" }, authoritative: true } },
  pools: {
    web: {
      region: "cloud",
      site: "cloud",
      count: 2,
      machineType: "c7i.xlarge",
      spot: true,
      nodeClass: "small",
      nodeMeta: { rack: "none" },
      hardware: { cpuMHz: 1000, memoryMiB: 512 },
      drivers: ["raw_exec"],
      drainSeconds: 60,
    },
  },
});

export const identities = identitiesOf(fleetOf(""));
const host = (name: string, last: number): LabHost => ({ name, site: "cloud", address: `10.61.3.${last}` });
export const hosts: readonly LabHost[] = [host(SERVER, 11), host(FIRST, 21), host(SECOND, 22)];
/** The lab that carries it. */
export const spec: LabSpec = {
  fleet: "boot",
  tailnetDomain: "lab.internal",
  sites: [{ name: "cloud", cidr: NETWORK }],
  hosts,
  identities: identities.map((identity) => ({
    name: identity.name,
    tags: [...tagsOf(identity)],
    ephemeral: identity.role === "client" && identity.ephemeral,
  })),
};
/** Everybody reaches everybody: what is at stake here is how machines boot. */
export const policy = {
  tagOwners: Object.fromEntries(identities.flatMap(tagsOf).map((tag) => [tag, ["lab@"]])),
  grants: [{ src: ["*"], dst: ["*"], ip: ["*"] }],
};

/** A job with one allocation that runs for ever. */
export const JOB = `job "work" {
  node_pool = "web"
  group "work" {
    task "sleep" {
      driver = "raw_exec"
      config {
        command = "/bin/sleep"
        args    = ["86400"]
      }
      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
`;

/** What a task runs as a plain user asks the metadata service for a token, and says what came of it. */
export const ASK_JOB = `job "ask" {
  type      = "batch"
  node_pool = "web"
  group "ask" {
    task "ask" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", "setpriv --reuid 65534 --clear-groups curl --silent --max-time 3 --output /dev/null --request PUT --header 'X-aws-ec2-metadata-token-ttl-seconds: 60' ${METADATA}/api/token; echo curl ended with $?"]
      }
      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
`;
