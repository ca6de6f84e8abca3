/** What the jobspec costs per job, in one process: prints one line of JSON. */
import { toHcl } from "../constructs/jobspec/hcl";
import type { Job } from "../constructs/jobspec/job";
import { renderJob } from "../constructs/jobspec/render";
import { validateJob } from "../constructs/jobspec/validate";
import { jobs as examples } from "../examples/jobs/index";

const count = Number(process.env["STEPPE_BENCH_JOBS"] ?? "5000");
const typical = Object.values(examples);

/** Jobs of their own, so that nothing is remembered by object. */
const jobs = Array.from({ length: count }, (_item, index): Job => {
  const job = structuredClone(typical[index % typical.length] as Job);
  return { ...job, id: `${job.id}-${index}` };
});

/** CPU milliseconds per job. */
function cost(work: (job: Job) => unknown): number {
  const before = process.cpuUsage();
  for (const job of jobs) kept.push(work(job));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / count;
}

const kept: unknown[] = [];
for (const job of typical) kept.push(renderJob(job), validateJob(job));
const render = cost((job) => JSON.stringify(renderJob(job)));
const rules = cost(validateJob);
const hcl = cost(toHcl);
const rss = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ count, render, rules, hcl, rss, kept: kept.length }));
