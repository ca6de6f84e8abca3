import { S3Bucket } from "@cdktf/provider-aws/lib/s3-bucket";
import { S3BucketLifecycleConfiguration } from "@cdktf/provider-aws/lib/s3-bucket-lifecycle-configuration";
import { S3BucketOwnershipControls } from "@cdktf/provider-aws/lib/s3-bucket-ownership-controls";
import { S3BucketPolicy } from "@cdktf/provider-aws/lib/s3-bucket-policy";
import { S3BucketPublicAccessBlock } from "@cdktf/provider-aws/lib/s3-bucket-public-access-block";
import { S3BucketServerSideEncryptionConfigurationA } from "@cdktf/provider-aws/lib/s3-bucket-server-side-encryption-configuration";
import { S3BucketVersioningA } from "@cdktf/provider-aws/lib/s3-bucket-versioning";
import { Construct } from "constructs";
import type { ExistingBucket, MadeBucket } from "../../../model/backup-types";
import { backupsOf, bucketName, isMadeBucket, needsSnapshotKey, snapshotPrefix } from "../../../model/backups";
import { regionOf } from "../../../model/names";
import type { Fleet } from "../../../model/types";
import { denyOthers, partitionOf } from "./iam";
import type { MachineRole } from "./machine-role";
import { tagsFor } from "./tags";

/** Days after which parts of an upload that never ended are deleted. */
const UNFINISHED_DAYS = 1;

export interface AwsBackupsProps {
  readonly fleet: Fleet;
  /** A region whose servers are on AWS. */
  readonly region: string;
  /** Its servers'. Undefined where they are retired: the bucket stays, and nobody writes any more. */
  readonly role: MachineRole | undefined;
}

/**
 * Where a region's snapshots go, where that is in S3: a bucket of its own, or one that exists, and the servers' right to write
 * there. A snapshot holds every secret of the region, so that in a bucket of its own not even an administrator of the account
 * reads or deletes one unless the fleet names them. They can change the bucket's policy, which CloudTrail shows.
 */
export class AwsBackups extends Construct {
  constructor(
    scope: Construct,
    id: string,
    private readonly props: AwsBackupsProps,
  ) {
    super(scope, id);
    const { fleet, region } = props;
    const backups = backupsOf(fleet, region);
    if (backups?.store.kind !== "s3") return;
    if (isMadeBucket(backups.store)) this.bucket(backups.store, backups.keepDays);
    else if (!needsSnapshotKey(fleet, region)) this.useExisting(backups.store);
  }

  private useExisting({ bucket, region }: ExistingBucket): void {
    this.letWrite(`arn:${partitionOf(region)}:s3:::${bucket}`);
  }

  private letWrite(bucketArn: string, kmsKeyArn?: string): void {
    const { fleet, region, role } = this.props;
    role?.addPolicy("snapshots", ["s3:PutObject"], [`${bucketArn}/${snapshotPrefix(fleet.name, region)}/*`]);
    if (kmsKeyArn !== undefined) role?.addPolicy("snapshots-key", ["kms:GenerateDataKey"], [kmsKeyArn]);
  }

  private bucket(store: MadeBucket, keepDays: number): void {
    const { fleet, region } = this.props;
    const { servers, site } = regionOf(fleet, region);
    const isProtected = "hosts" in servers || servers.disposable === undefined;
    const name = bucketName(fleet.name, region, store);
    const bucket = new S3Bucket(this, "Bucket", {
      bucket: name,
      forceDestroy: !isProtected,
      tags: tagsFor(fleet, site, name, { region }),
      ...(isProtected ? { lifecycle: { preventDestroy: true } } : {}),
    });
    const of = { bucket: bucket.id };
    new S3BucketOwnershipControls(this, "Ownership", { ...of, rule: { objectOwnership: "BucketOwnerEnforced" } });
    const closed = new S3BucketPublicAccessBlock(this, "PublicAccess", {
      ...of,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    const versioning = new S3BucketVersioningA(this, "Versioning", {
      ...of,
      versioningConfiguration: { status: "Enabled" },
    });
    new S3BucketServerSideEncryptionConfigurationA(this, "Encryption", {
      ...of,
      rule: [
        store.kmsKeyArn === undefined
          ? { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }
          : {
              applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: store.kmsKeyArn },
              bucketKeyEnabled: true,
            },
      ],
    });
    new S3BucketLifecycleConfiguration(this, "Lifecycle", {
      ...of,
      rule: [
        {
          id: "keep-days",
          status: "Enabled",
          filter: [{ prefix: "" }],
          expiration: [{ days: keepDays }],
          // What was deleted or overwritten can be had back for as long again.
          noncurrentVersionExpiration: [{ noncurrentDays: keepDays }],
          abortIncompleteMultipartUpload: [{ daysAfterInitiation: UNFINISHED_DAYS }],
        },
      ],
      dependsOn: [versioning],
    });
    new S3BucketPolicy(this, "Policy", { ...of, policy: this.policy(bucket.arn, store), dependsOn: [closed] });
    this.letWrite(bucket.arn, store.kmsKeyArn);
  }

  /** Denials alone: what they leave over, a principal's own policies must allow. */
  private policy(bucketArn: string, { operatorArns }: MadeBucket): string {
    const objects = [`${bucketArn}/*`];
    const { role } = this.props;
    return denyOthers(
      { sid: "TlsOnly", actions: ["s3:*"], resources: [bucketArn, ...objects], unless: "tls" },
      {
        sid: "ServersWrite",
        actions: ["s3:PutObject", "s3:ReplicateObject"],
        resources: objects,
        unless: role === undefined ? [] : [role.arn],
      },
      {
        sid: "OperatorsReadAndDelete",
        actions: [
          "s3:GetObject",
          "s3:GetObjectVersion",
          "s3:DeleteObject",
          "s3:DeleteObjectVersion",
          "s3:ReplicateDelete",
        ],
        resources: objects,
        unless: operatorArns,
      },
    );
  }
}
