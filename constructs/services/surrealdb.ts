import { Construct } from "constructs";
import type { Job } from "../jobspec/job";
import { listenAddress, programTask } from "../jobspec/program";
import { env } from "../jobspec/references";
import { variableEnvironment } from "../jobspec/variable-file";
import { assertValid } from "../core/problems";
import { NomadJob } from "../nomad/job";
import { type DataPlace, dataPlaceOf } from "../nomad/kept-data";
import { type PatternPlace, patternPlace } from "../nomad/pattern-place";
import { DatabaseBackup } from "./database-backup";
import { DATA_DIRECTORY, databaseJob, type EngineUser, ownerTasks, userOf } from "./database-group";
import {
  type BackupOptions,
  type DatabaseOptions,
  databaseProblems,
  type DurableProps,
  variableOf,
} from "./database-options";
import { dataMounts, dataVolumeProblems } from "./database-volume";

/**
 * A SurrealDB. Its variable has the items `username` and `password`, of the root user. They are taken at the first start: later the
 * database has them, and another password is set there first (`DEFINE USER … ON ROOT`).
 */
export type SurrealDbOptions = DatabaseOptions;

/** Backups of one database of a SurrealDB. */
export interface SurrealDbBackupOptions extends BackupOptions {
  /** Namespace in SurrealDB. */
  readonly surrealNamespace: string;
  readonly database: string;
}

export interface SurrealDbProps extends SurrealDbOptions, DurableProps {
  /** @default - none are taken */
  readonly backup?: SurrealDbBackupOptions;
}

const USER: EngineUser = { uid: 65_532, gid: 65_532, name: "surrealdb" };
const PORT = "http";

/** The job of a SurrealDB with its data in RocksDB. @see https://surrealdb.com/docs/surrealdb/cli/start */
export function surrealDbJob(options: SurrealDbOptions, place: PatternPlace, data: DataPlace): Job {
  const { runtime, cpu = "1GHz", memory = "2GiB", startMinutes = 10 } = options;
  return databaseJob(options, place, data, {
    port: PORT,
    tags: ["surrealdb"],
    // Answers once the datastore does.
    check: {
      type: "http",
      path: "/health",
      interval: "10s",
      timeout: "3s",
      checkRestart: { limit: 6, grace: `${startMinutes}m` },
    },
    task: {
      ...programTask(runtime, {
        image: "docker.io/surrealdb/surrealdb:v2.3.10",
        installedCommand: "/usr/local/bin/surreal",
        args: [
          ...["start", "--log", "info"],
          ...["--bind", `${listenAddress(runtime, PORT)}:${env.port(PORT)}`],
          `rocksdb:${DATA_DIRECTORY}/surrealdb`,
        ],
        container: { ports: [PORT] },
      }),
      user: userOf(runtime, USER),
      killSignal: "SIGTERM",
      // Time to close RocksDB.
      killTimeout: "30s",
      // SurrealDB reads a password from arguments and environment alone.
      templates: [variableEnvironment(variableOf(options), { SURREAL_USER: "username", SURREAL_PASS: "password" })],
      resources: { cpu, memory },
    },
    more: ownerTasks(runtime, USER),
  });
}

/** SurrealDB, one server. @see https://surrealdb.com */
export class SurrealDb extends Construct {
  public readonly job: NomadJob;
  /** Name by which callers find it in Nomad's discovery. */
  public readonly serviceName: string;
  /** Nomad variable with its `username` and `password`. */
  public readonly variable: string;
  /** Jobs that back it up and restore it; undefined without `backup`. */
  public readonly backup: DatabaseBackup | undefined;

  constructor(scope: Construct, id: string, props: SurrealDbProps) {
    super(scope, id);
    const { name, pool, namespace, volume, backup } = props;
    const place = patternPlace(this, pool);
    assertValid(this.node.path, [...databaseProblems(props), ...dataVolumeProblems(place, volume)]);
    this.serviceName = props.service ?? name;
    this.variable = variableOf(props);
    const job = surrealDbJob(props, place, dataPlaceOf(place, volume));
    this.job = new NomadJob(this, "Job", { job, mounts: dataMounts(volume, job) });
    if (backup === undefined) return;
    const { surrealNamespace, database, ...how } = backup;
    this.backup = new DatabaseBackup(this, "Backup", {
      ...how,
      name,
      nodePool: pool,
      ...(namespace === undefined ? {} : { namespace }),
      database: {
        engine: "surrealdb",
        service: this.serviceName,
        credentials: this.variable,
        namespace: surrealNamespace,
        database,
      },
    });
  }
}
