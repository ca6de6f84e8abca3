import type { Fleet } from "../../../../model/types";
import type { Job } from "../../job";
import type { Report } from "../report";

/** `memoryMax` counts only where the region's scheduler allows it. */
export function oversubscriptionRules(report: Report, job: Job, fleet: Fleet): void {
  const pool = job.nodePool === undefined ? undefined : fleet.pools[job.nodePool];
  const region = fleet.regions[job.region ?? pool?.region ?? ""];
  if (region === undefined || region.scheduler?.memoryOversubscription === true) return;
  for (const [group, { tasks }] of Object.entries(job.groups)) {
    for (const [task, { resources }] of Object.entries(tasks)) {
      if (resources?.memoryMax === undefined) continue;
      report.lint(
        "memory-oversubscription",
        `groups.${group}.tasks.${task}.resources.memoryMax`,
        "is ignored: the region's scheduler does not allow oversubscription",
        resources.memoryMax,
        "raise memory, or set scheduler: { memoryOversubscription: true } on the region of the fleet",
      );
    }
  }
}
