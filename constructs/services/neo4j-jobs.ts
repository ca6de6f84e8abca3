import { minutes } from "../jobspec/duration";
import type { Job } from "../jobspec/job";
import { type ContainerRuntime, programTask } from "../jobspec/program";
import { env } from "../jobspec/references";
import { parseMebibytes } from "../jobspec/size";
import type { Task } from "../jobspec/task";
import { variableEnvironment } from "../jobspec/variable-file";
import type { DataPlace } from "../nomad/kept-data";
import type { PatternPlace } from "../nomad/pattern-place";
import { neo4jBackupTask } from "./backup-jobs";
import {
  databaseJob,
  type EngineUser,
  ownerTasks,
  scriptTask,
  scriptTemplate,
  secretFile,
  userOf,
} from "./database-group";
import { type BackupOptions, type DatabaseOptions, variableOf } from "./database-options";

/** Statements that are run in a Neo4j once it answers. */
export interface Neo4jSetup {
  /**
   * Cypher, each without its last semicolon. They may be run again: write `IF NOT EXISTS` and `MERGE`.
   *
   * Shape: `CREATE CONSTRAINT node_id IF NOT EXISTS FOR (n:Node) REQUIRE n.id IS UNIQUE`.
   */
  readonly statements: readonly string[];
}

/**
 * A Neo4j Community. Its variable has the item `password`, of the user `neo4j`, at least 8 characters. It is taken at the first start:
 * later the database has it, and another one is set there first (`ALTER CURRENT USER SET PASSWORD`).
 */
export interface Neo4jOptions extends DatabaseOptions {
  /** A container alone: only the image's own start script makes a configuration from the environment. @default - the pinned image */
  readonly runtime?: ContainerRuntime;
  /** A job that prepares the database. @default - none */
  readonly setup?: Neo4jSetup;
  /** Backups, each before a start: Community can be dumped only while it stands still. @default - none are taken */
  readonly backup?: BackupOptions;
}

/** Image of server, set-up and backups, which must be of one version. */
export function neo4jImage({ runtime }: Pick<Neo4jOptions, "runtime">): string {
  return runtime?.image ?? "docker.io/library/neo4j:5.26.12-community";
}

/** Task that takes backups, for their volume. */
export const NEO4J_BACKUP_TASK = "backup";
/** Group and task of the set-up job. */
export const SETUP_GROUP = "setup";

const USER: EngineUser = { uid: 7474, gid: 7474, name: "neo4j" };
const BOLT = "bolt";
const HTTP = "http";

/** The job of a Neo4j. @see https://neo4j.com/docs/operations-manual/5/docker/ */
export function neo4jJob(options: Neo4jOptions, place: PatternPlace, data: DataPlace): Job {
  const { cpu = "2GHz", memory = "4GiB", startMinutes = 10, backup } = options;
  const image = neo4jImage(options);
  return databaseJob(options, place, data, {
    port: BOLT,
    // Asked by the machine itself; callers use Bolt.
    ports: { [HTTP]: { hostNetwork: "tailscale" } },
    tags: ["neo4j"],
    // HTTP begins after the databases have started.
    check: {
      type: "http",
      port: HTTP,
      path: "/",
      interval: "10s",
      timeout: "3s",
      checkRestart: { limit: 6, grace: minutes(startMinutes) },
    },
    task: {
      ...programTask(options.runtime, {
        image,
        installedCommand: "/usr/bin/neo4j",
        container: { ports: [BOLT, HTTP] },
      }),
      user: userOf(undefined, USER),
      killSignal: "SIGTERM",
      killTimeout: "30s",
      env: { ...settings(parseMebibytes(memory) ?? 0), NEO4J_AUTH_PATH: `${env.secretsDir}/auth` },
      templates: [
        {
          ...secretFile(undefined, USER),
          destination: "secrets/auth",
          errorOnMissingKey: true,
          // The image reads the file once, at the first start.
          changeMode: "noop",
          data: `{{ with nomadVar "${variableOf(options)}" }}neo4j/{{ .password.Value }}{{ end }}`,
        },
      ],
      resources: { cpu, memory },
    },
    more: {
      ...(backup === undefined
        ? {}
        : { [NEO4J_BACKUP_TASK]: neo4jBackupTask(options.name, { engine: "neo4j", image }, backup) }),
      ...ownerTasks(undefined, USER),
    },
  });
}

/** Settings by the names that the image turns into those of neo4j.conf. */
function settings(memoryMiB: number): NonNullable<Task["env"]> {
  const heap = `${Math.floor(memoryMiB * 0.4)}m`;
  return {
    NEO4J_server_bolt_listen__address: `:${env.port(BOLT)}`,
    NEO4J_server_http_listen__address: `:${env.port(HTTP)}`,
    // What drivers are told when they ask for a route.
    NEO4J_server_bolt_advertised__address: env.hostAddr(BOLT),
    NEO4J_server_memory_heap_initial__size: heap,
    NEO4J_server_memory_heap_max__size: heap,
    NEO4J_server_memory_pagecache_size: `${Math.floor(memoryMiB * 0.35)}m`,
  };
}

/** Runs the statements, one after the other. cypher-shell has no file for a password, and takes it from the environment. */
const SETUP_SCRIPT = `#!/bin/sh
set -eu
[ -n "\${ADDRESS:-}" ] || { echo "the service is not registered yet" >&2; exit 1; }
exec cypher-shell --address "bolt://$ADDRESS" --username neo4j --fail-fast --file "$NOMAD_TASK_DIR/setup.cypher"
`;

/** The job that prepares a Neo4j; undefined without statements. Other statements are another job, which runs again. */
export function neo4jSetupJob(options: Neo4jOptions, place: PatternPlace): Job | undefined {
  const { name, namespace, service = name, setup, startMinutes = 10 } = options;
  if (setup === undefined || setup.statements.length === 0) return undefined;
  const statements = setup.statements.map((statement) => `${statement.replace(/;\s*$/, "")};\n`).join("");
  return {
    id: `${name}-setup`,
    type: "batch",
    nodePool: place.poolName,
    ...(namespace === undefined ? {} : { namespace }),
    groups: {
      [SETUP_GROUP]: {
        // This is what waits for the database.
        restart: { attempts: 4 * startMinutes, delay: "15s", interval: minutes(2 * startMinutes + 5), mode: "fail" },
        reschedule: { attempts: 0, unlimited: false },
        tasks: {
          [SETUP_GROUP]: {
            ...scriptTask(options.runtime, neo4jImage(options)),
            user: userOf(undefined, USER),
            templates: [
              scriptTemplate(SETUP_SCRIPT),
              { destination: "local/setup.cypher", data: statements, leftDelimiter: "[[", rightDelimiter: "]]" },
              {
                destination: "local/where.env",
                env: true,
                changeMode: "noop",
                data: `{{ range $index, $found := nomadService "${service}" }}{{ if eq $index 0 }}ADDRESS={{ $found.Address }}:{{ $found.Port }}{{ end }}{{ end }}\n`,
              },
              { ...variableEnvironment(variableOf(options), { NEO4J_PASSWORD: "password" }) },
            ],
            resources: { cpu: "200MHz", memory: "512MiB" },
          },
        },
      },
    },
  };
}
