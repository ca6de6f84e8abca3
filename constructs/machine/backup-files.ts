import type { BackupStore } from "../../model/backup-types";
import { backupsOf, bucketName, isMadeBucket, madeBucketRegion, needsSnapshotKey } from "../../model/backups";
import type { Fleet } from "../../model/types";
import { type BundleFile, file, script } from "./bundle-file";
import { paths } from "./paths";
import { aws } from "./shell/aws";
import { gcp } from "./shell/gcp";
import { snapshot, SNAPSHOT_ENV } from "./shell/snapshot";
import { snapshotDirectory } from "./shell/snapshot-directory";
import { snapshotGcs } from "./shell/snapshot-gcs";
import { snapshotS3 } from "./shell/snapshot-s3";
import { snapshotUnits } from "./units";

/** What the servers of a region have that is backed up. Elsewhere nothing. */
export function backupFiles(fleet: Fleet, region: string): readonly BundleFile[] {
  const backups = backupsOf(fleet, region);
  if (backups === undefined) return [];
  const { store, everyMinutes, keepDays } = backups;
  const mount = store.kind === "directory" ? { volume: store.path } : {};
  const units = snapshotUnits({ everyMinutes }, mount);
  const settings = { ...storeSettings(fleet, region, store), STEPPE_SNAPSHOT_KEEP_DAYS: String(keepDays) };
  return [
    file(`${paths.units}/steppe-snapshot.service`, units.service, "none"),
    file(`${paths.units}/steppe-snapshot.timer`, units.timer, "snapshots"),
    script("snapshot", snapshot),
    ...(store.kind === "s3" ? [script("aws", aws)] : []),
    ...(store.kind === "gcs" ? [script("gcp", gcp)] : []),
    script("snapshot-store", { s3: snapshotS3, gcs: snapshotGcs, directory: snapshotDirectory }[store.kind]),
    file(
      SNAPSHOT_ENV,
      Object.entries(settings)
        .map(([name, value]) => `${name}='${value}'\n`)
        .join(""),
      "none",
    ),
  ];
}

function storeSettings(fleet: Fleet, region: string, store: BackupStore): Readonly<Record<string, string>> {
  switch (store.kind) {
    case "directory":
      return { STEPPE_SNAPSHOT_DIRECTORY: store.path };
    case "gcs":
      return { STEPPE_SNAPSHOT_BUCKET: bucketName(fleet.name, region, store) };
    case "s3": {
      const made = isMadeBucket(store);
      return {
        STEPPE_SNAPSHOT_BUCKET: bucketName(fleet.name, region, store),
        STEPPE_SNAPSHOT_AWS_REGION: made ? madeBucketRegion(fleet, region) : store.region,
        STEPPE_SNAPSHOT_ENDPOINT: made ? "" : (store.endpoint ?? ""),
        STEPPE_SNAPSHOT_CREDENTIALS: needsSnapshotKey(fleet, region) ? "key" : "role",
      };
    }
  }
}

/** Brings what the scripts of a store need, after the step that installs from the vendors' repositories. */
export function needSnapshotTools(fleet: Fleet, region: string): readonly string[] {
  const kind = backupsOf(fleet, region)?.store.kind;
  return kind === "s3" || kind === "gcs" ? ["need curl curl\n"] : [];
}

/** After Nomad, with which the timer starts and stops. */
export const activateSnapshots = `systemctl enable --quiet steppe-snapshot.timer
if [ -e "$changed/snapshots" ]; then
  systemctl restart steppe-snapshot.timer
else
  systemctl start steppe-snapshot.timer
fi
`;
