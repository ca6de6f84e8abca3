import type { JobJson } from "../../../constructs/jobspec/render";
import { partOf } from "../../jobs/effective";
import { list } from "../../json";
import type { Finding, Subject } from "../types";
import { named, short } from "../words";

/** Groups whose services lose their last health check: a broken version would pass for a good one. */
export function examineChecks({ jobs }: Subject): readonly Finding[] {
  return jobs.flatMap(({ id, stack, address, before, after }): readonly Finding[] => {
    if (before === undefined || after === undefined) return [];
    const [was, is] = [checksOf(before), checksOf(after)];
    const lost = [...was].filter(([group, checks]) => checks > 0 && is.get(group) === 0).map(([group]) => short(group));
    if (lost.length === 0) return [];
    return [
      {
        id: "jobs/no-check",
        severity: "warning",
        stack,
        resource: address,
        about: `job ${short(id)}`,
        reason: `has no health check any more in ${named("group", lost)}`,
        fix: "keep a check, so that a deployment knows a broken version",
      },
    ];
  });
}

function checksOf(job: JobJson): ReadonlyMap<string, number> {
  return new Map(
    job.TaskGroups.map(partOf).map((group) => {
      const services = [
        ...list(group["Services"]),
        ...list(group["Tasks"]).flatMap((task) => list(partOf(task)["Services"])),
      ];
      return [String(group["Name"]), services.flatMap((service) => list(partOf(service)["Checks"])).length];
    }),
  );
}
