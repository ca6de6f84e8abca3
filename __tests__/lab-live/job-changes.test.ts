import { renderJob } from "../../constructs/jobspec/render";
import type { JobChange } from "../../review/jobs/changes";
import { classifyJob } from "../../review/jobs/classify";
import { withNomadsWord } from "../../review/jobs/nomad-plan";
import { type NomadAgents, startNomad } from "../helpers/nomad-agents";
import { describeWithTool } from "../helpers/tools";
import { changedJobs, changesOf } from "../review/job-changes";

jest.setTimeout(180_000);

describeWithTool("nomad", "changes of jobs that run in a real Nomad", (nomad) => {
  let agents: NomadAgents;

  beforeAll(async () => {
    agents = await startNomad({ nomad, clients: [{ name: "a" }, { name: "b" }] });
    for (const job of Object.values(changedJobs)) await agents.post("/v1/jobs", { Job: renderJob(job) });
    for (const { id } of Object.values(changedJobs)) await running(agents, id);
  });
  afterAll(async () => await agents.stop());

  test.each(Object.entries(changedJobs))("are told apart as its plan tells them: %s", async (_name, job) => {
    const wrong: unknown[] = [];
    const changes = changesOf(job);
    for (const { name, change } of changes) {
      const changed = change(job);
      const [before, after] = [renderJob(job), renderJob(changed)];
      const ours = classifyJob(before, after);
      const base = { stack: "jobs", address: "nomad_job.one", id: job.id, namespace: "default" };
      const asRules: JobChange = { ...base, before, after, groups: ours, decidedBy: "rules" };
      const asked = withNomadsWord(asRules, await agents.plan(after));
      expect(asked.decidedBy).toBe("nomad");
      for (const [index, { group, verdict, causes }] of ours.entries()) {
        const nomads = asked.groups[index]?.verdict;
        if (nomads !== verdict) wrong.push({ name, group, nomad: nomads, steppe: verdict, causes });
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
