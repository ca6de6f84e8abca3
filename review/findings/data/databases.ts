import { DATABASE_GROUP } from "../../../constructs/services/database-group";
import { goneStacks } from "../../fleet/compare";
import type { JobChange } from "../../jobs/changes";
import { type Json, list, object, text } from "../../json";
import { isOtherJob } from "../ids/jobs";
import { renamedResources } from "../ids/resources";
import type { Finding, Subject } from "../types";
import { lostChanges, nameOf } from "./lost";

/** Images of databases, whatever registry they come from. */
const ENGINES =
  /(?:^|\/)(?:postgres|postgresql|mysql|mariadb|mongo|mongodb|neo4j|surrealdb|clickhouse-server|cockroach|cassandra|etcd|influxdb|elasticsearch|opensearch|qdrant|weaviate)(?::|@|$)/;

/** Databases that run as jobs and keep their data on a volume: those that end, and those that begin on another volume. */
export function examineDatabases(subject: Subject): readonly Finding[] {
  const gone = goneStacks(subject);
  const renamed = new Set(renamedResources(subject).map((rename) => `${rename.gone.stack}\n${rename.gone.address}`));
  const lost = new Set(lostChanges(subject).flatMap((change) => nameOf(change) ?? []));
  return subject.jobs.flatMap((job): readonly Finding[] => {
    const volumes = databaseVolumes(job.before);
    if (volumes.length === 0 || gone.has(job.stack) || renamed.has(`${job.stack}\n${job.address}`)) return [];
    if (isOtherJob(job)) return [];
    if (job.after === undefined) return [removed(job, volumes, lost)];
    const left = volumes.filter((volume) => !databaseVolumes(job.after).includes(volume));
    return left.length === 0 ? [] : [begunAnew(job, left)];
  });
}

function removed({ stack, address, id }: JobChange, volumes: readonly string[], lost: ReadonlySet<string>): Finding {
  const goes = volumes.filter((volume) => lost.has(volume));
  const on = `volume ${volumes.join(", ")}`;
  return {
    id: "data/database-destroyed",
    severity: goes.length > 0 ? "blocking" : "warning",
    stack,
    resource: address,
    about: `job ${id}`,
    reason:
      goes.length > 0
        ? `is removed together with ${on}, which holds its data`
        : `is removed: nobody serves the data on ${on} any more`,
    fix:
      goes.length > 0
        ? "keep the volume, or take a backup first"
        : "make sure that nobody calls it; the data stays on the volume",
  };
}

function begunAnew({ stack, address, id }: JobChange, left: readonly string[]): Finding {
  return {
    id: "data/database-destroyed",
    severity: "blocking",
    stack,
    resource: address,
    about: `job ${id}`,
    reason: `no longer mounts volume ${left.join(", ")}, which holds its data: it begins empty`,
    fix: "keep the volume, or restore a backup on the new one before callers are let in",
  };
}

/** Sources of the volumes that a database writes. @returns none for a job that is none, or keeps nothing. */
function databaseVolumes(job: JobChange["before"]): readonly string[] {
  return list(job?.TaskGroups)
    .map(object)
    .filter((group) => group["Name"] === DATABASE_GROUP || list(group["Tasks"]).some(runsEngine))
    .flatMap(({ Volumes }) => Object.values(object(Volumes)).map(object))
    .filter((volume: Json) => volume["ReadOnly"] !== true)
    .flatMap(({ Source }) => text(Source) ?? []);
}

function runsEngine(task: unknown): boolean {
  return ENGINES.test(text(object(object(task)["Config"])["image"]) ?? "");
}
