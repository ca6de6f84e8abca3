import type { JobChange } from "../../jobs/changes";
import type { Finding, Subject } from "../types";

/** Jobs of which the resource stays while Nomad's id becomes another: the old job is stopped, and a new one begins. */
export function examineJobIds({ jobs, changes }: Subject): readonly Finding[] {
  const staying = new Set(
    changes
      .filter(({ action }) => action === "update" || action === "replace")
      .map(({ stack, address }) => `${stack}\n${address}`),
  );
  return jobs.flatMap((job): readonly Finding[] => {
    const [was, is] = [nameOf(job.before), nameOf(job.after)];
    if (was === undefined || is === undefined || was === is || !staying.has(`${job.stack}\n${job.address}`)) return [];
    return [
      {
        id: "ids/renamed",
        severity: "warning",
        stack: job.stack,
        resource: job.address,
        reason: `is job ${is} instead of ${was}: the old one is stopped, and a new one begins without its history and variables`,
        fix: `keep the job's id, or run ${is} beside ${was} until its callers have moved`,
      },
    ];
  });
}

/** True for a job that a finding above tells of. */
export function isOtherJob({ before, after }: JobChange): boolean {
  return before !== undefined && after !== undefined && nameOf(before) !== nameOf(after);
}

function nameOf(job: JobChange["before"]): string | undefined {
  if (job === undefined) return undefined;
  const namespace: unknown = job["Namespace"];
  return `${typeof namespace === "string" && namespace !== "default" && namespace !== "" ? `${namespace}/` : ""}${job.ID}`;
}
