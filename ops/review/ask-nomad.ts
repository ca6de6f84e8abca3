import type { Subject } from "../../review/findings/types";
import type { JobChange } from "../../review/jobs/changes";
import { withNomadsWord } from "../../review/jobs/nomad-plan";
import { failureOf, healthyServer, type NomadAccess, nomadRequests } from "../nomad-api";

/** Jobs that are asked about at the same time. */
const AT_ONCE = 4;

/**
 * Has the Nomad of each region plan the changed jobs, and takes its word. Changes nothing there.
 *
 * Jobs that come or go need no question, those with values that only Terraform knows cannot be asked about.
 * @returns the subject with Nomad's verdicts, and one note per region or job that gave none.
 */
export async function askNomad(
  subject: Subject,
  access: NomadAccess,
): Promise<{ readonly subject: Subject; readonly notes: readonly string[] }> {
  const notes: string[] = [];
  const servers = new Map<string, string | undefined>();
  for (const region of new Set(subject.jobs.filter(isAsked).map((job) => job.region ?? ""))) {
    const server = await healthyServer(access, region);
    servers.set(region, "address" in server ? server.address : undefined);
    if ("failures" in server) notes.push(`the Nomad of region ${region} was not asked: ${server.failures.join("; ")}`);
  }
  const asked = async (job: JobChange): Promise<JobChange> => {
    const address = servers.get(job.region ?? "");
    if (!isAsked(job) || address === undefined) return job;
    const [answer] = await nomadRequests(access, [planUrl(address, job)], "PUT", { Job: job.after, Diff: false });
    if (answer?.status === 200 && "body" in answer) return withNomadsWord(job, answer.body);
    notes.push(`Nomad did not plan job ${job.id}: ${answer === undefined ? "no answer" : failureOf(answer)}`);
    return job;
  };
  const jobs: JobChange[] = [];
  for (let at = 0; at < subject.jobs.length; at += AT_ONCE)
    jobs.push(...(await Promise.all(subject.jobs.slice(at, at + AT_ONCE).map(asked))));
  return { subject: { ...subject, jobs }, notes };
}

function isAsked({ before, after, unresolved }: JobChange): boolean {
  return before !== undefined && after !== undefined && unresolved !== true;
}

function planUrl(address: string, { id, namespace }: JobChange): string {
  return `${address}/v1/job/${encodeURIComponent(id)}/plan?namespace=${encodeURIComponent(namespace)}`;
}
