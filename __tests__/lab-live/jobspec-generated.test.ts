import * as fc from "fast-check";
import { AssumptionError, isError, type Problem, ValidationError } from "../../constructs/core/problems";
import { toHcl } from "../../constructs/jobspec/hcl";
import type { Job } from "../../constructs/jobspec/job";
import { parseJob } from "../../constructs/jobspec/parse";
import { type JobJson, renderJob } from "../../constructs/jobspec/render";
import { validateJob } from "../../constructs/jobspec/validate";
import { describeWithTool } from "../helpers/tools";
import { job } from "../jobspec/arbitrary/jobs";
import { mutated } from "../jobspec/arbitrary/mutations";
import { again, differences, failures, type JobServer, startJobServer } from "../jobspec/corpus/nomad-server";
import { explanation, knownDifferences } from "../jobspec/known-differences";

/** Other jobs: STEPPE_JOBS_SEED=7 STEPPE_JOBS_COUNT=20000 npm run test:lab -- jobspec-generated */
const seed = Number(process.env["STEPPE_JOBS_SEED"] ?? 2026);
const numRuns = Math.ceil(Number(process.env["STEPPE_JOBS_COUNT"] ?? 400) / 2);
/** Our errors, without the rules that are Steppe's alone. */
function errors(given: Job): readonly Problem[] {
  return validateJob(given).filter((problem) => isError(problem) && problem.name === undefined);
}

/** A job as HCL; undefined for one whose names or text HCL does not have. */
function written(given: Job): string | undefined {
  try {
    return toHcl(given);
  } catch (error) {
    if (error instanceof ValidationError) return undefined;
    throw error;
  }
}

/** A job as JSON; undefined for one whose durations or sizes are none. */
function rendered(given: Job): JobJson | undefined {
  try {
    return renderJob(given);
  } catch (error) {
    if (error instanceof AssumptionError) return undefined;
    throw error;
  }
}

describeWithTool("nomad", "generated jobs and the real nomad", (nomad) => {
  let server: JobServer;
  beforeAll(async () => {
    server = await startJobServer(nomad);
  }, 120_000);
  afterAll(async () => await server.stop(), 60_000);

  /** What Nomad makes of the HCL of a job that is not as it was. */
  async function lost(given: Job): Promise<unknown> {
    const text = written(given);
    if (text === undefined) return [];
    const back = parseJob(await again(async () => await server.api.parseHcl(text)));
    return [...back.problems, ...differences(renderJob(given), renderJob(back.job))];
  }

  /** Nomad's words against a job; empty where it has none. Where validation does not look, registration may. */
  async function refusal(given: Job, isLikely: boolean): Promise<string> {
    const json = rendered(given);
    if (json === undefined) return "cannot be rendered";
    if (isLikely) return (await server.refusal(json)) ?? "";
    return await again(async () => await server.api.validate(json)).then(({ Error: words }) => words, String);
  }

  /** Who of both refuses what the other does not. */
  async function disagreement(given: Job): Promise<unknown> {
    const ours = errors(given);
    const theirs = await refusal(given, ours.length > 0);
    if (ours.length > 0 === (theirs !== "")) return undefined;
    return explanation(ours, theirs) === undefined ? { ours, theirs } : undefined;
  }

  /** What is wrong with some jobs, by their place among all, and how many of them are valid. */
  async function judge(jobs: fc.Arbitrary<Job>): Promise<{ readonly wrong: object; readonly valid: number }> {
    const all = fc.sample(jobs, { seed, numRuns }).map((given, index) => ({ id: `seed ${seed}, ${index}`, given }));
    let valid = 0;
    const wrong = await failures(all, async ({ given }) => {
      const found = await disagreement(given);
      if (found !== undefined || errors(given).length > 0) return found;
      valid += 1;
      return await lost(given);
    });
    return { wrong, valid };
  }

  test("are the same in HCL and JSON, and valid for both or for neither", async () => {
    const { wrong, valid } = await judge(job);
    expect(wrong).toEqual({});
    expect(valid).toBeGreaterThan(numRuns * 0.9);
  }, 500_000);

  test("with mistakes put in, are still valid for both or for neither", async () => {
    const { wrong, valid } = await judge(mutated(job));
    expect(wrong).toEqual({});
    expect(valid).toBeGreaterThan(numRuns * 0.2);
    expect(valid).toBeLessThan(numRuns * 0.7);
  }, 500_000);

  test.each(knownDifferences.map((one) => [one.name, one] as const))(
    "still differ as is known: %s",
    async (_name, { example, explains }) => {
      const ours = errors(example);
      const theirs = await refusal(example, ours.length > 0);
      expect(ours.length > 0).not.toBe(theirs !== "");
      expect(explains(ours, theirs)).toBe(true);
    },
  );
});
