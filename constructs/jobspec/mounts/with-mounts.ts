import { assertValid, type Problem } from "../../core/problems";
import type { Group } from "../group";
import type { Job } from "../job";
import { Report } from "../rules/report";
import type { Task } from "../task";
import type { Volume, VolumeMount } from "../volume";
import { sameRules, type Way, wayFor } from "./choose";
import { entry, entryName, poolConstraint, taskMount } from "./entry";
import type { FoundDirectory } from "./found";
import { grouped } from "./grouped";
import type { Mount } from "./mount";
import { type MountContext, type Place, placesOf } from "./places";

/** A job with volumes, and what speaks against some of them. */
export interface MountedJob {
  readonly job: Job;
  readonly problems: readonly Problem[];
}

/**
 * Puts volumes into tasks of a job: the group's `volumes`, the task's `volumeMounts`, and in the pool `all` a constraint on the pools
 * that can mount them. Each volume is asked for in one of its own ways, the one that fits all of the job's mounts of it.
 *
 * @param mounts - the tasks of a group share what they ask for: one entry per volume, by the volume's name.
 * @throws ValidationError with everything that does not fit, each with the place in `mounts` and the place in the fleet.
 */
export function withMounts(job: Job, mounts: readonly Mount[], context: MountContext): Job {
  const mounted = mountVolumes(job, mounts, context);
  assertValid(`job ${job.id}`, mounted.problems);
  return mounted.job;
}

/** As {@link withMounts}, with the problems in hand; what has a problem is not mounted. */
export function mountVolumes(job: Job, mounts: readonly Mount[], context: MountContext): MountedJob {
  const report = new Report();
  if (mounts.length === 0) return { job, problems: [] };
  const places = placesOf(report, job, mounts, context);
  const ways = waysOf(report, job, places, context);
  const groups = Object.entries(job.groups).map(([name, group]): readonly [string, Group] => {
    const own = places.filter(({ mount }) => mount.group === name);
    return [name, own.length === 0 ? group : withVolumes(report, job, name, group, own, ways)];
  });
  return { job: { ...job, groups: Object.fromEntries(groups) }, problems: report.problems };
}

/** How each volume is used, by its name; those with a problem are missing. */
function waysOf(
  report: Report,
  job: Job,
  places: readonly Place[],
  context: MountContext,
): ReadonlyMap<string, Way | "directory"> {
  const ways = new Map<string, Way | "directory">();
  for (const [name, ofVolume] of grouped(places, ({ found }) => found.name)) {
    const found = ofVolume[0].found;
    const way =
      found.kind === "volume"
        ? wayFor(report, job, found, ofVolume, context)
        : directoryRules(report, found, ofVolume)
          ? "directory"
          : undefined;
    if (way !== undefined) ways.set(name, way);
  }
  return ways;
}

/** A host volume is the same directory on every machine, without claims and modes. */
function directoryRules(report: Report, { where, readOnly }: FoundDirectory, places: readonly Place[]): boolean {
  const before = report.problems.length;
  for (const { path, mount } of places) {
    if (readOnly && mount.readOnly !== true)
      report.error(`${path}.readOnly`, `must be true: ${where} is read-only`, false, "add readOnly: true");
    for (const name of ["sticky", "accessMode", "attachmentMode", "mountOptions"] as const) {
      if (mount[name] === undefined) continue;
      const rule = `is for volumes of Nomad: ${where} is the same directory on every machine of its pool`;
      report.error(`${path}.${name}`, rule, mount[name], "remove it");
    }
  }
  return report.problems.length === before;
}

function withVolumes(
  report: Report,
  job: Job,
  name: string,
  group: Group,
  places: readonly Place[],
  ways: ReadonlyMap<string, Way | "directory">,
): Group {
  const volumes: Record<string, Volume> = {};
  const mounts = new Map<string, VolumeMount[]>();
  for (const [source, ofVolume] of grouped(places, ({ found }) => found.name)) {
    const way = ways.get(source);
    const [first] = ofVolume;
    if (way === undefined) continue;
    const key = entryName(source);
    if (!isFree(report, name, { ...group.volumes, ...volumes }, first, key, source)) continue;
    sameRules(report, ofVolume, ["sticky", "mountOptions"]);
    const readOnly = ofVolume.every(({ mount }) => mount.readOnly === true);
    volumes[key] =
      first.found.kind === "directory" || way === "directory"
        ? { type: "host", source, ...(readOnly ? { readOnly } : {}) }
        : entry(report, job, first, first.found, way, readOnly);
    for (const { mount } of ofVolume)
      mounts.set(mount.task, [...(mounts.get(mount.task) ?? []), taskMount(key, mount)]);
  }
  if (Object.keys(volumes).length === 0) return group;
  const constraint = job.nodePool === "all" ? poolConstraint(report, places) : undefined;
  return {
    ...group,
    volumes: { ...group.volumes, ...volumes },
    tasks: Object.fromEntries(
      Object.entries(group.tasks).map(([task, given]): [string, Task] => {
        const added = mounts.get(task);
        return [
          task,
          added === undefined ? given : { ...given, volumeMounts: [...(given.volumeMounts ?? []), ...added] },
        ];
      }),
    ),
    ...(constraint === undefined ? {} : { constraints: [...(group.constraints ?? []), constraint] }),
  };
}

function isFree(
  report: Report,
  name: string,
  volumes: Readonly<Record<string, Volume>>,
  { path }: Place,
  key: string,
  source: string,
): boolean {
  const taken = Object.entries(volumes).find(([other, volume]) => other === key || volume.source === source);
  if (taken === undefined) return true;
  const rule = `is in groups.${name}.volumes.${taken[0]} already`;
  report.error(`${path}.volume`, rule, source, "remove that and its volumeMounts, or the mount");
  return false;
}
