import type { Fleet } from "../../../../model/types";
import { mountsNfs } from "../../../../model/volumes";
import type { Job } from "../../job";
import { findVolume } from "../../mounts/found";
import type { Task } from "../../task";
import { isLiteral, type Report } from "../report";
import { type Config, configOf, textsOf } from "./texts";

/** A program that keeps its data in files which it locks and syncs by itself. */
interface Database {
  /** Shown in messages. */
  readonly name: string;
  readonly program: RegExp;
  /** Its data directory where nothing else is said. @default - it has none: it must be told */
  readonly directory?: string;
  /** Environment variables with the directory. */
  readonly variables: readonly string[];
  /** Arguments with the directory as group 1. */
  readonly argument?: RegExp;
}

const DATABASES: readonly Database[] = [
  {
    name: "PostgreSQL",
    program: /(^|\/)(postgres|postgresql|timescaledb(-ha)?|pgvector|postgis)([:@]|$)/,
    directory: "/var/lib/postgresql",
    variables: ["PGDATA"],
    argument: /^(?:-D|--data-directory=|data_directory=)(\/.+)$/,
  },
  {
    name: "Neo4j",
    program: /(^|\/)neo4j([:@]|$)/,
    directory: "/data",
    variables: ["NEO4J_server_directories_data", "NEO4J_dbms_directories_data"],
  },
  {
    name: "SurrealDB",
    program: /(^|\/)(surrealdb|surreal)([:@]|$)/,
    variables: ["SURREAL_PATH"],
    argument: /^(?:rocksdb|surrealkv|file):(?:\/\/)?(\/.+)$/,
  },
  {
    name: "MySQL",
    program: /(^|\/)(mysql|mysqld|mariadb|mariadbd)([:@]|$)/,
    directory: "/var/lib/mysql",
    variables: [],
    argument: /^--datadir=(\/.+)$/,
  },
];

/** RocksDB by its name, in programs that are not known here. */
const ROCKSDB = /^rocksdb:(?:\/\/)?(\/.+)$/;

/** Databases whose data directory is on a volume that comes over NFS. */
export function nfsDatabaseRules(report: Report, job: Job, fleet: Fleet): void {
  const pool = job.nodePool === undefined ? undefined : fleet.pools[job.nodePool];
  const region = job.region ?? pool?.region ?? "";
  for (const [groupName, { volumes, tasks }] of Object.entries(job.groups)) {
    if (volumes === undefined) continue;
    for (const [taskName, task] of Object.entries(tasks)) {
      task.volumeMounts?.forEach(({ volume: name, destination, readOnly }, index) => {
        const volume = Object.hasOwn(volumes, name) ? volumes[name] : undefined;
        if (volume?.type !== "csi" || readOnly === true || volume.readOnly === true) return;
        if (!isLiteral(volume.source)) return;
        const found = findVolume(fleet, region, volume.source);
        if (found === undefined || !mountsNfs(fleet, region, found.volume)) return;
        const data = dataOf(task).find(([, directory]) => isWithin(destination, directory));
        if (data === undefined) return;
        const path = `groups.${groupName}.tasks.${taskName}.volumeMounts.${index}`;
        const rule = `puts ${data[1]}, where ${data[0]} keeps its data, on NFS (${found.where})`;
        report.lint("database-on-nfs", path, rule, volume.source, "use a block volume, or a directory of the machine");
      });
    }
  }
}

/** Databases that a task runs, and their directories. */
function dataOf(task: Task): readonly (readonly [name: string, directory: string])[] {
  const config: Config = configOf(task);
  const programs = [...textsOf(config["image"]), ...textsOf(config["command"]), ...textsOf(config["entrypoint"])];
  const words = [...programs, ...textsOf(config["args"])];
  const known = DATABASES.filter(({ program }) => programs.some((each) => program.test(each)));
  const directories = known.flatMap(({ name, directory, variables, argument }) => {
    const told = [
      ...variables.flatMap((variable) => pathsIn(task.env?.[variable] ?? "", argument)),
      ...(argument === undefined ? [] : words.flatMap((word) => argument.exec(word)?.[1] ?? [])),
    ];
    const all = told.length > 0 ? told : directory === undefined ? [] : [directory];
    return all.map((each) => [name, each] as const);
  });
  if (known.length > 0) return directories;
  return words.flatMap((word) => {
    const [, path] = ROCKSDB.exec(word) ?? [];
    return path === undefined ? [] : [["RocksDB", path] as const];
  });
}

function pathsIn(text: string, argument: RegExp | undefined): readonly string[] {
  if (text.startsWith("/")) return [text];
  const [, path] = argument?.exec(text) ?? [];
  return path === undefined ? [] : [path];
}

/** Whether one of two directories is in the other. */
function isWithin(a: string, b: string): boolean {
  const [left, right] = [a, b].map((path) => `${path.replace(/\/+$/, "")}/`) as [string, string];
  return left.startsWith(right) || right.startsWith(left);
}
