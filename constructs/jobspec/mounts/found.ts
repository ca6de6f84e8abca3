import type { Fleet, HostVolume } from "../../../model/types";
import type { Volume } from "../../../model/volume-types";
import { poolsWith, storageOf } from "../../../model/volumes";

/** A volume that the fleet knows, and who can mount it. */
export type Found = FoundVolume | FoundDirectory;

/** A volume of Nomad. */
export interface FoundVolume {
  readonly kind: "volume";
  /** As jobs name it. */
  readonly name: string;
  /** Its path in the fleet. Shape: `regions.home.storage.volumes.hf-cache`. */
  readonly where: string;
  readonly volume: Volume;
  /** Pools whose machines can mount it. */
  readonly pools: readonly string[];
}

/** A directory of the machines of a pool, under one name. */
export interface FoundDirectory {
  readonly kind: "directory";
  readonly name: string;
  /** Shape: `pools.gpu.hostVolumes.models`. */
  readonly where: string;
  readonly pools: readonly string[];
  /** Whether one of the pools has it read-only. */
  readonly readOnly: boolean;
}

/**
 * A volume of a region's storage by the name that a job gives it: its id, or with an index one of those for each allocation, which
 * is a volume by itself then.
 */
export function findVolume(fleet: Fleet, region: string, name: string): FoundVolume | undefined {
  const { volumes } = storageOf(fleet, region);
  const [, base = name, index] = /^(.*)\[(\d+)\]$/.exec(name) ?? [];
  const volume = Object.hasOwn(volumes, base) ? volumes[base] : undefined;
  if (volume === undefined) return undefined;
  const where = `regions.${region}.storage.volumes.${base}`;
  const pools = poolsWith(fleet, region, volume);
  if (index === undefined) return { kind: "volume", name, where, volume, pools };
  const { perAlloc, ...one } = volume;
  if (perAlloc === undefined || Number(index) >= perAlloc) return undefined;
  return { kind: "volume", name, where, volume: one, pools };
}

/**
 * A host volume by name.
 *
 * @param nodePool - pool of the job; `all` for every pool of the region.
 */
export function findDirectory(
  fleet: Fleet,
  region: string,
  nodePool: string | undefined,
  name: string,
): FoundDirectory | undefined {
  const having = poolsHaving(fleet, region, name).filter(([pool]) => nodePool === "all" || pool === nodePool);
  const [first] = having;
  if (first === undefined) return undefined;
  return {
    kind: "directory",
    name,
    where: `pools.${first[0]}.hostVolumes.${name}`,
    pools: having.map(([pool]) => pool),
    readOnly: having.some(([, { readOnly }]) => readOnly === true),
  };
}

/** Pools of a region with a host volume of a name. */
export function poolsHaving(fleet: Fleet, region: string, name: string): readonly (readonly [string, HostVolume])[] {
  return Object.entries(fleet.pools).flatMap(([poolName, pool]) => {
    const found = Object.hasOwn(pool.hostVolumes ?? {}, name) ? pool.hostVolumes?.[name] : undefined;
    return pool.region !== region || found === undefined ? [] : [[poolName, found] as const];
  });
}

/** Other regions with a volume of a name, by its path in the fleet. */
export function elsewhere(fleet: Fleet, region: string, name: string): readonly string[] {
  return Object.keys(fleet.regions).flatMap((other) => {
    const found = other === region ? undefined : findVolume(fleet, other, name);
    return found === undefined ? [] : [found.where];
  });
}
