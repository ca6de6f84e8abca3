import { BACKUP_GROUP } from "../../../constructs/services/backup-jobs";
import { backupsOf } from "../../../model/backups";
import type { Fleet } from "../../../model/types";
import { type FleetPair, fleetsOf, goneStacks } from "../../fleet/compare";
import type { JobChange } from "../../jobs/changes";
import { list, object } from "../../json";
import type { Finding, Subject } from "../types";

/** Backups that are taken no longer, or kept for less long. */
export function examineBackups(subject: Subject): readonly Finding[] {
  const fleets = fleetsOf(subject);
  return [...(fleets === undefined ? [] : ofRegions(fleets)), ...ofDatabases(subject)];
}

function ofRegions({ base, head }: FleetPair): readonly Finding[] {
  return Object.keys(base.regions).flatMap((region): readonly Finding[] => {
    const resource = `regions.${region}.backups`;
    const was = backupsOf(base, region);
    if (was === undefined || !isInService(head, region)) return [];
    const is = backupsOf(head, region);
    if (is === undefined)
      return [
        {
          id: "data/backups-removed",
          severity: "warning",
          resource,
          reason: "is gone: no snapshots of the region's state are taken any more",
          fix: "put the line back, or say what takes the snapshots now",
        },
      ];
    // What a bucket of Steppe's own keeps stands in its resources, which have findings of their own.
    if (is.store.kind !== "directory" || was.store.kind !== "directory" || is.keepDays >= was.keepDays) return [];
    return [
      {
        id: "data/protection-removed",
        severity: "warning",
        resource,
        reason: `keeps snapshots for ${is.keepDays} days instead of ${was.keepDays}: older ones are deleted with the next`,
        fix: "keep the days, or copy what is older first",
      },
    ];
  });
}

function isInService({ regions, sites }: Fleet, region: string): boolean {
  const found = regions[region];
  return found !== undefined && found.retired === undefined && sites[found.site]?.retired === undefined;
}

/** Jobs that back a database up, by the group that each has. */
function ofDatabases(subject: Subject): readonly Finding[] {
  const gone = goneStacks(subject);
  const come = new Set(subject.jobs.flatMap(({ after }) => (after === undefined ? [] : [after.ID])));
  return subject.jobs
    .filter(({ stack, before, after }) => !gone.has(stack) && before !== undefined && after === undefined)
    .filter(({ id, before }) => isBackup(before) && !come.has(id))
    .map(({ stack, address, id }) => ({
      id: "data/backups-removed",
      severity: "warning",
      stack,
      resource: address,
      about: `job ${id}`,
      reason: "is removed, which backs a database up",
      fix: "keep it while the database is there",
    }));
}

function isBackup(job: JobChange["before"]): boolean {
  const isPeriodic = object(job?.["Periodic"])["Enabled"] === true || Object.keys(object(job?.["Periodic"])).length > 0;
  return isPeriodic && list(job?.TaskGroups).some((group) => object(group)["Name"] === BACKUP_GROUP);
}
