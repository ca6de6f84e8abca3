/** Snapshots of a region's state: its servers take them, the leader alone writes them away. */
export interface Backups {
  readonly store: BackupStore;
  /** Time between two snapshots, by the clock in UTC. From 5 minutes to a day, in steps that divide an hour or a day. @default 60 */
  readonly everyMinutes?: number;
  /** How long a snapshot is kept. @default 30 */
  readonly keepDays?: number;
}

export type BackupStore = MadeBucket | ExistingBucket | MadeGcsBucket | GcsBucket | SharedDirectory;

/** A bucket of S3 that the site's stack makes. For regions whose servers are on AWS. */
export interface MadeBucket {
  readonly kind: "s3";
  /** Names of buckets are unique in the world. @default "<fleet>-<region>-snapshots" */
  readonly name?: string;
  /**
   * Who may read and delete snapshots, and nobody else. A role stands for all its sessions. Shape:
   * `["arn:aws:iam::123456789012:role/operators"]`.
   */
  readonly operatorArns: readonly string[];
  /**
   * Key of KMS that encrypts the snapshots, so that reading takes a right to the key as well. The servers' role must be let in
   * by the key's policy. Shape: `arn:aws:kms:eu-central-1:123456789012:key/…`.
   *
   * @default - a key of S3's own
   */
  readonly kmsKeyArn?: string;
  readonly bucket?: never;
}

/**
 * A bucket that exists, of AWS or of another store that speaks S3. Servers on AWS write to a bucket of AWS with their role;
 * all others with an access key (`./steppe secret put snapshot-key`). How long snapshots stay is a rule of the bucket.
 */
export interface ExistingBucket {
  readonly kind: "s3";
  readonly bucket: string;
  /** Region that requests are signed for. Shape: `eu-central-1`; MinIO takes `us-east-1`. */
  readonly region: string;
  /** Address of a store that is not AWS's; the bucket's name goes into the path. Shape: `https://minio.example.com:9000`. @default - AWS */
  readonly endpoint?: string;
}

/** A bucket of Google Cloud Storage that the site's stack makes, in the site's region. For regions whose servers are on Google Cloud. */
export interface MadeGcsBucket {
  readonly kind: "gcs";
  /** Names of buckets are unique in the world. @default "<fleet>-<region>-snapshots" */
  readonly name?: string;
  /**
   * Who may read and delete snapshots, as IAM names them. Shape: `["group:operators@example.com"]`, with `user:`,
   * `serviceAccount:`, `principal://` and `principalSet://` too.
   */
  readonly operators: readonly string[];
  /**
   * Days in which nobody deletes or overwrites a snapshot, operators neither, unless the bucket's retention policy is taken away
   * first. At most `keepDays`; 0 for none.
   *
   * @default - `keepDays`; none where the servers are disposable
   */
  readonly retentionDays?: number;
  /**
   * Key of Cloud KMS that encrypts the snapshots. The project's service agent of Cloud Storage must be let in to it. Shape:
   * `projects/acme-keys/locations/europe-west4/keyRings/fleet/cryptoKeys/snapshots`.
   *
   * @default - a key of Google's own
   */
  readonly kmsKeyName?: string;
  readonly bucket?: never;
}

/**
 * A bucket of Google Cloud Storage that exists, with uniform bucket-level access. For regions whose servers are on Google Cloud:
 * they write as themselves, and the site's stack lets them. How long snapshots stay is a rule of the bucket.
 */
export interface GcsBucket {
  readonly kind: "gcs";
  readonly bucket: string;
}

/** A directory that is there on every server of the region, usually an NFS mount. Its machines delete what is too old. */
export interface SharedDirectory {
  readonly kind: "directory";
  /** Absolute path. A unit that mounts it is waited for. */
  readonly path: string;
}
