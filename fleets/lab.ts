import type { Construct } from "constructs";
import type { Allowance } from "../constructs/jobspec/job";
import { NomadJob } from "../constructs/nomad/job";
import { MultiRegionJob } from "../constructs/nomad/multi-region-job";
import { defineFleet } from "../model/fleet";
import type { OnPremSite } from "../model/types";

const image = { kind: "image" } as const;

/** A site without LAN hosts, so that its type names no pools. */
const lan = (network: string, hosts: Readonly<Record<string, string>>): OnPremSite<never> => ({
  platform: "onprem",
  networks: [network],
  hosts: Object.fromEntries(Object.entries(hosts).map(([name, address]) => [name, { address }])),
  dataDirectory: "/srv/data",
  install: image,
});

/** The seeds' sites in small, on hosts that one Linux machine can carry: `npm run lab`. */
export const fleet = defineFleet({
  name: "lab",
  tailnet: {
    domain: "lab.internal",
    controlServer: "http://10.61.0.1:8080",
    dialect: "headscale",
    tagOwners: ["lab@"],
  },
  backend: { kind: "local" },
  versions: { nomad: "1.11.3", tailscale: "1.98.10" },
  sites: {
    "dc-east": lan("10.61.1.0/24", {
      "east-1": "10.61.1.11",
      "east-2": "10.61.1.12",
      "east-3": "10.61.1.13",
      "general-1": "10.61.1.21",
    }),
    onprem: lan("10.61.2.0/24", { "gpu-1": "10.61.2.21" }),
    "dc-west": lan("10.61.3.0/24", { "west-1": "10.61.3.11" }),
    "edge-site": lan("10.61.4.0/24", { "edge-1": "10.61.4.21" }),
  },
  regions: {
    east: {
      site: "dc-east",
      servers: { hosts: ["east-1", "east-2", "east-3"] },
      authoritative: true,
      scheduler: { memoryOversubscription: true },
    },
    west: { site: "dc-west", servers: { hosts: ["west-1"] } },
  },
  pools: {
    general: {
      region: "east",
      site: "dc-east",
      hosts: ["general-1"],
      description: "Web services and small batch work",
      hardware: { cpuMHz: 2000, memoryMiB: 1024 },
      drivers: ["raw_exec", "exec"],
      drainSeconds: 20,
    },
    gpu: {
      region: "east",
      site: "onprem",
      hosts: ["gpu-1"],
      description: "GPU machines of the on-prem site",
      hardware: { cpuMHz: 2000, memoryMiB: 1024 },
      nodeMeta: { "gpu.model": "none-in-the-lab" },
      hostVolumes: { models: { path: "/srv/data/models" } },
      drivers: ["raw_exec", "exec"],
      drainSeconds: 20,
    },
    edge: {
      region: "west",
      site: "edge-site",
      hosts: ["edge-1"],
      description: "Machines at sites that lose contact",
      hardware: { cpuMHz: 1000, memoryMiB: 512 },
      drivers: ["raw_exec", "exec"],
      edge: { toleratedDisconnectSeconds: 600 },
      drainSeconds: 20,
    },
  },
  services: {
    hello: { port: 8080, pools: ["general"], callers: ["edge", "operators"] },
  },
  namespaces: { ai: { description: "Inference and training" } },
});

/** A web server in the Perl that every Debian has: the lab has no image registry. */
const webServer = `
use strict;
use warnings;
use IO::Socket::INET;
my $server = IO::Socket::INET->new(
  LocalAddr => $ENV{NOMAD_IP_http}, LocalPort => $ENV{NOMAD_PORT_http}, Listen => 16, ReuseAddr => 1,
) or die "cannot listen: $!";
while (my $client = $server->accept) {
  while (defined(my $line = <$client>)) { last if $line =~ /^\\s*$/ }
  my $body = "hello from $ENV{NOMAD_JOB_NAME} on $ENV{NODE_NAME}, region $ENV{NOMAD_REGION}\\n";
  print $client "HTTP/1.1 200 OK\\r\\nContent-Type: text/plain\\r\\nContent-Length: " . length($body)
    . "\\r\\nConnection: close\\r\\n\\r\\n$body";
  close $client;
}
`.trimStart();

/** The lab's hosts have neither Docker nor what exec wants of a kernel. */
const allow: readonly Allowance[] = [
  { rule: "raw-exec", reason: "the lab's hosts are containers, where no other driver runs" },
];

/** One job in both regions: first where a person would look at it, then at the edge. */
const clock = new MultiRegionJob({
  job: {
    id: "clock",
    allow,
    update: { healthCheck: "task_states", minHealthyTime: "1s", healthyDeadline: "1m", progressDeadline: "2m" },
    groups: {
      clock: {
        disconnect: { lostAfter: "10m" },
        tasks: {
          clock: {
            driver: "raw_exec",
            config: { command: "/bin/sh", args: ["-c", "while :; do date; sleep 60; done"] },
            resources: { cpu: "20MHz", memory: "16MiB" },
          },
        },
      },
    },
  },
  regions: { east: { nodePool: "general" }, west: { nodePool: "edge" } },
});

/**
 * What runs in the lab: a service that answers over the tailnet, a batch job on the GPU pool, a system job at the edge, and a
 * service in both regions.
 */
export const workloads = {
  east: (scope: Construct) => {
    clock.deploy(scope);
    new NomadJob(scope, "hello", {
      detach: false,
      job: {
        id: "hello",
        allow,
        nodePool: "general",
        update: { minHealthyTime: "1s", healthyDeadline: "1m", progressDeadline: "2m" },
        groups: {
          web: {
            shutdownDelay: "1s",
            network: { ports: { http: { static: 8080, hostNetwork: "tailscale" } } },
            services: [
              { name: "hello", port: "http", checks: [{ type: "http", path: "/", interval: "2s", timeout: "1s" }] },
            ],
            tasks: {
              server: {
                driver: "raw_exec",
                config: { command: "/usr/bin/perl", args: ["${NOMAD_TASK_DIR}/server.pl"] },
                env: { NODE_NAME: "${node.unique.name}" },
                templates: [{ destination: "local/server.pl", data: webServer }],
                resources: { cpu: "100MHz", memory: "64MiB" },
              },
            },
          },
        },
      },
    });
    new NomadJob(scope, "embed", {
      job: {
        id: "embed",
        allow,
        type: "batch",
        namespace: "ai",
        nodePool: "gpu",
        groups: {
          embed: {
            tasks: {
              embed: {
                driver: "raw_exec",
                config: { command: "/bin/sh", args: ["-c", "echo embedded on $NODE_NAME"] },
                env: { NODE_NAME: "${node.unique.name}" },
                resources: { cpu: "100MHz", memory: "32MiB" },
              },
            },
          },
        },
      },
    });
  },
  west: (scope: Construct) => {
    clock.deploy(scope);
    new NomadJob(scope, "beacon", {
      job: {
        id: "beacon",
        allow,
        type: "system",
        nodePool: "edge",
        groups: {
          beacon: {
            disconnect: { lostAfter: "10m" },
            tasks: {
              beacon: {
                driver: "raw_exec",
                config: { command: "/bin/sh", args: ["-c", "while :; do date; sleep 60; done"] },
                resources: { cpu: "50MHz", memory: "16MiB" },
              },
            },
          },
        },
      },
    });
  },
};
