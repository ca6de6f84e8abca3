import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { toHcl } from "../../constructs/jobspec/hcl";
import type { Job } from "../../constructs/jobspec/job";
import { parseJob } from "../../constructs/jobspec/parse";
import { renderJob } from "../../constructs/jobspec/render";
import type { ApiJob } from "../helpers/nomad-api";
import { describeWithTool } from "../helpers/tools";
import { patterns } from "../ai/patterns";
import { jobsOf } from "../ai/patterns/pattern";
import { corpus } from "../jobspec/corpus";
import { unknownKeys } from "../jobspec/corpus/api-keys";
import { changes, differences, failures, type JobServer, startJobServer } from "../jobspec/corpus/nomad-server";
import { JobTypes } from "../jobspec/corpus/types";
import { enterpriseJobs, newerJobs } from "../jobspec/corpus/unproven";
import { jobs as golden } from "../jobspec/jobs";
import { refused } from "../jobspec/refused";

/** Jobs of patterns in the region and a pool of the server here. Two patterns may have a job of one id. */
const ofPatterns = Object.entries(patterns).flatMap(([name, pattern]) =>
  jobsOf(pattern).map(({ region: _there, ...job }): Job => ({ ...job, id: `${name}-${job.id}`, nodePool: "gpu" })),
);
const all: readonly Job[] = [...corpus, ...Object.values(golden), ...ofPatterns];
const run = promisify(execFile);

const none = { Type: "None" };

/** What the servers write into a job, or a part of it, when it is registered again. */
const marks = new Set(["CreateIndex", "ModifyIndex", "JobModifyIndex", "SubmitTime", "Status", "StatusDescription"]);

/** A job without the marks of its registration. One that scales is a new version each time, whatever it says. */
function unmarked(job: ApiJob): ApiJob {
  const isScaled = (job["TaskGroups"] as readonly ApiJob[]).some(({ Scaling }) => Scaling !== null);
  const keep = (key: string, value: unknown) => (marks.has(key) || (isScaled && key === "Version") ? undefined : value);
  return JSON.parse(JSON.stringify(job), keep) as ApiJob;
}

/** A job with each constraint once: the servers add those that Vault and Consul need, also beside the very same ones. */
function once(job: ApiJob): unknown {
  const unique = (key: string, value: unknown): unknown =>
    key === "Constraints" && Array.isArray(value)
      ? [...new Set(value.map((one) => JSON.stringify(one)))].map((text) => JSON.parse(text) as unknown)
      : value;
  return { ...(JSON.parse(JSON.stringify(job), unique) as ApiJob), Version: undefined };
}

function isScaled(job: Job): boolean {
  return Object.values(job.groups).some(({ scaling }) => scaling !== undefined);
}

/** What of a job is not as it was when it comes back from Nomad. */
function lost(job: Job, json: ApiJob): unknown {
  const back = parseJob(json);
  return back.problems.length > 0 ? back.problems : differences(renderJob(job), renderJob(back.job));
}

describeWithTool("nomad", "jobs and the real nomad", (nomad) => {
  let server: JobServer;
  let directory: string;
  const fileOf = (job: Job) => join(directory, `${all.indexOf(job)}.nomad.hcl`);

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "steppe-jobspec-"));
    for (const job of all) writeFileSync(fileOf(job), toHcl(job));
    server = await startJobServer(nomad);
  }, 120_000);
  afterAll(async () => {
    await server.stop();
    rmSync(directory, { recursive: true });
  }, 60_000);

  test("the HCL is formatted as nomad fmt would", () => {
    const changed = execFileSync(nomad, ["fmt", "-write=false", "-list", directory], { encoding: "utf8" });
    expect(changed).toBe("");
  });

  test("nomad job run -output reads the HCL as the same job, with keys that all have a place", async () => {
    const output = async (job: Job) => {
      const { stdout } = await run(nomad, ["job", "run", "-output", fileOf(job)]);
      return JSON.parse(stdout) as ApiJob;
    };
    const jobs = new JobTypes().covering(all, 150);
    const check = async (job: Job) => {
      const json = await output(job);
      return [lost(job, json), unknownKeys(json["Job"] as ApiJob)].flat();
    };
    expect(await failures(jobs, check, 2)).toEqual({});
  }, 180_000);

  test("an agent reads the HCL as the same job", async () => {
    expect(await failures(all, async (job) => lost(job, await server.api.parseHcl(toHcl(job))))).toEqual({});
  }, 60_000);

  test("an agent accepts the JSON", async () => {
    expect(await failures(all, async (job) => (await server.api.validate(renderJob(job))).Error)).toEqual({});
  }, 60_000);

  test("JSON, HCL and what is read back are one job once the servers have filled it in", async () => {
    const found = await failures(all, async (job) => {
      const stored = unmarked(await server.register(renderJob(job)));
      const read = await server.api.parseHcl(toHcl(job));
      const back = parseJob(stored);
      if (back.problems.length > 0) return back.problems;
      let { Diff: diff } = await server.api.plan(read);
      // Nomad says of scaling that it is edited even when the very same job is planned.
      if (isScaled(job)) diff = changes(diff, (await server.api.plan(renderJob(job))).Diff).length === 0 ? none : diff;
      return [
        diff?.["Type"] === "None" ? [] : [diff],
        changes(stored, unmarked(await server.register(read))),
        changes(once(stored), once(unmarked(await server.register(renderJob(back.job))))),
      ].flat();
    });
    expect(found).toEqual({});
  }, 120_000);

  test.each(Object.entries(refused))("refuses, as we do: %s", async (_name, job) => {
    expect(await server.refusal(renderJob(job))).toBeDefined();
  });

  test.each(enterpriseJobs.map((job) => [job.id, job] as const))("refuses %s, as Enterprise only", async (_id, job) => {
    expect(await server.refusal(renderJob(job))).toMatch(/enterprise|second/i);
  });

  test("reads what only later versions act on", async () => {
    expect(await failures(newerJobs, async (job) => lost(job, await server.api.parseHcl(toHcl(job))))).toEqual({});
  });
});
