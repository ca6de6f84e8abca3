import { createRequire } from "node:module";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { transpileModule, ModuleKind } from "typescript";
import type { Job } from "../../constructs/jobspec/job";
import { toHcl } from "../../constructs/jobspec/hcl";
import { renderJob } from "../../constructs/jobspec/render";
import { importJob, jobModule } from "../../ops/import-job";
import { UserError } from "../../ops/errors";
import { describeWithTool } from "../helpers/tools";
import { jobs } from "../jobspec/jobs";

const project = join(__dirname, "..", "..");
const seeds = join(project, "examples", "seeds");
const target = join(project, "fleets", "job.ts");

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "steppe-import-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

/** Runs a module that exports one job. */
function evaluate(source: string): Job {
  const { outputText } = transpileModule(source, { compilerOptions: { module: ModuleKind.CommonJS } });
  const exports: Record<string, Job> = {};
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- source that was just printed
  const run = new Function("exports", "require", outputText) as (e: object, r: NodeJS.Require) => void;
  run(exports, createRequire(target));
  return Object.values(exports)[0] as Job;
}

async function failure(run: Promise<unknown>): Promise<UserError> {
  return (await run.then(
    () => undefined,
    (error: unknown) => error,
  )) as UserError;
}

describe("importJob from JSON", () => {
  test.each(Object.entries(jobs))("reads and prints %s so that it renders the same", async (name, job) => {
    const { job: read } = await importJob({
      file: file(`${name}.json`, JSON.stringify({ Job: renderJob(job) })),
      env: {},
    });
    const source = await jobModule(read, `${name}.json`, target, project);
    expect(renderJob(evaluate(source))).toEqual(renderJob(job));
  });

  test("prints references through their helpers and unknown drivers by name", async () => {
    const job = {
      ID: "a-b",
      Constraints: [
        { LTarget: "${attr.cpu.arch}", Operand: "=", RTarget: "arm64" },
        { LTarget: "${attr.some.thing}", Operand: "is_set" },
        { LTarget: "${meta.rack}", Operand: "!=", RTarget: "r1" },
      ],
      TaskGroups: [{ Name: "g", Tasks: [{ Name: "t", Driver: "mine", Config: { a: 1 } }] }],
    };
    const { job: read } = await importJob({ file: file("refs.json", JSON.stringify(job)), env: {} });
    expect(await jobModule(read, "refs.json", target, project)).toMatchInlineSnapshot(`
     "import { pluginDriver } from "../constructs/jobspec/driver";
     import type { Job } from "../constructs/jobspec/job";
     import { attr, meta } from "../constructs/jobspec/references";

     /** Imported from refs.json. */
     export const aB: Job = {
       id: "a-b",
       constraints: [
         { attribute: attr.cpu.arch, value: "arm64" },
         { attribute: attr.custom("some.thing"), operator: "is_set" },
         { attribute: meta("rack"), operator: "!=", value: "r1" },
       ],
       groups: { g: { tasks: { t: { driver: pluginDriver("mine"), config: { a: 1 } } } } },
     };
     "
    `);
  });

  test("refuses what a typed job cannot hold, with all of it named", async () => {
    const job = {
      ID: "a",
      Multiregion: { Regions: [{ Name: "x" }] },
      TaskGroups: [{ Name: "g", Tasks: [{ Name: "t", Driver: "exec", Resources: { NUMA: { Affinity: "require" } } }] }],
    };
    const error = await failure(importJob({ file: file("numa.json", JSON.stringify(job)), env: {} }));
    expect(error).toBeInstanceOf(UserError);
    expect(error.problems.map(({ path, fix }) => [path, fix])).toEqual([
      ["groups.g.tasks.t.resources", "it is Nomad Enterprise's; remove numa, or ask for cores"],
      ["job", "it is Nomad Enterprise's; register the job once per region (inRegions)"],
    ]);
  });

  test.each([
    ["a file that does not exist", "nowhere.json", undefined, /does not exist/],
    ["text that is no JSON", "broken.json", "{", /is no JSON/],
    ["JSON that is no job", "empty.json", "{}", /holds no job/],
  ])("names %s", async (_what, name, text, message) => {
    const path = text === undefined ? join(directory, name) : file(name, text);
    expect((await failure(importJob({ file: path, env: {} }))).message).toMatch(message);
  });

  test("says what is needed where there is no nomad", async () => {
    const error = await failure(importJob({ file: file("a.hcl", 'job "a" {}'), env: { XDG_CACHE_HOME: directory } }));
    expect(error.message).toBe("nomad is needed to read HCL, and there is none on the path");
  });
});

describeWithTool("nomad", "importJob from HCL", (nomad) => {
  const env = { STEPPE_NOMAD: nomad };

  test.each(Object.entries(jobs))("reads %s as written by toHcl", async (name, job) => {
    const { job: read } = await importJob({ file: file(`${name}.nomad.hcl`, toHcl(job)), env });
    expect(renderJob(read)).toEqual(renderJob(job));
  });

  test.each(readdirSync(seeds).filter((name) => name.endsWith(".hcl")))("reads and prints %s", async (name) => {
    const vars = readFileSync(join(seeds, name), "utf8").includes('variable "region"') ? ["region=global"] : [];
    const { job } = await importJob({ file: join(seeds, name), vars, env });
    const source = await jobModule(job, name, target, project);
    expect(renderJob(evaluate(source))).toEqual(renderJob(job));
    expect(source).toContain(`Imported from ${basename(name)}`);
  });

  test("fills in variables, and names one that is not set", async () => {
    const path = file(
      "variable.nomad.hcl",
      'variable "count" {\n  type = number\n}\n\njob "a" {\n  group "g" {\n    count = var.count\n\n    task "t" {\n      driver = "exec"\n    }\n  }\n}\n',
    );
    expect((await importJob({ file: path, vars: ["count=3"], env })).job.groups["g"]?.count).toBe(3);
    expect((await failure(importJob({ file: path, env }))).fix).toEqual(["give each variable with --var name=value"]);
  });
});
