import { csiPluginJobs } from "../../constructs/storage/plugin-jobs";
import type { Job } from "../../constructs/jobspec/job";
import type { CsiDriver as Driver } from "../../model/csi-driver";
import { CsiDriver } from "../../model/csi-drivers";
import type { DemocraticCsiOptions } from "../../model/csi/democratic-types";
import type { Fleet } from "../../model/types";
import type { CsiPlugin } from "../../model/volume-types";
import { awsFleet, gcpFleet, smallFleet, spoil } from "./fleet";

const httpConnection = { host: "10.1.0.5" };
const sshConnection = { host: "10.1.0.5", username: "csi", sudo: true };
const zfs = { datasetParentName: "tank/nomad/volumes", detachedSnapshotsDatasetParentName: "tank/nomad/snapshots" };
const truenas = {
  targetPortal: "10.1.0.5:3260",
  namePrefix: "small-",
  targetGroups: [{ targetGroupPortalGroup: 1, targetGroupInitiatorGroup: 1 }],
};
const shares = { shareHost: "10.1.0.5", shareAllowedNetworks: ["10.1.0.0/24"] };

/** Options of democratic-csi, one for each kind of storage. */
export const democraticOptions: readonly DemocraticCsiOptions[] = [
  { driver: "freenas-api-iscsi", httpConnection, zfs, iscsi: truenas },
  { driver: "freenas-api-nfs", httpConnection, zfs: { ...zfs, datasetPermissionsMode: "0770" }, nfs: shares },
  { driver: "freenas-iscsi", httpConnection, sshConnection, zfs: { ...zfs, zvolCompression: "lz4" }, iscsi: truenas },
  { driver: "freenas-nfs", httpConnection, sshConnection, zfs, nfs: shares },
  {
    driver: "zfs-generic-iscsi",
    sshConnection,
    zfs,
    iscsi: { targetPortal: "10.1.0.5", basename: "iqn.2026-01.com.example.storage", chap: "mutual" },
  },
  { driver: "zfs-generic-nfs", sshConnection, zfs, nfs: { shareHost: "10.1.0.5", sharenfs: "rw=@10.1.0.0/24" } },
];

/** Every driver that Steppe knows, by id of a plugin. */
export const drivers: Readonly<Record<string, Driver>> = {
  hostpath: CsiDriver.hostpath(),
  nfs: CsiDriver.nfs(),
  ...Object.fromEntries(democraticOptions.map((options) => [options.driver, CsiDriver.democraticCsi(options)])),
  "aws-ebs": CsiDriver.awsEbs({ kmsKeyArns: ["arn:aws:kms:eu-central-1:123456789012:key/0123abcd"] }),
  "aws-efs": CsiDriver.awsEfs({ fileSystemIds: ["fs-0123456789abcdef0"] }),
  "gcp-persistent-disk": CsiDriver.gcpPersistentDisk(),
};

const reason = { reason: "a CSI plugin asks it where its machine is" };

/** A fleet with a plugin: where it can be, and with what its pools must say. */
export function fleetWith(id: string, driver: Driver): Fleet {
  const plugin = (pools: readonly string[], controllerPool?: string): CsiPlugin => ({
    driver,
    pools,
    ...(controllerPool === undefined ? {} : { controllerPool }),
  });
  if (driver.cloud === undefined)
    return spoil(smallFleet(), "regions.north.storage", { plugins: { [id]: plugin(["gpu"]) } });
  const fleet = driver.cloud.storage === "gcp-pd" ? gcpFleet() : awsFleet();
  for (const pool of ["l4", "batch"]) fleet.pools[pool] = { ...fleet.pools[pool]!, taskMetadataAccess: reason };
  return spoil(fleet, "regions.cloud.storage", { plugins: { [id]: plugin(["l4"], "batch") } });
}

/** Jobs of a plugin in its fleet. */
export function pluginJobs(id: string, driver: Driver): readonly Job[] {
  const fleet = fleetWith(id, driver);
  const [plugin] = Object.values(fleet.regions).flatMap(({ storage }) => Object.values(storage?.plugins ?? {}));
  return csiPluginJobs(fleet, id, plugin!, () => "/var/lib/nomad/client").map(({ job }) => job);
}
