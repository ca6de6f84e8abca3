import type { Problem } from "../constructs/core/problems";
import type { Backups, ExistingBucket, GcsBucket, MadeBucket, MadeGcsBucket } from "./backup-types";
import { backupsOf, bucketName, isMadeBucket } from "./backups";
import { gcsBucketProblems } from "./gcs-bucket-rules";
import type { Fleet, Site } from "./types";

/** Steps that the clock can show: they divide an hour or a day, so that all servers wake at the same time. */
const EVERY_MINUTES = [5, 10, 15, 20, 30, 60, 120, 180, 240, 360, 480, 720, 1440];

const PRINCIPAL = /^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[A-Za-z0-9+=,.@_/-]+$/;
const KMS_KEY = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:key\/[A-Za-z0-9-]+$/;

/** What is wrong with how a fleet's regions are backed up. */
export function backupProblems(fleet: Fleet): Problem[] {
  return [
    ...Object.entries(fleet.regions).flatMap(([name, { backups, site }]) =>
      backups === undefined
        ? []
        : [
            ...timeProblems(`regions.${name}.backups`, backups),
            ...storeProblems(`regions.${name}.backups.store`, fleet, name, backups, site),
          ],
    ),
    ...sharedNameProblems(fleet),
  ];
}

function timeProblems(path: string, { everyMinutes, keepDays }: Backups): Problem[] {
  const problems: Problem[] = [];
  if (everyMinutes !== undefined && !EVERY_MINUTES.includes(everyMinutes))
    problems.push({
      path: `${path}.everyMinutes`,
      rule: `must be one of ${EVERY_MINUTES.join(", ")}`,
      got: everyMinutes,
    });
  if (keepDays !== undefined && !(Number.isInteger(keepDays) && keepDays >= 1 && keepDays <= 3650))
    problems.push({ path: `${path}.keepDays`, rule: "must be a whole number from 1 to 3650", got: keepDays });
  return problems;
}

function storeProblems(path: string, fleet: Fleet, region: string, { store }: Backups, siteName: string): Problem[] {
  const site = fleet.sites[siteName];
  if (site === undefined) return [];
  switch (store.kind) {
    case "directory":
      if (/^\/[A-Za-z0-9._/-]*[A-Za-z0-9]$/.test(store.path) && !store.path.includes("/../")) return [];
      return [
        {
          path: `${path}.path`,
          rule: "must be an absolute path of letters, digits and ._-, below /",
          got: store.path,
          fix: "write it like /mnt/backups",
        },
      ];
    case "gcs":
      return gcsProblems(path, fleet, region, store, siteName, site);
    case "s3":
      return isMadeBucket(store)
        ? madeProblems(path, bucketName(fleet.name, region, store), store, siteName, site)
        : existingProblems(path, store);
  }
}

function gcsProblems(
  path: string,
  fleet: Fleet,
  region: string,
  store: GcsBucket | MadeGcsBucket,
  siteName: string,
  site: Site,
): Problem[] {
  if (site.platform !== "gcp") return [notThere(path, store.kind, siteName, site)];
  if (!isMadeBucket(store))
    return /^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/.test(store.bucket)
      ? []
      : [{ path: `${path}.bucket`, rule: "must be the name of a bucket", got: store.bucket }];
  const name = bucketName(fleet.name, region, store);
  const keepDays = backupsOf(fleet, region)?.keepDays;
  return [
    ...bucketNameProblems(`${path}.name`, name),
    ...gcsBucketProblems(path, name, store, { keepDays, gcpRegion: site.gcpRegion }),
  ];
}

