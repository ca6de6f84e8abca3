import {
  cacheEnvironment,
  cacheProblems,
  evictionJob,
  type ModelCacheOptions,
  prewarmJob,
} from "../../constructs/ai/model-cache-jobs";
import { checkJob } from "../../constructs/jobspec/validate";

const options: ModelCacheOptions = {
  name: "models",
  place: "shared",
  nodePool: "general",
  models: [
    { repository: "acme/a", revision: "1234abc" },
    { repository: "acme/b", files: ["*.json"] },
  ],
  tokenVariable: "nomad/jobs/prewarm-models",
};
const local: ModelCacheOptions = { ...options, place: "node-local" };

test.each([
  ["shared", options, "batch"],
  ["node-local", local, "sysbatch"],
])("jobs of a %s cache break no rule", (_, cache, type) => {
  const jobs = [prewarmJob(cache), evictionJob(cache)].filter((job) => job !== undefined);
  expect(jobs.map((job) => [job.id, job.type])).toEqual([
    ["prewarm-models", type],
    ["evict-models", type],
  ]);
  for (const job of jobs) expect(checkJob(job).problems).toEqual([]);
});

test("another list of models is fetched again, another schedule of eviction is not", () => {
  const metaOf = (more: Partial<ModelCacheOptions>) => prewarmJob({ ...options, ...more })?.meta;
  expect(metaOf({ models: [{ repository: "acme/c" }] })).not.toEqual(metaOf({}));
  expect(prewarmJob({ ...options, evictionSchedule: "0 1 * * *" })).toEqual(prewarmJob(options));
});

test("nothing is fetched where no model is named", () => {
  expect(prewarmJob({ ...options, models: [] })).toBeUndefined();
});

test("a task that only reads fails at once for what is not there", () => {
  expect(cacheEnvironment("/models", true)).toMatchObject({ HF_HOME: "/models", HF_HUB_OFFLINE: "1" });
  expect(cacheEnvironment("/models", false)).not.toHaveProperty("HF_HUB_OFFLINE");
});

test("says all that is wrong with numbers and models at once", () => {
  const models = [
    { repository: "acme/a b" },
    { repository: "acme/c", revision: "--force", files: ["*.json", "*.bin *.pt"] },
  ];
  const problems = cacheProblems({ ...options, models, maxAgeDays: -1, maxMiB: 0.5, graceHours: -2 });
  expect(problems.map(({ path, got }) => [path, got])).toEqual([
    ["maxAgeDays", -1],
    ["maxMiB", 0.5],
    ["graceHours", -2],
    ["models.0.repository", "acme/a b"],
    ["models.1.revision", "--force"],
    ["models.1.files.1", "*.bin *.pt"],
  ]);
  expect(cacheProblems(options)).toEqual([]);
});
