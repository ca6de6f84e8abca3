import type { BackupStore } from "../../../model/backup-types";
import type { Fleet } from "../../../model/types";
import { awsStack, ofType, theOnly } from "../../helpers/aws";
import { awsFleet, spoil } from "../../helpers/fleet";

const OPERATORS = "arn:aws:iam::123456789012:role/operators";
const MADE: BackupStore = { kind: "s3", operatorArns: [OPERATORS] };

const backedUp = (store: BackupStore, more: object = {}): Fleet =>
  spoil(awsFleet(), "regions.cloud.backups", { store, ...more });

interface Policy {
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Effect: string;
    readonly Principal: string;
    readonly Action: readonly string[];
    readonly Resource: readonly string[];
    readonly Condition?: object;
  }[];
}
const policyOf = (stack: ReturnType<typeof awsStack>) =>
  JSON.parse(String(theOnly(stack, "aws_s3_bucket_policy")["policy"]).replaceAll(/\$\{([^}]*)\}/g, "<$1>")) as Policy;
const rolePolicies = (stack: ReturnType<typeof awsStack>) =>
  Object.fromEntries(
    Object.entries(ofType(stack, "aws_iam_role_policy"))
      .filter(([id]) => id.includes("snapshots"))
      .map(([id, { policy }]) => [id, JSON.parse(String(policy).replaceAll(/\$\{([^}]*)\}/g, "<$1>"))]),
  ) as Record<string, Policy>;

