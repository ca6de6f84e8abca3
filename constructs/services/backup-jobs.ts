import type { Job } from "../jobspec/job";
import type { Task } from "../jobspec/task";
import type { Template } from "../jobspec/template";
import { escapedItem } from "./escape";
import { backupScript, NEO4J, POSTGRES, restoreScript, SURREALDB } from "./backup-scripts";

/** Where a database is asked, and as whom. */
export interface DatabaseAccess {
  /** Name of its service, which is found by Nomad's service discovery. */
  readonly service: string;
  /**
   * Nomad variable with its `username` and `password`, written with `./steppe secret put`.
   *
   * Shape: `nomad/jobs/backup-shop`; the jobs read what is below their own name without a policy.
   */
  readonly credentials: string;
}

/** PostgreSQL: pg_dump while it runs, restored in one transaction. */
export interface PostgresBackup extends DatabaseAccess {
  readonly engine: "postgres";
  /** Database. */
  readonly database: string;
  /** Image with pg_dump, not older than the server. @default "docker.io/library/postgres:17.6" */
  readonly image?: string;
}

/** SurrealDB: its export over HTTP while it runs. */
export interface SurrealDbBackup extends DatabaseAccess {
  readonly engine: "surrealdb";
  readonly namespace: string;
  readonly database: string;
  /** Image with curl. @default "docker.io/curlimages/curl:8.16.0" */
  readonly image?: string;
}

/**
 * Neo4j Community: its dump needs the database stopped, so that a task of the database's own group takes it before each start
 * ({@link neo4jBackupTask}). There is no job for it.
 */
export interface Neo4jBackup {
  readonly engine: "neo4j";
  /** @default "neo4j" */
  readonly database?: string;
  /** The image that the database runs. Shape: `docker.io/library/neo4j:5.26.12-community`. */
  readonly image: string;
}

export type BackedUpDatabase = PostgresBackup | SurrealDbBackup | Neo4jBackup;

/** How long backups stay. */
export interface BackupRetention {
  /** @default 14 */
  readonly keepDays?: number;
  /** The newest stay, however old. @default 3 */
  readonly keepLeast?: number;
}

/** What a database's jobs are made from. */
export interface BackupJobsOptions extends BackupRetention {
  /** Name of the database among others: of its jobs and of its directory of backups. Shape: `shop`. */
  readonly name: string;
  readonly database: BackedUpDatabase;
  /** Pool that runs the jobs. */
  readonly nodePool: string;
  /** @default "default" */
  readonly namespace?: string;
  /** When backups are taken, as cron says it, UTC. @default "30 2 * * *" */
  readonly schedule?: string;
}

/** Group and task of the jobs. */
export const BACKUP_GROUP = "backup";
/** Where the tasks see the volume of backups. */
export const BACKUPS_DIRECTORY = "/backups";

/** The job that takes backups; none for databases that must be stopped. */
export function backupJob(options: BackupJobsOptions): Job | undefined {
  const { name, database, schedule = "30 2 * * *" } = options;
  if (database.engine === "neo4j") return undefined;
  return {
    ...common(options, "backup"),
    periodic: { crons: [schedule], prohibitOverlap: true, timeZone: "UTC" },
    groups: {
      [BACKUP_GROUP]: {
        // The next run comes by itself; one that failed is tried again first.
        restart: { attempts: 2, delay: "1m", interval: "30m", mode: "fail" },
        reschedule: { attempts: 1, interval: "6h", unlimited: false },
        tasks: { [BACKUP_GROUP]: task(database, backupScript(...engineOf(database)), environment(name, options)) },
      },
    },
  };
}

/** The job that restores a backup when it is dispatched: `nomad job dispatch -meta database=<name> -meta backup=latest restore-<name>`. */
export function restoreJob(options: BackupJobsOptions): Job {
  const { name, database } = options;
  return {
    ...common(options, "restore"),
    parameterized: { metaRequired: ["database", "backup"], payload: "forbidden" },
    groups: {
      [BACKUP_GROUP]: {
        // A restore that failed is looked at by a person.
        restart: { attempts: 0, mode: "fail" },
        reschedule: { attempts: 0, unlimited: false },
        tasks: { [BACKUP_GROUP]: task(database, restoreScript(...engineOf(database)), environment(name, options)) },
      },
    },
  };
}

