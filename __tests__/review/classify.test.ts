import type { Job } from "../../constructs/jobspec/job";
import { renderJob } from "../../constructs/jobspec/render";
import { classifyJob } from "../../review/jobs/classify";
import { changedJobs } from "./job-changes";

const { plain, canaries } = changedJobs as { readonly plain: Job; readonly canaries: Job };
const verdicts = (before: Job | undefined, after: Job | undefined) =>
  classifyJob(before && renderJob(before), after && renderJob(after)).map(({ group, verdict, count, causes }) => [
    group,
    verdict,
    `${count.before} → ${count.after}`,
    ...causes.map(({ path }) => path),
  ]);
const web = (job: Job, change: object): Job => ({ ...job, groups: { web: { ...job.groups["web"]!, ...change } } });

describe("classifyJob", () => {
  test("knows a job that comes, goes, or is the same in other words", () => {
    expect(verdicts(undefined, plain)).toEqual([["web", "create", "0 → 2"]]);
    expect(verdicts(plain, undefined)).toEqual([["web", "destroy", "2 → 0"]]);
    expect(verdicts(plain, { ...plain, type: "service", priority: 50, datacenters: ["*"] })).toEqual([
      ["web", "unchanged", "2 → 2"],
    ]);
  });

  test("says what replaces allocations, and what does not", () => {
    const { tasks } = plain.groups["web"]!;
    const task = { ...tasks["web"]!, env: { MODE: "b" }, resources: { cpu: "30MHz", memory: "20MiB" } };
    expect(verdicts(plain, web(plain, { tasks: { web: task } }))).toEqual([
      ["web", "destructive", "2 → 2", "tasks.web.env", "tasks.web.resources"],
    ]);
    expect(verdicts(plain, web(plain, { count: 3, shutdownDelay: "9s" }))).toEqual([["web", "in-place", "2 → 3"]]);
    expect(verdicts(plain, { ...plain, nodePool: "other" })).toEqual([["web", "destructive", "2 → 2", "nodePool"]]);
  });

  test("takes the meta of the job for that of its tasks", () => {
    expect(verdicts(plain, { ...plain, meta: { owner: "b" } })).toEqual([
      ["web", "destructive", "2 → 2", "tasks.web.meta"],
    ]);
    expect(verdicts(plain, { ...plain, meta: { team: "b" } })).toEqual([["web", "in-place", "2 → 2"]]);
  });

  test("has canaries first", () => {
    const changed = web(canaries, { ephemeralDisk: { size: "30MiB" } });
    expect(classifyJob(renderJob(canaries), renderJob(changed))).toMatchObject([
      { group: "web", verdict: "canary", canaries: 1 },
    ]);
  });
});
