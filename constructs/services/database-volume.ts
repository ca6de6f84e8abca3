import { storageOf } from "../../model/volumes";
import type { Problem } from "../core/problems";
import type { Job } from "../jobspec/job";
import type { JobMount } from "../nomad/job-mounts";
import type { PatternPlace } from "../nomad/pattern-place";
import { DATA_DIRECTORY, DATABASE_GROUP, OWNER_TASK } from "./database-group";
import type { DataPlace } from "./database-options";

/** What holds the data, as the fleet has it. */
export function dataPlaceOf({ fleet, region }: PatternPlace, volume: JobMount["volume"] | undefined): DataPlace {
  if (volume === undefined) return "none";
  const found = typeof volume === "string" ? storageOf(fleet, region).volumes[volume] : volume.volume;
  return found === undefined || found.kind === "dynamic-host" ? "machine" : "anywhere";
}

/** A directory that several machines have is another on each: a database that moved would begin empty. */
export function dataVolumeProblems(
  { fleet, region, pool, poolName }: PatternPlace,
  volume: JobMount["volume"] | undefined,
): Problem[] {
  if (typeof volume !== "string" || storageOf(fleet, region).volumes[volume] !== undefined) return [];
  const count = pool.hosts?.length ?? pool.count ?? 1;
  if (pool.hostVolumes?.[volume] === undefined || count === 1) return [];
  return [
    {
      path: "volume",
      rule: `is a directory of each of the ${count} machines of pool ${poolName}: on another machine the database would begin empty`,
      got: volume,
      fix: "use a volume of the region's storage: kind dynamic-host for one directory, or a CSI volume",
    },
  ];
}

/** Mounts of the data: in the engine's task, and in the one that gives it to the engine's user. */
export function dataMounts(volume: JobMount["volume"] | undefined, { groups }: Job): readonly JobMount[] {
  if (volume === undefined) return [];
  const tasks = groups[DATABASE_GROUP]?.tasks ?? {};
  return [DATABASE_GROUP, OWNER_TASK]
    .filter((task) => Object.hasOwn(tasks, task))
    .map((task) => ({
      volume,
      group: DATABASE_GROUP,
      task,
      destination: DATA_DIRECTORY,
    }));
}
