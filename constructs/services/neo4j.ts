import { Construct } from "constructs";
import type { Problem } from "../core/problems";
import { assertValid } from "../core/problems";
import { NomadJob } from "../nomad/job";
import type { JobMount } from "../nomad/job-mounts";
import { dataPlaceOf } from "../nomad/kept-data";
import { patternPlace } from "../nomad/pattern-place";
import { letJobRead } from "../nomad/read-variable";
import { BACKUPS_DIRECTORY } from "./backup-jobs";
import { DatabaseBackup } from "./database-backup";
import { DATA_DIRECTORY, DATABASE_GROUP } from "./database-group";
import { databaseProblems, type DurableProps, variableOf } from "./database-options";
import { dataMounts, dataVolumeProblems } from "./database-volume";
import { NEO4J_BACKUP_TASK, neo4jImage, neo4jJob, type Neo4jOptions, neo4jSetupJob } from "./neo4j-jobs";

export interface Neo4jProps extends Neo4jOptions, DurableProps {}

/** Neo4j Community, one server. @see https://neo4j.com/docs/operations-manual/5/ */
export class Neo4j extends Construct {
  public readonly job: NomadJob;
  /** Prepares the database, and tries until it answers; undefined without `setup`. Who needs what it makes waits for its success. */
  public readonly setupJob: NomadJob | undefined;
  /** Name by which callers find it in Nomad's discovery. */
  public readonly serviceName: string;
  /** Nomad variable with its `password`. */
  public readonly variable: string;
  /** The job that restores a backup while the database is stopped; undefined without `backup`. */
  public readonly backup: DatabaseBackup | undefined;

  constructor(scope: Construct, id: string, props: Neo4jProps) {
    super(scope, id);
    const { name, pool, namespace, volume, backup } = props;
    const place = patternPlace(this, pool);
    assertValid(this.node.path, [
      ...databaseProblems(props),
      ...dataVolumeProblems(place, volume),
      ...backupProblems(props),
    ]);
    this.serviceName = props.service ?? name;
    this.variable = variableOf(props);
    const job = neo4jJob(props, place, dataPlaceOf(place, volume));
    this.job = new NomadJob(this, "Job", { job, mounts: [...dataMounts(volume, job), ...this.backupMounts(props)] });
    const setup = neo4jSetupJob(props, place);
    if (setup !== undefined) {
      this.setupJob = new NomadJob(this, "Setup", { job: setup, dependsOn: [this.job.resource] });
      const what = "credentials of the database";
      letJobRead(this, "SetupReadsCredentials", { job: setup.id, path: this.variable, namespace, what });
    }
    if (backup === undefined) return;
    this.backup = new DatabaseBackup(this, "Backup", {
      ...backup,
      name,
      nodePool: pool,
      ...(namespace === undefined ? {} : { namespace }),
      dataVolume: volume,
      database: { engine: "neo4j", image: neo4jImage(props) },
    });
  }

  /** The task that takes backups reads the data, and writes their volume. */
  private backupMounts({ volume, backup }: Neo4jProps): readonly JobMount[] {
    if (backup === undefined) return [];
    const place = { group: DATABASE_GROUP, task: NEO4J_BACKUP_TASK };
    return [
      { volume, ...place, destination: DATA_DIRECTORY },
      { volume: backup.volume, ...place, destination: BACKUPS_DIRECTORY },
    ];
  }
}

function backupProblems({ backup }: Neo4jProps): Problem[] {
  if (backup?.schedule === undefined) return [];
  return [
    {
      path: "backup.schedule",
      rule: "cannot be kept: Neo4j Community is dumped before a start, while it stands still",
      got: backup.schedule,
      fix: "leave it out, and restart the job when a backup is wanted",
    },
  ];
}
