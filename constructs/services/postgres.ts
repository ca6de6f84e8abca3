import { Construct } from "constructs";
import type { Job } from "../jobspec/job";
import { listenAddress, type Runtime } from "../jobspec/program";
import { env } from "../jobspec/references";
import { parseMebibytes } from "../jobspec/size";
import type { Template } from "../jobspec/template";
import { assertValid } from "../core/problems";
import { NomadJob } from "../nomad/job";
import { type DataPlace, dataPlaceOf } from "../nomad/kept-data";
import { type PatternPlace, patternPlace } from "../nomad/pattern-place";
import { DatabaseBackup } from "./database-backup";
import {
  DATA_DIRECTORY,
  databaseJob,
  type EngineUser,
  ownerTasks,
  readyTask,
  scriptTask,
  scriptTemplate,
  secretFile,
  userOf,
  withReady,
} from "./database-group";
import {
  type BackupOptions,
  type DatabaseOptions,
  databaseProblems,
  type DurableProps,
  variableOf,
} from "./database-options";
import { dataMounts, dataVolumeProblems } from "./database-volume";
import { escapedItem } from "./escape";
import { identifierProblems } from "./names";
import { POSTGRES_HBA, POSTGRES_READY, POSTGRES_START } from "./postgres-scripts";

/** A PostgreSQL. Its variable has the items `username`, of the superuser, and `password`. */
export interface PostgresOptions extends DatabaseOptions {
  /** Database that is made with the cluster. @default "postgres" */
  readonly database?: string;
}

export interface PostgresProps extends PostgresOptions, DurableProps {
  /** @default - none are taken */
  readonly backup?: BackupOptions;
}

const IMAGE = "docker.io/library/postgres:17.6";
const INSTALLED = "/usr/lib/postgresql/17/bin/postgres";
const USER: EngineUser = { uid: 999, gid: 999, name: "postgres" };
const PORT = "db";

/** The job of a PostgreSQL. @see https://www.postgresql.org/docs/17/ */
export function postgresJob(options: PostgresOptions, place: PatternPlace, data: DataPlace): Job {
  const { runtime, cpu = "1GHz", memory = "2GiB", database = "postgres" } = options;
  const common = { DATABASE: database, PORT: env.port(PORT), ...binOf(runtime) };
  return databaseJob(options, place, data, {
    port: PORT,
    tags: ["postgres"],
    check: { type: "tcp", interval: "10s", timeout: "2s" },
    task: {
      ...withPorts(scriptTask(runtime, IMAGE)),
      user: userOf(runtime, USER),
      // SIGINT ends sessions and writes everything; SIGTERM would wait for clients to leave, until the kill.
      killSignal: "SIGINT",
      killTimeout: "30s",
      env: {
        ...common,
        HOST: listenAddress(runtime, PORT),
        PGDATA: `${DATA_DIRECTORY}/pgdata`,
        // A quarter, as PostgreSQL's manual recommends.
        SHARED_MEMORY: `${Math.floor((parseMebibytes(memory) ?? 0) / 4)}MB`,
      },
      templates: [
        scriptTemplate(POSTGRES_START),
        { destination: "local/pg_hba.conf", data: POSTGRES_HBA },
        secretItem(options, "username"),
        secretItem(options, "password"),
      ],
      resources: { cpu, memory },
    },
    more: {
      ...ownerTasks(runtime, USER),
      ...withReady(
        readyTask(options, {
          image: IMAGE,
          user: USER,
          env: { ...common, HOST: env.ip(PORT), PORT: env.hostPort(PORT) },
          script: POSTGRES_READY,
          templates: [
            secretItem(options, "username"),
            // libpq takes no file that others could read.
            { ...secret(options, "pgpass", `*:*:*:*:${escapedItem("password", ":")}`), perms: "0600" },
          ],
        }),
      ),
    },
  });
}

function secretItem(options: PostgresOptions, item: "username" | "password"): Template {
  return secret(options, item, `{{ .${item}.Value }}`);
}

function secret(options: PostgresOptions, file: string, text: string): Template {
  return {
    ...secretFile(options.runtime, USER),
    destination: `secrets/${file}`,
    errorOnMissingKey: true,
    data: `{{ with nomadVar "${variableOf(options)}" }}${text}{{ end }}\n`,
  };
}

/** On a machine Debian keeps the programs of each version in a directory of its own. */
function binOf(runtime: Runtime | undefined): { readonly BIN?: string } {
  if (runtime?.kind !== "installed") return {};
  return { BIN: (runtime.command ?? INSTALLED).replace(/\/[^/]*$/, "") };
}

function withPorts(task: ReturnType<typeof scriptTask>): ReturnType<typeof scriptTask> {
  return task.driver === "docker" ? { ...task, config: { ...task.config, ports: [PORT], shmSize: "256MiB" } } : task;
}

/** PostgreSQL, one server. @see https://www.postgresql.org */
export class Postgres extends Construct {
  public readonly job: NomadJob;
  /** Name by which callers find it in Nomad's discovery. */
  public readonly serviceName: string;
  /** Nomad variable with its `username` and `password`. */
  public readonly variable: string;
  /** Jobs that back it up and restore it; undefined without `backup`. */
  public readonly backup: DatabaseBackup | undefined;

  constructor(scope: Construct, id: string, props: PostgresProps) {
    super(scope, id);
    const { name, pool, namespace, volume, database = "postgres", backup } = props;
    const place = patternPlace(this, pool);
    assertValid(this.node.path, [
      ...databaseProblems(props),
      ...dataVolumeProblems(place, volume),
      ...identifierProblems("database", database),
    ]);
    this.serviceName = props.service ?? name;
    this.variable = variableOf(props);
    const job = postgresJob(props, place, dataPlaceOf(place, volume));
    this.job = new NomadJob(this, "Job", { job, mounts: dataMounts(volume, job) });
    if (backup === undefined) return;
    this.backup = new DatabaseBackup(this, "Backup", {
      ...backup,
      name,
      nodePool: pool,
      ...(namespace === undefined ? {} : { namespace }),
      database: { engine: "postgres", service: this.serviceName, credentials: this.variable, database },
    });
  }
}
