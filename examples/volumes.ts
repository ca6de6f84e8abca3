import type { Job } from "../constructs/jobspec/job";
import type { Mount } from "../constructs/jobspec/mounts/mount";
import { CsiDriver, fileSystem } from "../model/csi-drivers";
import type { RegionStorage } from "../model/volume-types";
import { neo4j } from "./jobs/ai-neo4j";
import { surrealdb } from "./jobs/ai-surrealdb";
import { inPool } from "./place";

const program = { image: "registry.example.com/csi:v1.0.0", args: ["--endpoint=${CSI_ENDPOINT}"], privileged: true };

/** Plugins like those of the seeds: disks over iSCSI, and shares over NFS. */
const plugins = {
  iscsi: {
    driver: CsiDriver.custom({
      name: "disks.example.com",
      programs: { monolith: program },
      capabilities: [
        ...fileSystem("single-node-writer"),
        { accessMode: "single-node-writer", attachmentMode: "block-device" },
      ],
      creates: true,
    }),
    pools: ["general"],
  },
  nfs: {
    driver: CsiDriver.custom({
      name: "shares.example.com",
      programs: { monolith: program },
      capabilities: fileSystem("multi-node-multi-writer", "multi-node-reader-only", "single-node-writer"),
      creates: false,
      mountsNfs: true,
    }),
    pools: ["general"],
  },
} as const;

/** The seeds' volumes as they were written: a database's disk without a file system, and a database on a share. */
export const mistaken: RegionStorage = {
  plugins,
  volumes: {
    "neo4j-data": {
      kind: "created",
      plugin: "iscsi",
      capacityMinGiB: 8,
      capabilities: [{ accessMode: "single-node-writer", attachmentMode: "block-device" }],
    },
    "surrealdb-data": {
      kind: "nfs",
      plugin: "nfs",
      server: "192.168.128.31",
      share: "/home/shared/surrealdb",
      capabilities: [{ accessMode: "single-node-writer" }],
    },
  },
};

/** The same repaired: a disk with a file system, and a directory of one machine. */
export const repaired: RegionStorage = {
  plugins,
  volumes: {
    "neo4j-data": {
      kind: "created",
      plugin: "iscsi",
      capacityMinGiB: 8,
      capabilities: [{ accessMode: "single-node-writer" }],
      mountOptions: { fsType: "ext4", mountFlags: ["noatime"] },
    },
    "surrealdb-data": { kind: "dynamic-host", pool: "general", uid: 65_532, gid: 65_532 },
  },
};

/** A job without what the example's file says of volumes: mounts say it. */
function bare(job: Job): Job {
  const groups = Object.entries(job.groups).map(([name, { volumes: _volumes, tasks, ...group }]) => {
    const own = Object.entries(tasks).map(([task, { volumeMounts: _mounts, ...rest }]) => [task, rest] as const);
    return [name, { ...group, tasks: Object.fromEntries(own) }] as const;
  });
  return { ...inPool(job, "general"), groups: Object.fromEntries(groups) };
}

/** The seeds' databases, and where each wants its volume. */
export const databases: readonly { readonly job: Job; readonly mounts: readonly Mount[] }[] = [
  { job: bare(neo4j), mounts: [{ volume: "neo4j-data", group: "neo4j", task: "neo4j", destination: "/data" }] },
  {
    job: bare(surrealdb),
    mounts: [{ volume: "surrealdb-data", group: "surrealdb", task: "surrealdb", destination: "/data" }],
  },
];