/** Where the machines of a site cannot write to a store of this kind. */
function notThere(path: string, kind: "gcs" | "s3", siteName: string, { platform }: Site): Problem {
  const place = { onprem: "on-prem", aws: "on AWS", gcp: "on Google Cloud" }[platform];
  return {
    path: `${path}.kind`,
    rule:
      kind === "gcs"
        ? `site ${siteName} is ${place}, and Google vouches for its own machines alone`
        : `site ${siteName} is ${place}, where Steppe makes no bucket of S3`,
    got: kind,
    fix: `give ${platform === "gcp" ? 'a bucket of Google\'s ({ kind: "gcs", operators }), ' : ""}an existing bucket ({ kind: "s3", bucket, region }) or a directory ({ kind: "directory", path })`,
  };
}

function madeProblems(path: string, name: string, store: MadeBucket, siteName: string, site: Site): Problem[] {
  if (site.platform !== "aws") return [notThere(path, "s3", siteName, site)];
  const problems: Problem[] = bucketNameProblems(`${path}.name`, name);
  if (store.operatorArns.length === 0)
    problems.push({
      path: `${path}.operatorArns`,
      rule: "must name who may read and delete snapshots: nobody else can",
      fix: "add the ARN of the operators' role",
    });
  store.operatorArns.forEach((arn, index) => {
    if (!PRINCIPAL.test(arn))
      problems.push({
        path: `${path}.operatorArns[${index}]`,
        rule: "must be the ARN of a role or a user, without wildcards",
        got: arn,
        fix: "write it like arn:aws:iam::123456789012:role/operators",
      });
  });
  return [...problems, ...keyProblems(`${path}.kmsKeyArn`, store.kmsKeyArn, site.awsRegion)];
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html */
function keyProblems(path: string, arn: string | undefined, awsRegion: string): Problem[] {
  if (arn === undefined) return [];
  const [, region] = KMS_KEY.exec(arn) ?? [];
  const fix = `write it like arn:aws:kms:${awsRegion}:123456789012:key/…, no alias`;
  if (region === undefined) return [{ path, rule: "must be the ARN of a key of KMS", got: arn, fix }];
  if (region === awsRegion) return [];
  return [{ path, rule: `must be a key in ${awsRegion}, where the bucket is: S3 takes no other`, got: arn, fix }];
}

function existingProblems(path: string, { bucket, region, endpoint }: ExistingBucket): Problem[] {
  const problems: Problem[] = [
    ...bucketNameProblems(`${path}.bucket`, bucket),
    ...bucketRegionProblems(`${path}.region`, region),
  ];
  if (endpoint !== undefined && !/^https:\/\/[A-Za-z0-9.-]+(:\d+)?$/.test(endpoint))
    problems.push({
      path: `${path}.endpoint`,
      rule: "must be an https URL without a path: whoever reads a snapshot on its way has every key of the region",
      got: endpoint,
      fix: "write it like https://minio.example.com:9000",
    });
  return problems;
}

/** What is wrong with the region of a store that speaks S3. */
export function bucketRegionProblems(path: string, region: string): Problem[] {
  if (/^[a-z0-9-]+$/.test(region)) return [];
  return [{ path, rule: "must be a region", got: region, fix: "write it like eu-central-1" }];
}

/** What is wrong with the name of a bucket. Dots are legal, and fail as a host name under AWS's certificate. */
export function bucketNameProblems(path: string, name: string): Problem[] {
  if (/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(name)) return [];
  return [
    {
      path,
      rule: "must be the name of a bucket: from 3 to 63 lower-case letters, digits and hyphens",
      got: name,
      fix: "give another name",
    },
  ];
}

function sharedNameProblems(fleet: Fleet): Problem[] {
  const seen = new Map<string, string>();
  return Object.entries(fleet.regions).flatMap(([region, { backups }]) => {
    if (backups === undefined || !isMadeBucket(backups.store)) return [];
    const { kind } = backups.store;
    const name = bucketName(fleet.name, region, backups.store);
    const path = `regions.${region}.backups.store.name`;
    const other = seen.get(`${kind}:${name}`);
    seen.set(`${kind}:${name}`, path);
    return other === undefined
      ? []
      : [{ path, rule: `is also the bucket of ${other}`, got: name, fix: "each region makes a bucket of its own" }];
  });
}
