import type { Problem } from "../core/problems";
import type { Job } from "../jobspec/job";
import { OWNER_TASK } from "../jobspec/volume-owner";
import type { JobMount } from "../nomad/job-mounts";
import { keptDataProblems } from "../nomad/kept-data";
import type { PatternPlace } from "../nomad/pattern-place";
import { DATA_DIRECTORY, DATABASE_GROUP } from "./database-group";

/** What speaks against a volume for the data. */
export function dataVolumeProblems(place: PatternPlace, volume: JobMount["volume"] | undefined): Problem[] {
  return keptDataProblems(place, volume, "volume", "the database");
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
