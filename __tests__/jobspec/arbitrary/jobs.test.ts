import fc from "../../helpers/properties";
import { ValidationError } from "../../../constructs/core/problems";
import { toHcl } from "../../../constructs/jobspec/hcl";
import type { Job } from "../../../constructs/jobspec/job";
import { parseJob } from "../../../constructs/jobspec/parse";
import { renderJob } from "../../../constructs/jobspec/render";
import { JobTypes } from "../corpus/types";
import { job } from "./jobs";

const runs = { seed: 20_26, numRuns: 200 };

describe("generated jobs", () => {
  test("are read back as they were rendered, with nothing left over", () => {
    fc.assert(
      fc.property(job, (given) => {
        const json = renderJob(given);
        const back = parseJob(json);
        expect(back.problems).toEqual([]);
        expect(JSON.stringify(renderJob(back.job))).toBe(JSON.stringify(json));
        expect(JSON.stringify(renderJob(parseJob({ Job: json }).job))).toBe(JSON.stringify(json));
      }),
      runs,
    );
  });

  test("can be written as HCL, but for names and text that HCL does not have", () => {
    fc.assert(
      fc.property(job, (given) => {
        const text = written(given);
        expect(text).toMatch(/^(job "|the jobspec as HCL is not valid\n(.|\n)*cannot be written in HCL)/);
      }),
      runs,
    );
  });

  test("have at least 40 percent of all that jobs can have", () => {
    const types = new JobTypes();
    const used = new Set(fc.sample(job, runs).flatMap((given) => [...types.used(given)]));
    expect(used.size / types.everything().size).toBeGreaterThan(0.4);
  });
});

/** A job as HCL, or why it cannot be. */
function written(given: Job): string {
  try {
    return toHcl(given);
  } catch (error) {
    if (error instanceof ValidationError) return error.message;
    throw error;
  }
}
