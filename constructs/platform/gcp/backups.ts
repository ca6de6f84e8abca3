import { StorageBucket } from "@cdktf/provider-google/lib/storage-bucket";
import { StorageBucketIamMember } from "@cdktf/provider-google/lib/storage-bucket-iam-member";
import { StorageBucketIamPolicy } from "@cdktf/provider-google/lib/storage-bucket-iam-policy";
import { Construct } from "constructs";
import type { MadeGcsBucket } from "../../../model/backup-types";
import { backupsOf, bucketName, isMadeBucket, snapshotPrefix } from "../../../model/backups";
import { regionOf } from "../../../model/names";
import type { Fleet } from "../../../model/types";
import { labelsFor } from "./labels";
import type { MachineAccount } from "./machine-account";
import { gcpSiteOf } from "./site";

/** Days after which parts of an upload that never ended are deleted. */
const UNFINISHED_DAYS = 1;

/** Days that Google keeps what was deleted: no fewer and no more. @see https://cloud.google.com/storage/docs/soft-delete */
const SOFT_DELETE_DAYS = { minimum: 7, maximum: 90 } as const;

const DAY_SECONDS = 86_400;

export interface GcpBackupsProps {
  readonly fleet: Fleet;
  /** A region whose servers are on Google Cloud. */
  readonly region: string;
  /** Its servers'. Undefined where they are retired: the bucket stays, and nobody writes any more. */
  readonly account: MachineAccount | undefined;
}

/**
 * Where a region's snapshots go, where that is in Cloud Storage: a bucket of its own, or one that exists, and the servers' right to
 * write there and nothing else. A snapshot holds every secret of the region, so that a bucket of its own has none of the grants that
 * Google gives a project's viewers and editors. Whoever has a role for all buckets of the project has it here as well.
 */
export class GcpBackups extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: GcpBackupsProps,
  ) {
    super(scope, id);
    const { fleet, region } = props;
    const backups = backupsOf(fleet, region);
    if (backups?.store.kind !== "gcs") return;
    if (isMadeBucket(backups.store)) this.bucket(backups.store, backups.keepDays);
    else this.useExisting(backups.store.bucket);
  }

  private useExisting(bucket: string): void {
    const { account } = this.props;
    if (account === undefined) return;
    new StorageBucketIamMember(this, "Servers", { bucket, ...this.write(bucket), member: account.member });
  }

  private bucket(store: MadeGcsBucket, keepDays: number): void {
    const { fleet, region } = this.props;
    const { servers, site } = regionOf(fleet, region);
    const { project, gcpRegion } = gcpSiteOf({ fleet, site });
    const isProtected = "hosts" in servers || servers.disposable === undefined;
    const retentionDays = store.retentionDays ?? (isProtected ? keepDays : 0);
    const name = bucketName(fleet.name, region, store);
    const bucket = new StorageBucket(this, "Bucket", {
      project,
      name,
      location: gcpRegion.toUpperCase(),
      storageClass: "STANDARD",
      uniformBucketLevelAccess: true,
      publicAccessPrevention: "enforced",
      forceDestroy: !isProtected,
      // Not locked: whoever may change the bucket can shorten it, and a fleet that says another number is followed.
      ...(retentionDays === 0 ? {} : { retentionPolicy: { retentionPeriod: retentionDays * DAY_SECONDS } }),
      softDeletePolicy: { retentionDurationSeconds: softDeleteDays(keepDays) * DAY_SECONDS },
      lifecycleRule: [
        { action: { type: "Delete" }, condition: { age: keepDays } },
        { action: { type: "AbortIncompleteMultipartUpload" }, condition: { age: UNFINISHED_DAYS } },
      ],
      ...(store.kmsKeyName === undefined ? {} : { encryption: { defaultKmsKeyName: store.kmsKeyName } }),
      labels: labelsFor({ fleet, site }, { region }),
      ...(isProtected ? { lifecycle: { preventDestroy: true } } : {}),
    });
    new StorageBucketIamPolicy(this, "Policy", { bucket: bucket.name, policyData: this.policy(name, project, store) });
  }

  /** All that the bucket itself grants. Owners of the project keep charge of the bucket, and read nothing in it. */
  private policy(bucket: string, project: string, { operators }: MadeGcsBucket): string {
    const { account } = this.props;
    return JSON.stringify({
      bindings: [
        ...(account === undefined ? [] : [{ ...this.write(bucket), members: [account.member] }]),
        { role: "roles/storage.objectUser", members: operators },
        { role: "roles/storage.legacyBucketOwner", members: [`projectOwner:${project}`] },
      ],
    });
  }

  /** The right to make objects below the region's prefix; without that to delete, what is there cannot be overwritten. */
  private write(bucket: string) {
    const { fleet, region } = this.props;
    const below = `projects/_/buckets/${bucket}/objects/${snapshotPrefix(fleet.name, region)}/`;
    return {
      role: "roles/storage.objectCreator",
      condition: { title: "own-snapshots", expression: `resource.name.startsWith("${below}")` },
    };
  }
}

/** What was deleted can be had back for as long again, as far as Google lets it. */
function softDeleteDays(keepDays: number): number {
  return Math.min(Math.max(keepDays, SOFT_DELETE_DAYS.minimum), SOFT_DELETE_DAYS.maximum);
}
