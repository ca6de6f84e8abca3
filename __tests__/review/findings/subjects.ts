import { terraformLiteral } from "../../../constructs/core/literal";
import type { Job } from "../../../constructs/jobspec/job";
import { renderJob } from "../../../constructs/jobspec/render";
import type { Fleet } from "../../../model/types";
import { sentence } from "../../../review/findings/sentence";
import type { Examiner, Subject } from "../../../review/findings/types";
import type { Json } from "../../../review/json";
import type { Snapshot } from "../../../review/source/snapshot";
import { synthSubject } from "../../../review/subject";

/** What a commit is made of: resources by type and name, all in one stack. */
export interface Commit {
  readonly fleet?: Fleet;
  readonly resources?: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly jobs?: readonly Job[];
}

export const STACK = "small-jobs-north";

/** A commit as it is synthesized. */
export function snapshotOf({ fleet, resources = {}, jobs = [] }: Commit): Snapshot {
  const nomadJobs = Object.fromEntries(
    jobs.map((job) => [job.id, { json: true, jobspec: terraformLiteral(JSON.stringify(renderJob(job))) }]),
  );
  const document = {
    provider: { nomad: [{ region: "north" }] },
    resource: { ...resources, ...(jobs.length > 0 && { nomad_job: nomadJobs }) },
  };
  return { ...(fleet !== undefined && { fleet }), stacks: [{ name: STACK, document, dependencies: [] }] };
}

/** A change from one commit to another. */
export function changeOf(before: Commit, after: Commit): Subject {
  return synthSubject(snapshotOf(before), snapshotOf(after));
}

/** What an examiner says of a change: severity and id, what it is about, and why. */
export function saidOf(examiner: Examiner, before: Commit, after: Commit): readonly string[] {
  return examiner(changeOf(before, after)).map(
    (finding) => `${finding.severity} ${finding.id}: ${finding.resource} ${sentence(finding)}`,
  );
}

/** The same without the reasons. */
export function idsOf(examiner: Examiner, before: Commit, after: Commit): readonly string[] {
  return examiner(changeOf(before, after)).map(({ severity, id, resource }) => `${severity} ${id} ${resource}`);
}