/** A task that dumps Neo4j before its server starts, for the server's group. Both mount the data at `/data`. */
export function neo4jBackupTask(name: string, database: Neo4jBackup, retention: BackupRetention = {}): Task {
  return {
    ...task(database, backupScript(...engineOf(database)), environment(name, retention)),
    lifecycle: { hook: "prestart" },
  };
}

function common({ name, nodePool, namespace }: BackupJobsOptions, what: string) {
  return {
    id: `${what}-${name}`,
    type: "batch",
    nodePool,
    ...(namespace === undefined ? {} : { namespace }),
  } as const;
}

function engineOf({ engine }: BackedUpDatabase): [script: string, extension: string] {
  switch (engine) {
    case "postgres":
      return [POSTGRES, "dump"];
    case "surrealdb":
      return [SURREALDB, "surql"];
    case "neo4j":
      return [NEO4J, "dump"];
  }
}

function environment(
  name: string,
  { keepDays = 14, keepLeast = 3 }: BackupRetention,
): Readonly<Record<string, string>> {
  return { BACKUPS: BACKUPS_DIRECTORY, NAME: name, KEEP_DAYS: String(keepDays), KEEP_LEAST: String(keepLeast) };
}

function task(database: BackedUpDatabase, script: string, env: Readonly<Record<string, string>>): Task {
  const templates: Template[] = [
    { destination: "local/run", data: script, perms: "0755", leftDelimiter: "[[", rightDelimiter: "]]" },
    ...accessOf(database),
  ];
  return {
    driver: "docker",
    config: { image: imageOf(database), entrypoint: ["/bin/sh", "${NOMAD_TASK_DIR}/run"] },
    user: "root",
    env: { ...env, ...environmentOf(database) },
    templates,
    resources: { cpu: "500MHz", memory: "512MiB" },
  };
}

function imageOf(database: BackedUpDatabase): string {
  switch (database.engine) {
    case "postgres":
      return database.image ?? "docker.io/library/postgres:17.6";
    case "surrealdb":
      return database.image ?? "docker.io/curlimages/curl:8.16.0";
    case "neo4j":
      return database.image;
  }
}

function environmentOf(database: BackedUpDatabase): Readonly<Record<string, string>> {
  switch (database.engine) {
    case "postgres":
      return { PGDATABASE: database.database, PGPASSFILE: "${NOMAD_SECRETS_DIR}/pgpass" };
    case "surrealdb":
      return {
        SURREAL_NS: database.namespace,
        SURREAL_DB: database.database,
        SURREAL_NETRC: "${NOMAD_SECRETS_DIR}/netrc",
      };
    case "neo4j":
      return { NEO4J_DATABASE: database.database ?? "neo4j" };
  }
}

/** Address and credentials: rendered once, since they must not change while the job is at work. */
function accessOf(database: BackedUpDatabase): Template[] {
  if (database.engine === "neo4j") return [];
  const { service, credentials } = database;
  const first = `{{ range $index, $found := nomadService "${service}" }}{{ if eq $index 0 }}`;
  const end = "{{ end }}{{ end }}";
  const variable = `{{ with nomadVar "${credentials}" }}`;
  const once = { once: true, changeMode: "noop", errorOnMissingKey: true } as const;
  switch (database.engine) {
    case "postgres":
      return [
        {
          ...once,
          destination: "secrets/where.env",
          env: true,
          data: `${first}PGHOST={{ $found.Address }}\nPGPORT={{ $found.Port }}\n${end}${variable}PGUSER={{ .username.Value | toJSON }}{{ end }}\n`,
        },
        {
          ...once,
          destination: "secrets/pgpass",
          perms: "0600",
          data: `${variable}*:*:*:*:${escapedItem("password", ":")}{{ end }}\n`,
        },
      ];
    case "surrealdb":
      return [
        {
          ...once,
          destination: "secrets/where.env",
          env: true,
          data: `${first}SURREAL_URL=http://{{ $found.Address }}:{{ $found.Port }}\n${end}`,
        },
        {
          ...once,
          destination: "secrets/netrc",
          perms: "0600",
          data: `${variable}default login "${escapedItem("username", '"')}" password "${escapedItem("password", '"')}"{{ end }}\n`,
        },
      ];
  }
}
