import type { BackupStore } from "../../../model/backup-types";
import type { Fleet } from "../../../model/types";
import { ofType, theOnly } from "../../helpers/aws";
import { gcpFleet, spoil } from "../../helpers/fleet";
import { gcpStack } from "../../helpers/gcp";
import type { StackDocument } from "../../helpers/synth";

const OPERATORS = "group:operators@example.com";
const MADE: BackupStore = { kind: "gcs", operators: [OPERATORS] };
const DAY = 86_400;

const backedUp = (store: BackupStore, more: object = {}): Fleet =>
  spoil(gcpFleet(), "regions.cloud.backups", { store, ...more });
const storageTypes = (stack: StackDocument) =>
  Object.keys(stack.resource ?? {}).filter((type) => type.startsWith("google_storage"));

interface Binding {
  readonly role: string;
  readonly members: readonly string[];
  readonly condition?: object;
}
const bindingsOf = (stack: StackDocument) =>
  (
    JSON.parse(String(theOnly(stack, "google_storage_bucket_iam_policy")["policy_data"])) as {
      readonly bindings: readonly Binding[];
    }
  ).bindings;
const SERVERS: unknown = expect.stringMatching(
  /^\$\{google_service_account\.Machines_Servers-cloud_Account_\w+\.member\}$/,
);
const ownSnapshots = (bucket: string) => ({
  role: "roles/storage.objectCreator",
  condition: {
    title: "own-snapshots",
    expression: `resource.name.startsWith("projects/_/buckets/${bucket}/objects/small/cloud/")`,
  },
});

describe("GcpBackups", () => {
  const stack = gcpStack(backedUp(MADE, { keepDays: 14 }));
  const bucketOf = (fleet: Fleet) => theOnly(gcpStack(fleet), "google_storage_bucket");

  test("makes one bucket in the site's region that nobody can make public, and that no destroy takes", () => {
    expect(theOnly(stack, "google_storage_bucket")).toMatchObject({
      project: "acme-fleet",
      name: "small-cloud-snapshots",
      location: "EUROPE-WEST4",
      uniform_bucket_level_access: true,
      public_access_prevention: "enforced",
      force_destroy: false,
      lifecycle: { prevent_destroy: true },
      labels: { team: "platform", "steppe-fleet": "small", "steppe-site": "cloud", "steppe-region": "cloud" },
    });
  });

  test("keeps snapshots as long as the region says, undeletable meanwhile, and what was deleted as long again", () => {
    const bucket = theOnly(stack, "google_storage_bucket");
    expect(bucket).toMatchObject({
      retention_policy: { retention_period: 14 * DAY },
      soft_delete_policy: { retention_duration_seconds: 14 * DAY },
      lifecycle_rule: [
        { action: { type: "Delete" }, condition: { age: 14 } },
        { action: { type: "AbortIncompleteMultipartUpload" }, condition: { age: 1 } },
      ],
    });
    expect(bucket["retention_policy"]).not.toHaveProperty("is_locked");
  });

  test.each([
    [3, 7],
    [7, 7],
    [90, 90],
    [400, 90],
  ])("keeps what was deleted as long as Google can: %i days become %i", (keepDays, days) => {
    expect(bucketOf(backedUp(MADE, { keepDays }))).toMatchObject({
      soft_delete_policy: { retention_duration_seconds: days * DAY },
    });
  });

  test("retains for fewer days, or none, where the fleet says so", () => {
    expect(bucketOf(backedUp({ ...MADE, retentionDays: 5 }))).toMatchObject({
      retention_policy: { retention_period: 5 * DAY },
    });
    expect(bucketOf(backedUp({ ...MADE, retentionDays: 0 }))).not.toHaveProperty("retention_policy");
  });

  test("grants no more than this: servers make objects below their prefix, operators read and delete, owners keep charge", () => {
    expect(bindingsOf(stack)).toEqual([
      { ...ownSnapshots("small-cloud-snapshots"), members: [SERVERS] },
      { role: "roles/storage.objectUser", members: [OPERATORS] },
      { role: "roles/storage.legacyBucketOwner", members: ["projectOwner:acme-fleet"] },
    ]);
    expect(storageTypes(stack)).toEqual(["google_storage_bucket", "google_storage_bucket_iam_policy"]);
  });

  test("encrypts with a key of one's own", () => {
    const kmsKeyName = "projects/acme-keys/locations/europe-west4/keyRings/fleet/cryptoKeys/snapshots";
    const own = gcpStack(backedUp({ ...MADE, name: "acme-backups", kmsKeyName }));
    expect(theOnly(own, "google_storage_bucket")).toMatchObject({
      name: "acme-backups",
      encryption: { default_kms_key_name: kmsKeyName },
    });
    expect(bindingsOf(own)[0]).toMatchObject(ownSnapshots("acme-backups"));
  });

  test("goes with the stack where the servers are disposable, for nothing in it is retained", () => {
    const fleet = spoil(backedUp(MADE), "regions.cloud.servers.disposable", { reason: "a test fleet" });
    const bucket = bucketOf(fleet);
    expect(bucket).toMatchObject({ force_destroy: true });
    expect(bucket).not.toHaveProperty("lifecycle");
    expect(bucket).not.toHaveProperty("retention_policy");
  });

  test("keeps the bucket of a retired region, and lets nobody write", () => {
    const retired = gcpStack(spoil(backedUp(MADE), "regions.cloud.retired", { reason: "moved" }));
    expect(theOnly(retired, "google_storage_bucket")).toMatchObject({ lifecycle: { prevent_destroy: true } });
    expect(bindingsOf(retired).map(({ role }) => role)).toEqual([
      "roles/storage.objectUser",
      "roles/storage.legacyBucketOwner",
    ]);
  });

  test("makes nothing where the bucket exists, and lets servers write below their prefix there", () => {
    const shared = gcpStack(backedUp({ kind: "gcs", bucket: "shared" }));
    expect(storageTypes(shared)).toEqual(["google_storage_bucket_iam_member"]);
    expect(ofType(shared, "google_storage_bucket_iam_member")).toEqual({
      "Backups-cloud_Servers": expect.objectContaining({
        bucket: "shared",
        ...ownSnapshots("shared"),
        member: SERVERS,
      }) as unknown,
    });
    const retired = spoil(backedUp({ kind: "gcs", bucket: "shared" }), "regions.cloud.retired", { reason: "moved" });
    expect(storageTypes(gcpStack(retired))).toEqual([]);
  });

  test.each<[string, BackupStore]>([
    ["a bucket that takes an access key", { kind: "s3", bucket: "b-1", region: "x" }],
    ["a directory", { kind: "directory", path: "/mnt/filestore" }],
  ])("gives no right in Google Cloud for %s", (_, store) => {
    expect(storageTypes(gcpStack(backedUp(store)))).toEqual([]);
  });
});
