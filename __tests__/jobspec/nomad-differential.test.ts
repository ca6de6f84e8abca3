import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderJob } from "../../constructs/jobspec/render";
import { validateJob } from "../../constructs/jobspec/validate";
import { isError } from "../../constructs/core/problems";
import { describeWithTool } from "../helpers/tools";
import { jobs } from "./jobs";
import { refused } from "./refused";

describeWithTool("nomad", "the real nomad", (nomad) => {
  let directory: string;
  const environment = { PATH: process.env["PATH"] ?? "", NOMAD_ADDR: "http://127.0.0.1:9" };

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "steppe-jobspec-"));
  });
  afterAll(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  function write(name: string, job: unknown): string {
    const path = join(directory, `${name}.json`);
    writeFileSync(path, JSON.stringify(job));
    return path;
  }

  test.each(Object.entries(jobs))("accepts %s", (name, job) => {
    const result = spawnSync(nomad, ["job", "validate", "-json", write(name, renderJob(job))], {
      env: environment,
      encoding: "utf8",
    });
    expect(result.stdout + result.stderr).toContain("Job validation successful");
  });

  test.each(Object.entries(jobs))("understands every key of %s", (name, job) => {
    const json = renderJob(job);
    const output = execFileSync(nomad, ["job", "run", "-output", "-json", write(name, json)], {
      env: environment,
      encoding: "utf8",
    });
    expect((JSON.parse(output) as { Job: unknown }).Job).toMatchObject(json);
  });

  test.each(Object.entries(refused))("refuses, as we do: %s", (name, job) => {
    expect(validateJob(job).some(isError)).toBe(true);
    const result = spawnSync(nomad, ["job", "validate", "-json", write("refused", renderJob(job))], {
      env: environment,
      encoding: "utf8",
    });
    expect({ name, status: result.status === 0 }).toEqual({ name, status: false });
  });
});
