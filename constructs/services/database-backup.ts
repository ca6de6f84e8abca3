import { Construct } from "constructs";
import { assertValid } from "../core/problems";
import { wholeNumberProblems } from "../core/whole-number";
import { NomadJob } from "../nomad/job";
import type { JobMount } from "../nomad/job-mounts";
import { letJobRead } from "../nomad/read-variable";
import { BACKUP_GROUP, backupJob, type BackupJobsOptions, BACKUPS_DIRECTORY, restoreJob } from "./backup-jobs";

export interface DatabaseBackupProps extends BackupJobsOptions {
  /** Where backups go: a volume of the region's storage that many may write, or one made beside the jobs. */
  readonly volume: JobMount["volume"];
  /** Neo4j: the database's own volume, which a restore writes while the database is stopped. @default - none */
  readonly dataVolume?: JobMount["volume"];
}

/**
 * Backups of a database: a periodic job that takes them, and one that restores when it is dispatched. A job that reads
 * credentials which lie below another job's name has a policy for it.
 *
 * Take a backup now: `nomad job periodic force backup-<name>`.
 */
export class DatabaseBackup extends Construct {
  /** Undefined for Neo4j, whose own job takes backups. */
  public readonly backup: NomadJob | undefined;
  public readonly restore: NomadJob;

  constructor(scope: Construct, id: string, props: DatabaseBackupProps) {
    super(scope, id);
    const { volume, dataVolume, database, keepDays, keepLeast } = props;
    assertValid(this.node.path, [
      ...wholeNumberProblems("keepDays", keepDays, 1),
      ...wholeNumberProblems("keepLeast", keepLeast, 1),
    ]);
    const place = { group: BACKUP_GROUP, task: BACKUP_GROUP };
    const mounts: readonly JobMount[] = [
      { volume, ...place, destination: BACKUPS_DIRECTORY },
      ...(dataVolume === undefined ? [] : [{ volume: dataVolume, ...place, destination: "/data" }]),
    ];
    const backup = backupJob(props);
    this.backup = backup === undefined ? undefined : new NomadJob(this, "Backup", { job: backup, mounts });
    this.restore = new NomadJob(this, "Restore", { job: restoreJob(props), mounts });
    if (database.engine === "neo4j") return;
    const credentials = { path: database.credentials, namespace: props.namespace, what: "credentials of the database" };
    letJobRead(this, "ReadCredentials", { job: this.restore.job.id, ...credentials });
    if (this.backup !== undefined)
      letJobRead(this, "BackupReadsCredentials", { job: this.backup.job.id, ...credentials });
  }
}
