import type { Job } from "../../constructs/jobspec/job";
import { renderJob } from "../../constructs/jobspec/render";
import { classifyJob, type GroupVerdict } from "../../review/jobs/classify";
import { type NomadAgents, startNomad } from "../helpers/nomad-agents";
import { describeWithTool } from "../helpers/tools";
import { changedJobs, changesOf } from "../review/job-changes";

jest.setTimeout(180_000);

/** What Nomad would do with a group, as its plan says. */
interface Desired {
  readonly Ignore: number;
  readonly Place: number;
  readonly Stop: number;
  readonly InPlaceUpdate: number;
  readonly DestructiveUpdate: number;
  readonly Canary: number;
}

/** Nomad's verdict on a group in our words. */
function verdictOf(
  isSystem: boolean,
  desired: Desired | undefined,
  isThere: { readonly before: boolean; readonly after: boolean },
): GroupVerdict {
  if (desired === undefined) return "unchanged";
  if (!isThere.before) return "create";
  if (!isThere.after) return "destroy";
  if (desired.Canary > 0) return "canary";
  if (desired.DestructiveUpdate > 0) return "destructive";
  // New allocations come first, within `maxParallel`; the old ones are left for later, which those that go on are not.
  if (!isSystem && desired.Place > 0 && desired.Ignore > 0 && desired.InPlaceUpdate === 0) return "destructive";
  return desired.InPlaceUpdate > 0 ? "in-place" : "unchanged";
}

describeWithTool("nomad", "changes of jobs that run in a real Nomad", (nomad) => {
  let agents: NomadAgents;

  beforeAll(async () => {
    agents = await startNomad({ nomad, clients: [{ name: "a" }, { name: "b" }] });
    for (const job of Object.values(changedJobs)) await agents.post("/v1/jobs", { Job: renderJob(job) });
    for (const { id } of Object.values(changedJobs)) await running(agents, id);
  });
  afterAll(async () => await agents.stop());

  const desiredBy = async (job: Job) => {
    const plan = (await agents.plan(renderJob(job))) as unknown as {
      readonly Annotations: { readonly DesiredTGUpdates: Readonly<Record<string, Desired>> | null };
    };
    return plan.Annotations.DesiredTGUpdates ?? {};
  };

  test.each(Object.entries(changedJobs))("are told apart as its plan tells them: %s", async (_name, job) => {
    const wrong: unknown[] = [];
    const changes = changesOf(job);
    for (const { name, change } of changes) {
      const changed = change(job);
      const desired = await desiredBy(changed);
      for (const { group, verdict, causes } of classifyJob(renderJob(job), renderJob(changed))) {
        const isThere = { before: group in job.groups, after: group in changed.groups };
        const nomads = verdictOf(job.type === "system", desired[group], isThere);
        if (nomads !== verdict)
          wrong.push({ name, group, nomad: nomads, steppe: verdict, causes, desired: desired[group] });
      }
    }
    process.stdout.write(`job changes: ${changes.length} of job ${job.id}\n`);
    expect(wrong).toEqual([]);
  });
});

async function running(agents: NomadAgents, id: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const found = (await agents.get(`/v1/job/${id}/allocations`)) as readonly { readonly ClientStatus: string }[];
    if (found.length > 0 && found.every(({ ClientStatus }) => ClientStatus === "running")) return;
    if (Date.now() > deadline) throw new Error(`job ${id} does not run: ${JSON.stringify(found)}`);
    await new Promise((done) => setTimeout(done, 300));
  }
}
