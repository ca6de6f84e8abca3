import type { LabHost, LabSpec } from "../../lab/spec";
import { identitiesOf, tagsOf } from "../../model/identities";
import type { CloudServers, Fleet, Pool, Site } from "../../model/types";

/** Network of the one site. */
export const NETWORK = "10.61.3.0/24";

/** What differs between clouds. */
export interface BootCloud {
  readonly site: Site;
  readonly servers: CloudServers;
  readonly pool: Partial<Pool>;
}

/** One region and one pool of spot machines in a cloud. The server is `boot-cloud-1`. */
export const bootFleet = ({ site, servers, pool }: BootCloud): Fleet => ({
  name: "boot",
  tailnet: { domain: "lab.internal", controlServer: "http://10.61.0.1:8080", tagOwners: ["lab@"] },
  backend: { kind: "local" },
  versions: { nomad: "1.11.3", tailscale: "1.98.10" },
  sites: { cloud: site },
  regions: { cloud: { site: "cloud", servers, authoritative: true } },
  pools: {
    web: {
      region: "cloud",
      site: "cloud",
      count: 2,
      spot: true,
      nodeClass: "small",
      nodeMeta: { rack: "none" },
      hardware: { cpuMHz: 1000, memoryMiB: 512 },
      drivers: ["raw_exec"],
      ...pool,
    },
  },
});

export const SERVER = "boot-cloud-1";

/** Machines of the pool, and its server first. @param pool - their names. */
export function bootHosts(pool: readonly string[]): readonly LabHost[] {
  const host = (name: string, last: number): LabHost => ({ name, site: "cloud", address: `10.61.3.${last}` });
  return [host(SERVER, 11), ...pool.map((name, index) => host(name, 21 + index))];
}

/** The lab that carries it. */
export const bootSpec = (fleet: Fleet, hosts: readonly LabHost[]): LabSpec => ({
  fleet: "boot",
  tailnetDomain: "lab.internal",
  sites: [{ name: "cloud", cidr: NETWORK }],
  hosts,
  identities: identitiesOf(fleet).map((identity) => ({
    name: identity.name,
    tags: [...tagsOf(identity)],
    ephemeral: identity.role === "client" && identity.ephemeral,
  })),
});

/** Everybody reaches everybody: what is at stake here is how machines boot. */
export const bootPolicy = (fleet: Fleet) => ({
  tagOwners: Object.fromEntries(
    identitiesOf(fleet)
      .flatMap(tagsOf)
      .map((tag) => [tag, ["lab@"]]),
  ),
  grants: [{ src: ["*"], dst: ["*"], ip: ["*"] }],
});

/** A job whose allocations run for ever. @param count - of them. */
export const workJob = (count: number): string => `job "work" {
  node_pool = "web"
  group "work" {
    count = ${count}
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

/** What a task runs as a plain user asks the metadata service, and says what came of it. @param request - arguments of curl. */
export const askJob = (request: string): string => `job "ask" {
  type      = "batch"
  node_pool = "web"
  group "ask" {
    task "ask" {
      driver = "raw_exec"
      config {
        command = "/bin/sh"
        args    = ["-c", "setpriv --reuid 65534 --clear-groups curl --silent --max-time 3 --output /dev/null ${request}; echo curl ended with $?"]
      }
      resources {
        cpu    = 50
        memory = 32
      }
    }
  }
}
`;
