import { anything, ec2, type TypePermissions } from "./permission-grants";

/** What sees and changes one part of a bucket's configuration. */
function bucketPart(name: string, read = `s3:Get${name}`, write = `s3:Put${name}`): TypePermissions {
  return { read: [["Buckets", [read, "s3:ListBucket"]]], write: [["Buckets", [write]]] };
}

/** What Terraform does with volumes, secrets, buckets and logs. By type of resource. */
export const STORAGE_PERMISSIONS: Readonly<Record<string, TypePermissions>> = {
  aws_cloudwatch_log_group: {
    read: [anything("logs:DescribeLogGroups"), ["Logs", ["logs:ListTagsForResource"]]],
    write: [
      [
        "Logs",
        [
          "logs:CreateLogGroup",
          "logs:DeleteLogGroup",
          "logs:DeleteRetentionPolicy",
          "logs:PutRetentionPolicy",
          "logs:TagResource",
          "logs:UntagResource",
        ],
      ],
    ],
  },
  aws_ebs_volume: {
    read: [anything("ec2:DescribeVolumes")],
    write: [
      ...ec2("Volume", ["ec2:ModifyVolume", "ec2:CreateSnapshot"]),
      anything("ec2:DescribeSnapshots", "ec2:DescribeVolumesModifications"),
      // The snapshot that a volume leaves.
      ["EC2Made", ["ec2:CreateSnapshot"]],
    ],
  },
  aws_s3_bucket: {
    read: [
      [
        "Buckets",
        [
          "s3:GetAccelerateConfiguration",
          "s3:GetBucketAcl",
          "s3:GetBucketCORS",
          "s3:GetBucketLogging",
          "s3:GetBucketObjectLockConfiguration",
          "s3:GetBucketPolicy",
          "s3:GetBucketRequestPayment",
          "s3:GetBucketTagging",
          "s3:GetBucketVersioning",
          "s3:GetBucketWebsite",
          "s3:GetEncryptionConfiguration",
          "s3:GetLifecycleConfiguration",
          "s3:GetReplicationConfiguration",
          "s3:ListBucket",
          "s3:ListTagsForResource",
        ],
      ],
    ],
    write: [
      ["Buckets", ["s3:CreateBucket", "s3:DeleteBucket", "s3:PutBucketTagging", "s3:TagResource", "s3:UntagResource"]],
    ],
  },
  aws_s3_bucket_lifecycle_configuration: bucketPart("LifecycleConfiguration"),
  aws_s3_bucket_ownership_controls: bucketPart("BucketOwnershipControls"),
  aws_s3_bucket_policy: {
    read: [["Buckets", ["s3:GetBucketPolicy"]]],
    write: [["Buckets", ["s3:DeleteBucketPolicy", "s3:PutBucketPolicy"]]],
  },
  aws_s3_bucket_public_access_block: bucketPart("BucketPublicAccessBlock"),
  aws_s3_bucket_server_side_encryption_configuration: bucketPart("EncryptionConfiguration"),
  aws_s3_bucket_versioning: bucketPart("BucketVersioning"),
  aws_secretsmanager_secret: {
    read: [["Secrets", ["secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy"]]],
    write: [
      [
        "Secrets",
        [
          "secretsmanager:CreateSecret",
          "secretsmanager:DeleteSecret",
          "secretsmanager:TagResource",
          "secretsmanager:UntagResource",
          "secretsmanager:UpdateSecret",
        ],
      ],
    ],
  },
  aws_secretsmanager_secret_version: {
    read: [["Secrets", ["secretsmanager:DescribeSecret"]]],
    // The provider reads a value to see whether it is there. Whoever plans must not: such a plan does without (-refresh=false).
    write: [
      [
        "Secrets",
        [
          "secretsmanager:GetSecretValue",
          "secretsmanager:ListSecretVersionIds",
          "secretsmanager:PutSecretValue",
          "secretsmanager:UpdateSecretVersionStage",
        ],
      ],
    ],
  },
};
