import type { Problem } from "../constructs/core/problems";
import type { MadeGcsBucket } from "./backup-types";

const PRINCIPAL = new RegExp(
  "^(?:(?:user|group|serviceAccount):[^\\s@:]+@[a-z0-9.-]+\\.[a-z]+|principal(?:Set)?://iam\\.googleapis\\.com/[^\\s*]+)$",
);
const KMS_KEY = /^projects\/[a-z0-9:.-]+\/locations\/([a-z0-9-]+)\/keyRings\/[\w-]+\/cryptoKeys\/[\w-]+$/;

interface Place {
  /** How long the region keeps snapshots. */
  readonly keepDays: number | undefined;
  /** Of the site. */
  readonly gcpRegion: string;
}

/** What is wrong with a bucket of Google Cloud Storage that is to be made, but for letters that no bucket's name may have. */
export function gcsBucketProblems(path: string, name: string, store: MadeGcsBucket, place: Place): Problem[] {
  return [
    ...reservedNameProblems(`${path}.name`, name),
    ...operatorProblems(`${path}.operators`, store.operators),
    ...retentionProblems(`${path}.retentionDays`, store.retentionDays, place.keepDays),
    ...keyProblems(`${path}.kmsKeyName`, store.kmsKeyName, place.gcpRegion),
  ];
}

/** @see https://cloud.google.com/storage/docs/buckets#naming */
function reservedNameProblems(path: string, name: string): Problem[] {
  if (!name.startsWith("goog") && !name.includes("google")) return [];
  return [{ path, rule: 'must neither begin with "goog" nor hold "google"', got: name, fix: "give another name" }];
}

function operatorProblems(path: string, operators: readonly string[]): Problem[] {
  if (operators.length === 0)
    return [
      {
        path,
        rule: "must name who may read and delete snapshots: nobody else can",
        got: operators,
        fix: "add the operators' group",
      },
    ];
  return operators.flatMap((operator, index) => {
    const at = `${path}[${index}]`;
    if (operators.indexOf(operator) !== index)
      return [{ path: at, rule: "is listed already", got: operator, fix: "list it once" }];
    if (PRINCIPAL.test(operator)) return [];
    return [
      {
        path: at,
        rule: "must be a user, a group, a service account or a principal of IAM",
        got: operator,
        fix: "write it like group:operators@example.com",
      },
    ];
  });
}

function retentionProblems(path: string, days: number | undefined, keepDays: number | undefined): Problem[] {
  if (days === undefined) return [];
  if (!Number.isInteger(days) || days < 0) return [{ path, rule: "must be a whole number from 0", got: days }];
  if (keepDays === undefined || days <= keepDays) return [];
  return [
    {
      path,
      rule: `must be at most keepDays (${keepDays}): nothing is deleted while it is retained`,
      got: days,
      fix: "raise keepDays, or lower it",
    },
  ];
}

/** @see https://cloud.google.com/storage/docs/encryption/customer-managed-keys#key-locations */
function keyProblems(path: string, key: string | undefined, gcpRegion: string): Problem[] {
  if (key === undefined) return [];
  const [, location] = KMS_KEY.exec(key) ?? [];
  const fix = `write it like projects/acme-keys/locations/${gcpRegion}/keyRings/fleet/cryptoKeys/snapshots`;
  if (location === undefined) return [{ path, rule: "must be the name of a key of Cloud KMS", got: key, fix }];
  if (location === gcpRegion) return [];
  return [{ path, rule: `must be a key in ${gcpRegion}, where the bucket is: Google takes no other`, got: key, fix }];
}
