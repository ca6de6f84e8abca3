import type { Fleet } from "../../../model/types";
import { storageOf } from "../../../model/volumes";
import type { Group } from "../group";
import type { Job } from "../job";
import { isLiteral, oneOf, type Report } from "../rules/report";
import type { Task } from "../task";
import { canMount } from "./drivers";
import { elsewhere, findDirectory, findVolume, type Found, poolsHaving } from "./found";
import type { Mount } from "./mount";

/** What is known about where a job runs. */
export interface MountContext {
  readonly fleet: Fleet;
  readonly region: string;
}

/** A mount, and what it is of. */
export interface Place {
  /** Shape: `mounts.0`. */
  readonly path: string;
  readonly mount: Mount;
  readonly group: Group;
  readonly found: Found;
}

/** Looks up what each mount names. Leaves out those with a problem. */
export function placesOf(report: Report, job: Job, mounts: readonly Mount[], context: MountContext): readonly Place[] {
  const destinations = new Map<string, Map<string, string>>();
  return mounts.flatMap((mount, index) => {
    const path = `mounts.${index}`;
    const before = report.problems.length;
    const found = foundBy(report, `${path}.volume`, job, mount, context);
    const group = Object.hasOwn(job.groups, mount.group) ? job.groups[mount.group] : undefined;
    if (group === undefined) {
      report.error(`${path}.group`, "must be a group of the job", mount.group, oneOf(Object.keys(job.groups)));
      return [];
    }
    const task = Object.hasOwn(group.tasks, mount.task) ? group.tasks[mount.task] : undefined;
    if (task === undefined) {
      const rule = `must be a task of group ${mount.group}`;
      report.error(`${path}.task`, rule, mount.task, oneOf(Object.keys(group.tasks)));
      return [];
    }
    driverRule(report, path, mount, task);
    const place = JSON.stringify([mount.group, mount.task]);
    const taken = destinations.get(place) ?? destinationsOf(mount, task);
    destinations.set(place, taken);
    destinationRule(report, path, mount, taken);
    return found === undefined || report.problems.length > before ? [] : [{ path, mount, group, found }];
  });
}

function driverRule(report: Report, path: string, mount: Mount, { driver }: Task): void {
  if (canMount(driver)) return;
  const rule = `has driver ${driver} (groups.${mount.group}.tasks.${mount.task}.driver), which cannot mount volumes`;
  report.error(`${path}.task`, rule, mount.task, "use docker, podman, exec or java");
}

/** Where a task has mounts of its own, with their paths. */
function destinationsOf({ group, task: name }: Mount, task: Task): Map<string, string> {
  const own = task.volumeMounts ?? [];
  return new Map(
    own.map(({ destination }, index) => [
      cleaned(destination),
      `groups.${group}.tasks.${name}.volumeMounts.${index}.destination`,
    ]),
  );
}

function destinationRule(report: Report, path: string, { destination }: Mount, taken: Map<string, string>): void {
  const at = `${path}.destination`;
  const clean = cleaned(destination);
  if (isLiteral(destination) && (!destination.startsWith("/") || destination.split("/").includes(".."))) {
    report.error(at, "must be an absolute path in the task, without ..", destination);
  } else if (["", "/alloc", "/local", "/secrets"].includes(clean)) {
    const rule = "would hide a directory that the task needs";
    report.error(at, rule, destination, "mount it below another one, such as /data");
  }
  const other = taken.get(clean);
  if (other === undefined) taken.set(clean, at);
  else report.error(at, `must differ from ${other}: a task sees one volume at a path`, destination, "choose another");
}

function cleaned(path: string): string {
  return path.replace(/\/+/g, "/").replace(/\/$/, "");
}

function foundBy(report: Report, at: string, job: Job, mount: Mount, context: MountContext): Found | undefined {
  const { fleet, region } = context;
  if (typeof mount.volume !== "string") {
    const { volumeName: name, volume, where } = mount.volume;
    const pools = volume.kind === "dynamic-host" ? [volume.pool] : poolsOfPlugin(context, volume.plugin);
    return { kind: "volume", name, where, volume, pools };
  }
  const name = mount.volume;
  const volume = findVolume(fleet, region, name);
  const directory = findDirectory(fleet, region, job.nodePool, name);
  if (volume !== undefined && directory !== undefined) {
    report.error(at, `is two volumes: ${volume.where} and ${directory.where}`, name, "rename one of them");
    return undefined;
  }
  const found = volume ?? directory;
  if (found === undefined) unknownVolume(report, at, job, name, context);
  return found;
}

function poolsOfPlugin({ fleet, region }: MountContext, plugin: string): readonly string[] {
  const { plugins } = storageOf(fleet, region);
  return (Object.hasOwn(plugins, plugin) ? plugins[plugin]?.pools : undefined) ?? [];
}

function unknownVolume(report: Report, at: string, job: Job, name: string, { fleet, region }: MountContext): void {
  const [otherRegion] = elsewhere(fleet, region, name);
  if (otherRegion !== undefined) {
    const fix = `run the job there, or add a volume ${name} to regions.${region}.storage.volumes`;
    report.error(at, `is ${otherRegion}, and the job runs in region ${region}`, name, fix);
    return;
  }
  const pool = job.nodePool;
  const having = poolsHaving(fleet, region, name).map(([other]) => other);
  const [otherPool] = having;
  if (otherPool !== undefined && pool !== undefined) {
    const rule = `is pools.${otherPool}.hostVolumes.${name}, and the job runs in pool ${pool}`;
    report.error(at, rule, name, `run it in ${having.join(" or ")}, or add it to pools.${pool}.hostVolumes`);
    return;
  }
  const known = [
    ...Object.keys(storageOf(fleet, region).volumes),
    ...Object.keys((pool === undefined ? undefined : fleet.pools[pool])?.hostVolumes ?? {}),
  ];
  const rule = `must be a volume of region ${region}${pool === undefined ? "" : `, or a host volume of pool ${pool}`}`;
  report.error(at, rule, name, oneOf(known, `add it to regions.${region}.storage.volumes`));
}
