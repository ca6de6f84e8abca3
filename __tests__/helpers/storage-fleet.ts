import type { Construct } from "constructs";
import type { Job } from "../../constructs/jobspec/job";
import { type JobMount } from "../../constructs/nomad/job-mounts";
import { NomadJob } from "../../constructs/nomad/job";
import { labNfsDriver } from "../../lab/csi/driver";
import { defineFleet } from "../../model/fleet";
import type { OnPremSite } from "../../model/types";

/** The machine that serves NFS and iSCSI and runs jobs as well, and the one that only uses them. */
export const STORE = "store-1";
export const STORE_LAN = "10.61.2.21";
export const WORK = "work-1";
export const SERVER = "east-1";
const DOMAIN = "lab.internal";

/** What STORE exports of its data disk to jobs. */
export const EXPORT = "/srv/data/export/jobs";
/** On the root disk: a task's own root is made of links to the machine's files there, and of copies elsewhere. */
export const DATA = "/var/lib/lab";
/** Who tasks of the exec driver are. */
export const NOBODY = 65534;
/** Static host volumes of WORK: a directory of its own disk, and one that an ext4 on an iSCSI disk is mounted on. */
export const KEPT = "/srv/data/kept";
export const BLOCK = "/srv/data/block";

const lan = (network: string, hosts: Readonly<Record<string, string>>): OnPremSite<never> => ({
  platform: "onprem",
  networks: [network],
  hosts: Object.fromEntries(Object.entries(hosts).map(([name, address]) => [name, { address }])),
  dataDirectory: DATA,
  install: { kind: "image" },
});

const share = { kind: "nfs", plugin: "nfs", server: `${STORE}.${DOMAIN}`, share: "/" } as const;
const ofNobody = { owner: `${NOBODY}:${NOBODY}`, mode: "0750" } as const;
const machine = {
  region: "east",
  hardware: { cpuMHz: 1000, memoryMiB: 768 },
  drivers: ["raw_exec", "exec"],
  // Nineteen thousand files otherwise, for each task.
  chrootEnv: { "/usr/bin": "/bin", "/usr/lib/x86_64-linux-gnu": "/lib/x86_64-linux-gnu", "/usr/lib64": "/lib64" },
  drainSeconds: 20,
} as const;

/** One region, whose server is a container, and two pools of one machine each, which share what one of them exports. */
export const fleet = defineFleet({
  name: "lab-storage",
  tailnet: {
    domain: DOMAIN,
    controlServer: "http://10.61.0.1:8080",
    dialect: "headscale",
    tagOwners: ["lab@"],
  },
  backend: { kind: "local" },
  versions: { nomad: "1.11.3", tailscale: "1.98.10" },
  sites: {
    "dc-east": lan("10.61.1.0/24", { [SERVER]: "10.61.1.11", [WORK]: "10.61.1.21" }),
    hall: lan("10.61.2.0/24", { [STORE]: STORE_LAN }),
  },
  regions: {
    east: {
      site: "dc-east",
      servers: { hosts: [SERVER] },
      authoritative: true,
      storage: {
        plugins: { nfs: { driver: labNfsDriver(), pools: ["storage", "work"] } },
        volumes: {
          shared: { ...share, subdirectory: "jobs" },
          spare: { ...share, subdirectory: "spare" },
          notes: {
            kind: "dynamic-host",
            pool: "work",
            uid: NOBODY,
            gid: NOBODY,
            mode: "0750",
            disposable: { reason: "made by a test" },
          },
        },
      },
    },
  },
  pools: {
    storage: { ...machine, site: "hall", hosts: [STORE] },
    work: {
      ...machine,
      site: "dc-east",
      hosts: [WORK],
      hostVolumes: { kept: { path: KEPT, ...ofNobody }, block: { path: BLOCK, ...ofNobody } },
    },
  },
  services: { nfs: { port: 2049, pools: ["storage"], callers: ["work"] } },
});

/**
 * Appends numbered lines with the node's name to `<directory>/log` for each directory, each fsynced and then written down as
 * acknowledged, and goes on after the last that all have. It ends with the first error.
 */
const WRITE = `set -eu
i=$(tail -qn 1 /data/*/log 2>/dev/null | sort -n | head -n 1 | cut -d ' ' -f 1)
test -n "$i" || i=0
while :; do
  i=$((i + 1))
  for directory in /data/*; do
    echo "$i $NODE" >>"$directory/log"
    sync "$directory/log"
  done
  echo "$i" >"$NOMAD_ALLOC_DIR/acknowledged"
  sleep 0.5
done
`;

/** Looks at the last line again and again. */
const READ = `while :; do
  tail -n 1 /data/shared/log >"$NOMAD_ALLOC_DIR/seen"
  sleep 1
done
`;

function job(id: string, nodePool: string, script: string): Job {
  return {
    id,
    nodePool,
    // The pool with the disks is as good a place as any other, but not the first.
    ...(nodePool === "all" ? { affinities: [{ attribute: "${node.pool}", value: "work", weight: 100 }] } : {}),
    update: { healthCheck: "task_states", minHealthyTime: "1s", healthyDeadline: "3m", progressDeadline: "5m" },
    groups: {
      group: {
        tasks: {
          task: {
            driver: "exec",
            config: { command: "/bin/sh", args: ["-c", script] },
            env: { NODE: "${node.unique.name}" },
            resources: { cpu: "50MHz", memory: "32MiB" },
            killTimeout: "2s",
            // A program of its own for each task otherwise, which takes an emulated processor ten seconds to start.
            logs: { disabled: true },
          },
        },
      },
    },
  };
}

const mount = (volume: string, more: Partial<JobMount> = {}): JobMount => ({
  volume,
  group: "group",
  task: "task",
  destination: `/data/${volume}`,
  ...more,
});

/** A writer on NFS that may run anywhere, readers in both pools, and a writer on what one machine has. */
export const workloads = {
  east: (scope: Construct) => {
    const run = (id: string, nodePool: string, script: string, mounts: readonly JobMount[]) =>
      new NomadJob(scope, id, { job: job(id, nodePool, script), mounts });
    run("writer", "all", WRITE, [mount("shared")]);
    run("reader-storage", "storage", READ, [mount("shared", { readOnly: true })]);
    run("reader-work", "work", READ, [mount("shared", { readOnly: true })]);
    run("keeper", "work", WRITE, [mount("kept"), mount("notes"), mount("block")]);
  },
};
