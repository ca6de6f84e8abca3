/** What the jobspec costs per job, in one process: prints one line of JSON. */
import { jobFitsFleet } from "../constructs/jobspec/fleet-fit";
import { toHcl } from "../constructs/jobspec/hcl";
import type { Job } from "../constructs/jobspec/job";
import { renderJob } from "../constructs/jobspec/render";
import { validateJob } from "../constructs/jobspec/validate";
import { fleet } from "../examples/fleet";
import { jobs as examples } from "../examples/jobs/index";
import { placed } from "../examples/workloads";

const count = Number(process.env["STEPPE_BENCH_JOBS"] ?? "5000");
const typical = Object.values(examples);

/** Jobs of their own, so that nothing is remembered by object. */
const jobs = copies(typical);
/** The same with the region and the pool that they have in the fleet of the examples. */
const inFleet = copies(
  Object.entries(placed).flatMap(([region, ofRegion]) => Object.values(ofRegion).map((job) => ({ ...job, region }))),
);

function copies(list: readonly Job[]): readonly Job[] {
  return Array.from({ length: count }, (_item, index): Job => {
    const job = structuredClone(list[index % list.length] as Job);
    return { ...job, id: `${job.id}-${index}` };
  });
}

/** CPU milliseconds per job. */
function cost(work: (job: Job) => unknown, list = jobs): number {
  const before = process.cpuUsage();
  for (const job of list) kept.push(work(job));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / count;
}

const kept: unknown[] = [];
for (const job of typical) kept.push(renderJob(job), validateJob(job));
const render = cost((job) => JSON.stringify(renderJob(job)));
const rules = cost(validateJob);
const placement = cost((job) => jobFitsFleet(job, fleet), inFleet);
const hcl = cost(toHcl);
const rss = process.resourceUsage().maxRSS / 1024;
process.stdout.write(JSON.stringify({ count, render, rules, placement, hcl, rss, kept: kept.length }));
