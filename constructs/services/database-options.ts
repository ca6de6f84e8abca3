import type { Problem } from "../core/problems";
import { wholeNumberProblems } from "../core/whole-number";
import { type Runtime, runtimeProblems } from "../jobspec/program";
import type { Frequency, Size } from "../jobspec/size";
import type { JobMount } from "../nomad/job-mounts";
import type { BackupRetention } from "./backup-jobs";

/** What every database is made from. */
export interface DatabaseOptions {
  /** Id of the job, and name of its service. Shape: `shop-db`. */
  readonly name: string;
  /** Pool that runs it. */
  readonly pool: string;
  /** @default "default" */
  readonly namespace?: string;
  /** Service of the fleet under which callers find it. @default - `name` */
  readonly service?: string;
  /**
   * Nomad variable with its credentials, written with `./steppe secret put variable`.
   *
   * @default - `nomad/jobs/<name>`, which the job reads without a policy
   */
  readonly variable?: string;
  /** @default - a container with the engine's pinned image */
  readonly runtime?: Runtime;
  /** @default "1GHz" */
  readonly cpu?: Frequency;
  /** The engine's own limits follow from it. @default - by engine */
  readonly memory?: Size;
  /**
   * How long a start may take until the first answer, with the recovery after a crash. One that has not answered by then has failed.
   *
   * @default 10
   */
  readonly startMinutes?: number;
}

/** A database whose data outlives its job. */
export interface DurableProps {
  /**
   * Where its data is: a volume of the region's storage that one allocation writes, a host volume of a pool of one machine, or a
   * volume made beside the job.
   */
  readonly volume: JobMount["volume"];
}

/** Where backups of a database go, and when. */
export interface BackupOptions extends BackupRetention {
  /** A volume of the region's storage that many may write; not that of the data. */
  readonly volume: JobMount["volume"];
  /** When, as cron says it, UTC. @default "30 2 * * *" */
  readonly schedule?: string;
}

/** Variable of a database. */
export function variableOf({ name, variable = `nomad/jobs/${name}` }: DatabaseOptions): string {
  return variable;
}

/** What is wrong with what every database has. */
export function databaseProblems({
  runtime,
  startMinutes,
}: Pick<DatabaseOptions, "runtime" | "startMinutes">): Problem[] {
  return [...runtimeProblems(runtime), ...wholeNumberProblems("startMinutes", startMinutes, 1)];
}
