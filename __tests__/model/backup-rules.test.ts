import { formatProblem } from "../../constructs/core/problems";
import type { BackupStore } from "../../model/backup-types";
import { needsSnapshotKey, snapshotAddress } from "../../model/backups";
import { identitiesOf } from "../../model/identities";
import type { Fleet } from "../../model/types";
import { validateFleet } from "../../model/validate";
import { awsFleet, gcpSite, spoil } from "../helpers/fleet";

const OPERATORS = "arn:aws:iam::123456789012:role/ops/operators";
const MADE: BackupStore = { kind: "s3", operatorArns: [OPERATORS] };
const EXISTING: BackupStore = { kind: "s3", bucket: "backups", region: "eu-central-1" };
const MINIO: BackupStore = { kind: "s3", bucket: "backups", region: "us-east-1", endpoint: "https://minio.test:9000" };
const DIRECTORY: BackupStore = { kind: "directory", path: "/mnt/backups" };
const GCS: BackupStore = { kind: "gcs", bucket: "backups.example.com" };
const MADE_GCS: BackupStore = { kind: "gcs", operators: ["group:operators@example.com"] };
const KMS_KEY = "projects/acme-keys/locations/europe-west4/keyRings/fleet/cryptoKeys/snapshots";

/** Region north is on-prem, cloud on AWS, gce on Google Cloud. */
function fleet(region: "north" | "cloud" | "gce", store: unknown, more: object = {}): Fleet {
  const servers = { site: "gce", servers: { count: 1, machineType: "n2-standard-2" } };
  const all = spoil(spoil(awsFleet(), "sites.gce", gcpSite()), "regions.gce", servers);
  return spoil(all, `regions.${region}.backups`, { store, ...more });
}
const problemsOf = (of: Fleet) =>
  validateFleet(of)
    .map(formatProblem)
    .filter((text) => text.includes("backups"));

