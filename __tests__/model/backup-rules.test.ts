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

/** Region north is on-prem, cloud on AWS, google on Google Cloud. */
function fleet(region: "north" | "cloud" | "google", store: unknown, more: object = {}): Fleet {
  const servers = { site: "google", servers: { count: 1, machineType: "n2-standard-2" } };
  const all = spoil(spoil(awsFleet(), "sites.google", gcpSite()), "regions.google", servers);
  return spoil(all, `regions.${region}.backups`, { store, ...more });
}
const problemsOf = (of: Fleet) =>
  validateFleet(of)
    .map(formatProblem)
    .filter((text) => text.includes("backups"));

describe("backups", () => {
  test.each<["north" | "cloud" | "google", BackupStore]>([
    ["cloud", MADE],
    ["cloud", { ...MADE, name: "acme-snapshots", kmsKeyArn: "arn:aws:kms:eu-central-1:123456789012:key/1-a" }],
    ["cloud", EXISTING],
    ["cloud", DIRECTORY],
    ["north", EXISTING],
    ["north", MINIO],
    ["north", DIRECTORY],
    ["google", GCS],
    ["google", MINIO],
  ])("accepts in %s %j", (region, store) => {
    expect(problemsOf(fleet(region, store))).toEqual([]);
  });

  test.each<["north" | "cloud" | "google", unknown, string]>([
    [
      "north",
      MADE,
      'store.kind: site north is on-prem, where Steppe makes no bucket, got "s3"; give an existing bucket ({ kind: "s3", bucket, region }) or a directory ({ kind: "directory", path })',
    ],
    ["google", MADE, "store.kind: site google is on Google Cloud, where Steppe makes no bucket"],
    ["north", GCS, "store.kind: site north is on-prem, and Google vouches for its own machines alone"],
    ["cloud", GCS, "store.kind: site cloud is on AWS, and Google vouches for its own machines alone"],
    ["google", { kind: "gcs", bucket: "B" }, 'store.bucket: must be the name of a bucket, got "B"'],
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

  test.each<["north" | "cloud" | "google", BackupStore, boolean]>([
    ["cloud", MADE, false],
    ["cloud", EXISTING, false],
    ["cloud", MINIO, true],
    ["north", EXISTING, true],
    ["google", EXISTING, true],
    ["north", DIRECTORY, false],
    ["google", GCS, false],
  ])("asks for an access key only where the machines have no role: %s %j", (region, store, needed) => {
    const of = fleet(region, store);
    expect(needsSnapshotKey(of, region)).toBe(needed);
    const keyed = identitiesOf(of).filter((identity) => identity.role === "server" && identity.snapshotKey === true);
    expect(keyed.map(({ name }) => name)).toEqual(needed ? [`server-${region}`] : []);
  });

  test.each<["north" | "cloud" | "google", BackupStore, string]>([
    ["cloud", MADE, "s3://small-cloud-snapshots/small/cloud/"],
    ["north", MINIO, "s3://backups/small/north/"],
    ["google", GCS, "gs://backups.example.com/small/google/"],
    ["north", DIRECTORY, "/mnt/backups/small/north/"],
  ])("are found in %s %j", (region, store, address) => {
    expect(snapshotAddress(fleet(region, store), region)).toBe(address);
  });
});
