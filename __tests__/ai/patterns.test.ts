import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { placeable } from "../../constructs/jobspec/placement/placeable";
import { renderJob } from "../../constructs/jobspec/render";
import { patterns } from "./patterns";
import { fleetOf, jobsOf } from "./patterns/pattern";

describe.each(Object.entries(patterns))("pattern %s", (name, pattern) => {
  const jobs = jobsOf(pattern);

  test("keeps the golden file of its jobs", () => {
    const path = join(__dirname, "golden", `${name}.json`);
    const text = `${JSON.stringify(jobs.map(renderJob), null, 2)}\n`;
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(path, text);
    expect(existsSync(path) ? readFileSync(path, "utf8") : "").toBe(text);
  });

  test("has a place for every group in the pool that it names", () => {
    expect(jobs.length).toBeGreaterThan(0);
    for (const job of jobs) {
      const pools = placeable({ ...job, region: pattern.region }, fleetOf(pattern));
      for (const group of pools) {
        const own = group.pools.find(({ pool }) => pool === job.nodePool);
        const doubts = pattern.doubts?.[job.id] ?? [];
        const found = { verdict: own?.verdict, doubts: own?.doubts.map((doubt) => doubt.unknown) };
        expect({ job: job.id, group: group.group, ...found }).toEqual({
          job: job.id,
          group: group.group,
          verdict: doubts.length === 0 ? "yes" : "perhaps",
          doubts,
        });
      }
    }
  });
});