describe("AwsBackups", () => {
  const stack = awsStack(backedUp(MADE, { keepDays: 14 }));

  test("makes one private, versioned and encrypted bucket, which no destroy takes", () => {
    expect(theOnly(stack, "aws_s3_bucket")).toMatchObject({
      bucket: "small-cloud-snapshots",
      force_destroy: false,
      lifecycle: { prevent_destroy: true },
      tags: { team: "platform", Name: "small-cloud-snapshots", "steppe:fleet": "small", "steppe:region": "cloud" },
    });
    expect(theOnly(stack, "aws_s3_bucket_versioning")).toMatchObject({
      versioning_configuration: { status: "Enabled" },
    });
    expect(theOnly(stack, "aws_s3_bucket_ownership_controls")).toMatchObject({
      rule: { object_ownership: "BucketOwnerEnforced" },
    });
    expect(theOnly(stack, "aws_s3_bucket_public_access_block")).toMatchObject({
      block_public_acls: true,
      block_public_policy: true,
      ignore_public_acls: true,
      restrict_public_buckets: true,
    });
    expect(theOnly(stack, "aws_s3_bucket_server_side_encryption_configuration")).toMatchObject({
      rule: [{ apply_server_side_encryption_by_default: { sse_algorithm: "AES256" } }],
    });
  });

  test("keeps snapshots, and what was deleted, for as long as the region says", () => {
    expect(theOnly(stack, "aws_s3_bucket_lifecycle_configuration")).toMatchObject({
      rule: [
        {
          status: "Enabled",
          expiration: [{ days: 14 }],
          noncurrent_version_expiration: [{ noncurrent_days: 14 }],
          abort_incomplete_multipart_upload: [{ days_after_initiation: 1 }],
        },
      ],
    });
  });

  test("denies all but servers to write, all but operators to read and delete, and everybody without TLS", () => {
    const statements = policyOf(stack).Statement;
    expect(new Set(statements.map(({ Effect, Principal }) => `${Effect} ${Principal}`))).toEqual(new Set(["Deny *"]));
    const objects = [expect.stringMatching(/^<aws_s3_bucket\.[\w-]+\.arn>\/\*$/)];
    expect(statements).toMatchObject([
      {
        Sid: "TlsOnly",
        Action: ["s3:*"],
        Resource: [expect.stringMatching(/^<aws_s3_bucket\.[\w-]+\.arn>$/), ...objects],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      {
        Action: ["s3:PutObject", "s3:ReplicateObject"],
        Resource: objects,
        Condition: {
          ArnNotEquals: {
            "aws:PrincipalArn": [expect.stringMatching(/^<aws_iam_role\.\w*Servers-cloud_Role\w*\.arn>$/)],
          },
        },
      },
      {
        Action: [
          "s3:GetObject",
          "s3:GetObjectVersion",
          "s3:DeleteObject",
          "s3:DeleteObjectVersion",
          "s3:ReplicateDelete",
        ],
        Resource: objects,
        Condition: { ArnNotEquals: { "aws:PrincipalArn": [OPERATORS] } },
      },
    ]);
  });

  test("lets servers write below their own prefix and do nothing else, and clients nothing", () => {
    const policies = rolePolicies(stack);
    expect(Object.keys(policies)).toEqual(["Servers-cloud_Role_snapshots"]);
    expect(Object.values(policies)[0]?.Statement).toEqual([
      {
        Effect: "Allow",
        Action: ["s3:PutObject"],
        Resource: [expect.stringMatching(/^<aws_s3_bucket\.[\w-]+\.arn>\/small\/cloud\/\*$/)],
      },
    ]);
  });

  test("encrypts with a key of one's own, which servers may use to write alone", () => {
    const kmsKeyArn = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd";
    const own = awsStack(backedUp({ ...MADE, name: "acme-backups", kmsKeyArn }));
    expect(theOnly(own, "aws_s3_bucket")).toMatchObject({ bucket: "acme-backups" });
    expect(theOnly(own, "aws_s3_bucket_server_side_encryption_configuration")).toMatchObject({
      rule: [
        {
          apply_server_side_encryption_by_default: { sse_algorithm: "aws:kms", kms_master_key_id: kmsKeyArn },
          bucket_key_enabled: true,
        },
      ],
    });
    expect(rolePolicies(own)["Servers-cloud_Role_snapshots-key"]?.Statement).toEqual([
      { Effect: "Allow", Action: ["kms:GenerateDataKey"], Resource: [kmsKeyArn] },
    ]);
  });

  test("goes with the stack where the servers are disposable", () => {
    const fleet = spoil(backedUp(MADE), "regions.cloud.servers.disposable", { reason: "a test fleet" });
    const bucket = theOnly(awsStack(fleet), "aws_s3_bucket");
    expect(bucket).toMatchObject({ force_destroy: true });
    expect(bucket).not.toHaveProperty("lifecycle");
  });

  test("keeps the bucket of a retired region, and lets nobody write", () => {
    const retired = awsStack(spoil(backedUp(MADE), "regions.cloud.retired", { reason: "moved" }));
    expect(theOnly(retired, "aws_s3_bucket")).toMatchObject({ lifecycle: { prevent_destroy: true } });
    const write = policyOf(retired).Statement.find(({ Sid }) => Sid === "ServersWrite");
    expect(write).toMatchObject({ Effect: "Deny", Principal: "*" });
    expect(write).not.toHaveProperty("Condition");
    expect(rolePolicies(retired)).toEqual({});
  });

  test.each([
    ["eu-central-1", "arn:aws:s3:::shared/small/cloud/*"],
    ["us-gov-west-1", "arn:aws-us-gov:s3:::shared/small/cloud/*"],
    ["cn-north-1", "arn:aws-cn:s3:::shared/small/cloud/*"],
  ])("makes nothing where the bucket exists, and lets servers write there: %s", (region, resource) => {
    const shared = awsStack(backedUp({ kind: "s3", bucket: "shared", region }));
    expect(Object.keys(shared.resource ?? {}).filter((type) => type.startsWith("aws_s3"))).toEqual([]);
    expect(rolePolicies(shared)["Servers-cloud_Role_snapshots"]?.Statement).toEqual([
      { Effect: "Allow", Action: ["s3:PutObject"], Resource: [resource] },
    ]);
  });

  test.each<[string, BackupStore]>([
    [
      "an endpoint that takes an access key",
      { kind: "s3", bucket: "b-1", region: "x", endpoint: "https://minio.test" },
    ],
    ["a directory", { kind: "directory", path: "/mnt/efs" }],
  ])("gives no right in AWS for %s", (_, store) => {
    const other = awsStack(backedUp(store));
    expect(Object.keys(other.resource ?? {}).filter((type) => type.startsWith("aws_s3"))).toEqual([]);
    expect(rolePolicies(other)).toEqual({});
  });
});
