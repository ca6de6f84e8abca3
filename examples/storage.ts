import { CsiDriver } from "../model/csi-drivers";
import type { DemocraticCsiOptions } from "../model/csi/democratic-types";
import type { RegionStorage } from "../model/volume-types";

/** The storage machine of the seeds, with TrueNAS. */
const NAS = "192.168.1.50";

const truenas: DemocraticCsiOptions = {
  driver: "freenas-api-iscsi",
  httpConnection: { host: NAS },
  zfs: {
    datasetParentName: "tank/nomad/volumes",
    detachedSnapshotsDatasetParentName: "tank/nomad/snapshots",
  },
  iscsi: { targetPortal: `${NAS}:3260`, targetGroups: [{ targetGroupPortalGroup: 1, targetGroupInitiatorGroup: 1 }] },
};

/**
 * Volumes as the seeds mean them: a disk for a database, a shared directory for models, a machine's own directory for what must not
 * be on NFS (RocksDB).
 */
export const storage: RegionStorage = {
  plugins: {
    iscsi: { driver: CsiDriver.democraticCsi(truenas), pools: ["general"] },
    nfs: { driver: CsiDriver.nfs(), pools: ["general"] },
  },
  volumes: {
    "neo4j-disk": {
      kind: "created",
      plugin: "iscsi",
      capacityMinGiB: 8,
      capacityMaxGiB: 8,
      capabilities: [{ accessMode: "single-node-writer" }],
      mountOptions: { fsType: "ext4", mountFlags: ["noatime"] },
    },
    "hf-models": { kind: "nfs", plugin: "nfs", server: NAS, share: "/mnt/tank/hf-cache" },
    "surrealdb-disk": { kind: "dynamic-host", pool: "general", uid: 1000, gid: 1000 },
  },
};

/** The same as the seeds have it, in `nomad-ai-bible.md`, lines 254 to 307: what Steppe says to it is in the test of this file. */
export const mismatched: RegionStorage = {
  plugins: {
    "org.democratic-csi.iscsi": { driver: CsiDriver.democraticCsi(truenas), pools: ["general"] },
    nfs: { driver: CsiDriver.nfs(), pools: ["general"] },
  },
  volumes: {
    // Registered, but nothing says which disk; and a bare disk, with options for mounting one.
    "neo4j-disk": {
      kind: "registered",
      plugin: "org.democratic-csi.iscsi",
      externalId: "",
      capabilities: [{ accessMode: "single-node-writer", attachmentMode: "block-device" }],
      mountOptions: { fsType: "ext4", mountFlags: ["noatime"] },
    },
    // One file system of one disk, written by many machines.
    "hf-models": {
      kind: "created",
      plugin: "org.democratic-csi.iscsi",
      capacityMinGiB: 100,
      capabilities: [{ accessMode: "multi-node-multi-writer" }],
    },
    // A directory is no disk.
    "surrealdb-disk": {
      kind: "registered",
      plugin: "nfs",
      externalId: "surrealdb",
      capabilities: [{ accessMode: "single-node-writer", attachmentMode: "block-device" }],
    },
  },
};