describe("backups", () => {
  test.each<["north" | "cloud" | "gce", BackupStore]>([
    ["cloud", MADE],
    ["cloud", { ...MADE, name: "acme-snapshots", kmsKeyArn: "arn:aws:kms:eu-central-1:123456789012:key/1-a" }],
    ["cloud", EXISTING],
    ["cloud", DIRECTORY],
    ["north", EXISTING],
    ["north", MINIO],
    ["north", DIRECTORY],
    ["gce", GCS],
    ["gce", MADE_GCS],
    ["gce", { ...MADE_GCS, name: "acme-snapshots", kmsKeyName: KMS_KEY, retentionDays: 0 }],
    [
      "gce",
      {
        kind: "gcs",
        operators: [
          "user:ada@example.com",
          "serviceAccount:restore@acme-fleet.iam.gserviceaccount.com",
          "principalSet://iam.googleapis.com/locations/global/workforcePools/acme/group/operators",
        ],
        retentionDays: 30,
      },
    ],
    ["gce", MINIO],
  ])("accepts in %s %j", (region, store) => {
    expect(problemsOf(fleet(region, store))).toEqual([]);
  });

  test.each<["north" | "cloud" | "gce", unknown, string]>([
    [
      "north",
      MADE,
      'store.kind: site north is on-prem, where Steppe makes no bucket of S3, got "s3"; give an existing bucket ({ kind: "s3", bucket, region }) or a directory ({ kind: "directory", path })',
    ],
    [
      "gce",
      MADE,
      'store.kind: site gce is on Google Cloud, where Steppe makes no bucket of S3, got "s3"; give a bucket of Google\'s ({ kind: "gcs", operators }), an existing bucket',
    ],
    ["north", GCS, "store.kind: site north is on-prem, and Google vouches for its own machines alone"],
    ["cloud", GCS, "store.kind: site cloud is on AWS, and Google vouches for its own machines alone"],
    ["cloud", MADE_GCS, "store.kind: site cloud is on AWS, and Google vouches for its own machines alone"],
    ["gce", { kind: "gcs", bucket: "B" }, 'store.bucket: must be the name of a bucket, got "B"'],
    [
      "gce",
      { ...MADE_GCS, name: "Acme_1" },
      'store.name: must be the name of a bucket: from 3 to 63 lower-case letters, digits and hyphens, got "Acme_1"',
    ],
    [
      "gce",
      { ...MADE_GCS, name: "acme-google-1" },
      'store.name: must neither begin with "goog" nor hold "google", got "acme-google-1"; give another name',
    ],
    [
      "gce",
      { ...MADE_GCS, operators: [] },
      "store.operators: must name who may read and delete snapshots: nobody else can, got []; add the operators' group",
    ],
    [
      "gce",
      { ...MADE_GCS, operators: ["allUsers"] },
      'store.operators[0]: must be a user, a group, a service account or a principal of IAM, got "allUsers"; write it like group:operators@example.com',
    ],
    ["gce", { ...MADE_GCS, operators: ["domain:example.com"] }, "store.operators[0]: must be a user, a group"],
    ["gce", { ...MADE_GCS, operators: ["user:deleted:a@b.example"] }, "store.operators[0]: must be a user, a group"],
    [
      "gce",
      { ...MADE_GCS, operators: ["user:a@b.example", "user:a@b.example"] },
      'store.operators[1]: is listed already, got "user:a@b.example"; list it once',
    ],
    [
      "gce",
      { ...MADE_GCS, retentionDays: 31 },
      "store.retentionDays: must be at most keepDays (30): nothing is deleted while it is retained, got 31; raise keepDays, or lower it",
    ],
    ["gce", { ...MADE_GCS, retentionDays: -1 }, "store.retentionDays: must be a whole number from 0, got -1"],
    ["gce", { ...MADE_GCS, retentionDays: 1.5 }, "store.retentionDays: must be a whole number from 0, got 1.5"],
    [
      "gce",
      { ...MADE_GCS, kmsKeyName: "snapshots" },
      'store.kmsKeyName: must be the name of a key of Cloud KMS, got "snapshots"; write it like projects/acme-keys/locations/europe-west4/',
    ],
    [
      "gce",
      { ...MADE_GCS, kmsKeyName: KMS_KEY.replace("europe-west4", "global") },
      "store.kmsKeyName: must be a key in europe-west4, where the bucket is: Google takes no other",
    ],
    [
      "cloud",
      { kind: "s3", operatorArns: [] },
      "store.operatorArns: must name who may read and delete snapshots: nobody else can; add the ARN of the operators' role",
    ],
    [
      "cloud",
      { kind: "s3", operatorArns: ["arn:aws:iam::123456789012:role/*"] },
      'store.operatorArns[0]: must be the ARN of a role or a user, without wildcards, got "arn:aws:iam::123456789012:role/*"; write it like arn:aws:iam::123456789012:role/operators',
    ],
    [
      "cloud",
      { ...MADE, name: "Acme.Snapshots" },
      'store.name: must be the name of a bucket: from 3 to 63 lower-case letters, digits and hyphens, got "Acme.Snapshots"; give another name',
    ],
    [
      "cloud",
      { ...MADE, kmsKeyArn: "alias/x" },
      'store.kmsKeyArn: must be the ARN of a key of KMS, got "alias/x"; write',
    ],
    [
      "cloud",
      { ...MADE, kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/1-a" },
      "store.kmsKeyArn: must be a key in eu-central-1, where the bucket is: S3 takes no other",
    ],
    ["north", { ...EXISTING, region: "EU" }, 'store.region: must be a region, got "EU"; write it like eu-central-1'],
    [
      "north",
      { ...MINIO, endpoint: "http://minio.test" },
      'store.endpoint: must be an https URL without a path: whoever reads a snapshot on its way has every key of the region, got "http://minio.test"; write it like https://minio.example.com:9000',
    ],
    [
      "north",
      { kind: "directory", path: "backups/$(reboot)" },
      'store.path: must be an absolute path of letters, digits and ._-, below /, got "backups/$(reboot)"; write it like /mnt/backups',
    ],
    ["north", { kind: "directory", path: "/" }, "store.path: must be an absolute path"],
    ["north", { kind: "directory", path: "/mnt/../etc" }, "store.path: must be an absolute path"],
  ])("refuses in %s %j", (region, store, said) => {
    const problems = problemsOf(fleet(region, store));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`regions.${region}.backups.${said}`);
  });

  test.each([
    [
      { everyMinutes: 45 },
      "everyMinutes: must be one of 5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440, got 45",
    ],
    [{ keepDays: 0 }, "keepDays: must be a whole number from 1 to 3650, got 0"],
    [{ keepDays: 1.5 }, "keepDays: must be a whole number from 1 to 3650, got 1.5"],
  ])("refuses %j", (more, said) => {
    expect(problemsOf(fleet("north", DIRECTORY, more))).toEqual([`regions.north.backups.${said}`]);
  });

  test("refuses two regions that make one bucket, and says all at once", () => {
    const two = spoil(fleet("cloud", { ...MADE, name: "shared" }, { keepDays: -1 }), "regions.other", {
      site: "cloud",
      servers: { count: 1, machineType: "m7i.large" },
      backups: { store: { ...MADE, name: "shared" } },
    });
    expect(problemsOf(two)).toEqual([
      "regions.cloud.backups.keepDays: must be a whole number from 1 to 3650, got -1",
      'regions.other.backups.store.name: is also the bucket of regions.cloud.backups.store.name, got "shared"; each region makes a bucket of its own',
    ]);
  });

  test.each<["north" | "cloud" | "gce", BackupStore, boolean]>([
    ["cloud", MADE, false],
    ["cloud", EXISTING, false],
    ["cloud", MINIO, true],
    ["north", EXISTING, true],
    ["gce", EXISTING, true],
    ["north", DIRECTORY, false],
    ["gce", GCS, false],
    ["gce", MADE_GCS, false],
  ])("asks for an access key only where the machines have no role: %s %j", (region, store, needed) => {
    const of = fleet(region, store);
    expect(needsSnapshotKey(of, region)).toBe(needed);
    const keyed = identitiesOf(of).filter((identity) => identity.role === "server" && identity.snapshotKey === true);
    expect(keyed.map(({ name }) => name)).toEqual(needed ? [`server-${region}`] : []);
  });

  test.each<["north" | "cloud" | "gce", BackupStore, string]>([
    ["cloud", MADE, "s3://small-cloud-snapshots/small/cloud/"],
    ["north", MINIO, "s3://backups/small/north/"],
    ["gce", GCS, "gs://backups.example.com/small/gce/"],
    ["cloud", { ...MADE_GCS }, "gs://small-cloud-snapshots/small/cloud/"],
    ["north", DIRECTORY, "/mnt/backups/small/north/"],
  ])("are found in %s %j", (region, store, address) => {
    expect(snapshotAddress(fleet(region, store), region)).toBe(address);
  });
});
