import { storageOf } from "../../model/volumes";
import type { Problem } from "../core/problems";
import type { Disconnect } from "../jobspec/policies";
import type { JobMount } from "./job-mounts";
import type { PatternPlace } from "./pattern-place";

/**
 * What holds the data of a program that runs once: `machine` for a directory of one machine, where the job waits for that machine;
 * `anywhere` for a volume that follows the job; `none` for data that may go.
 */
export type DataPlace = "machine" | "anywhere" | "none";

/** What holds the data, as the fleet has it. */
export function dataPlaceOf({ fleet, region }: PatternPlace, volume: JobMount["volume"] | undefined): DataPlace {
  if (volume === undefined) return "none";
  const found = typeof volume === "string" ? storageOf(fleet, region).volumes[volume] : volume.volume;
  return found === undefined || found.kind === "dynamic-host" ? "machine" : "anywhere";
}

/**
 * A directory that several machines have is another on each: a program that moved would begin empty.
 *
 * @param path - of the property that names the volume.
 * @param program - with its article: `the database`.
 */
export function keptDataProblems(
  { fleet, region, pool, poolName }: PatternPlace,
  volume: JobMount["volume"] | undefined,
  path: string,
  program: string,
): Problem[] {
  if (typeof volume !== "string" || storageOf(fleet, region).volumes[volume] !== undefined) return [];
  const count = pool.hosts?.length ?? pool.count ?? 1;
  if (pool.hostVolumes?.[volume] === undefined || count === 1) return [];
  return [
    {
      path,
      rule: `is a directory of each of the ${count} machines of pool ${poolName}: on another machine ${program} would begin empty`,
      got: volume,
      fix: "use a volume of the region's storage: kind dynamic-host for one directory, or a CSI volume",
    },
  ];
}

/**
 * A volume that follows the job may be written from the next machine while one without contact still writes: that one stops by
 * itself, and only then Nomad begins anew.
 */
export function cutOff({ pool: { edge } }: PatternPlace): Disconnect {
  return { stopOnClientAfter: edge === undefined ? "1m" : `${edge.toleratedDisconnectSeconds ?? 3600}s` };
}
