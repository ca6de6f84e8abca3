import { AclPolicy } from "@cdktf/provider-nomad/lib/acl-policy";
import { Construct } from "constructs";
import { NomadJob } from "../nomad/job";
import { dependencies } from "../nomad/dependencies";
import type { JobMount } from "../nomad/job-mounts";
import { BACKUP_GROUP, backupJob, type BackupJobsOptions, BACKUPS_DIRECTORY, restoreJob } from "./backup-jobs";

export interface DatabaseBackupProps extends BackupJobsOptions {
  /** Where backups go: a volume of the region's storage that many may write, or one made beside the jobs. */
  readonly volume: JobMount["volume"];
  /** Neo4j: the database's own volume, which a restore writes while the database is stopped. @default - none */
  readonly dataVolume?: JobMount["volume"];
}

/**
 * Backups of a database: a periodic job that takes them, and one that restores when it is dispatched. The restoring job may read the
 * credentials, which lie below the other job's name, by a policy of its own.
 *
 * Take a backup now: `nomad job periodic force backup-<name>`.
 */
export class DatabaseBackup extends Construct {
  /** Undefined for Neo4j, whose own job takes backups. */
  public readonly backup: NomadJob | undefined;
  public readonly restore: NomadJob;

  constructor(scope: Construct, id: string, props: DatabaseBackupProps) {
    super(scope, id);
    const { volume, dataVolume, database } = props;
    const place = { group: BACKUP_GROUP, task: BACKUP_GROUP };
    const mounts: readonly JobMount[] = [
      { volume, ...place, destination: BACKUPS_DIRECTORY },
      ...(dataVolume === undefined ? [] : [{ volume: dataVolume, ...place, destination: "/data" }]),
    ];
    const backup = backupJob(props);
    this.backup = backup === undefined ? undefined : new NomadJob(this, "Backup", { job: backup, mounts });
    this.restore = new NomadJob(this, "Restore", { job: restoreJob(props), mounts });
    if (database.engine !== "neo4j") this.letRead(this.restore.job.id, database.credentials, props.namespace);
  }

  /** Nomad lets a job read variables below its own name alone. */
  private letRead(job: string, path: string, namespace = "default"): void {
    new AclPolicy(this, "ReadCredentials", {
      name: `${job}-credentials`,
      description: `Lets job ${job} read the credentials of the database`,
      rulesHcl: `namespace "${namespace}" {\n  variables {\n    path "${path}" {\n      capabilities = ["read"]\n    }\n  }\n}\n`,
      jobAcl: { namespace, jobId: job },
      dependsOn: [...dependencies(this, undefined)],
    });
  }
}
