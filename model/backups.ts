import { awsSite } from "./aws-site";
import type { BackupStore, MadeBucket, MadeGcsBucket } from "./backup-types";
import { regionOf } from "./names";
import type { Fleet } from "./types";

/** A region's snapshots with every default filled in. */
export interface RegionBackups {
  readonly store: BackupStore;
  readonly everyMinutes: number;
  readonly keepDays: number;
}

/** How a region is backed up; undefined where it is not. */
export function backupsOf(fleet: Fleet, regionName: string): RegionBackups | undefined {
  const { backups } = regionOf(fleet, regionName);
  return backups === undefined ? undefined : { everyMinutes: 60, keepDays: 30, ...backups };
}

/** True for a bucket that the site's stack makes. */
export function isMadeBucket(store: BackupStore): store is MadeBucket | MadeGcsBucket {
  return store.kind !== "directory" && store.bucket === undefined;
}

/** Name of a bucket. */
export function bucketName(fleet: string, region: string, store: BackupStore & { kind: "s3" | "gcs" }): string {
  return store.bucket ?? store.name ?? `${fleet}-${region}-snapshots`;
}

/** Where a region's snapshots are inside its store. Shape: `example/eu`. */
export function snapshotPrefix(fleet: string, region: string): string {
  return `${fleet}/${region}`;
}

/** True where a region's servers write with an access key: their machines have no role that the bucket knows. */
export function needsSnapshotKey(fleet: Fleet, regionName: string): boolean {
  const store = backupsOf(fleet, regionName)?.store;
  if (store?.kind !== "s3" || isMadeBucket(store)) return false;
  const site = fleet.sites[regionOf(fleet, regionName).site];
  return site?.platform !== "aws" || store.endpoint !== undefined;
}

/** Where a person finds a region's snapshots. Shape: `s3://example-eu-snapshots/example/eu/`, `/srv/backups/example/eu/`. */
export function snapshotAddress(fleet: Fleet, regionName: string): string | undefined {
  const store = backupsOf(fleet, regionName)?.store;
  const prefix = `${snapshotPrefix(fleet.name, regionName)}/`;
  switch (store?.kind) {
    case undefined:
      return undefined;
    case "s3":
      return `s3://${bucketName(fleet.name, regionName, store)}/${prefix}`;
    case "gcs":
      return `gs://${bucketName(fleet.name, regionName, store)}/${prefix}`;
    case "directory":
      return `${store.path}/${prefix}`;
  }
}

/** AWS region of a region's bucket. @throws RangeError when its servers are not on AWS. */
export function madeBucketRegion(fleet: Fleet, regionName: string): string {
  return awsSite(fleet, regionOf(fleet, regionName).site).awsRegion;
}
