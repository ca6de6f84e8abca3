import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toHcl } from "../../constructs/jobspec/hcl";
import type { Job } from "../../constructs/jobspec/job";
import { parseJob } from "../../constructs/jobspec/parse";
import { renderJob } from "../../constructs/jobspec/render";
import { validateJob } from "../../constructs/jobspec/validate";
import { jobs } from "../../examples/jobs";
import { ollamaOf } from "../../examples/jobs/ai-ollama";
import { rayWorkerOf } from "../../examples/jobs/ai-ray-worker";
import { vllmWithCacheOf } from "../../examples/jobs/ai-vllm-hf-cache";
import { vllmMultiOf } from "../../examples/jobs/ai-vllm-multi";
import { vllmSingleOf } from "../../examples/jobs/ai-vllm-single";
import { importJob } from "../../ops/import-job";
import { describeWithTool } from "../helpers/tools";

const seeds = join(__dirname, "..", "..", "examples", "seeds");
const files = readdirSync(seeds).filter((name) => name.endsWith(".nomad.hcl"));
const named = Object.entries(jobs);

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "steppe-examples-"));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("has one job for each file of the seeds", () => {
  expect(files).toHaveLength(29);
  expect(Object.keys(jobs)).toEqual(files.map((name) => name.replace(/\.nomad\.hcl$/, "")));
});

test("both pages list every job", () => {
  for (const page of [join(seeds, "README.md"), join(seeds, "..", "README.md")]) {
    const text = readFileSync(page, "utf8");
    expect(Object.keys(jobs).filter((name) => !text.includes(`| \`${name}\` `))).toEqual([]);
  }
});

test.each(named)("%s has no problem", (_name, job) => {
  expect(validateJob(job)).toEqual([]);
});

test.each(named)("%s is read back from what the API is given", (_name, job) => {
  const { job: read, problems } = parseJob(renderJob(job));
  expect(problems).toEqual([]);
  expect(renderJob(read)).toEqual(renderJob(job));
});

test("says with a reason which rules are broken on purpose", () => {
  const allowed = named.flatMap(([name, { allow = [] }]) => allow.map(({ rule, reason }) => [name, rule, reason]));
  expect(allowed).toEqual([
    ["ai-node-monitor", "host-namespace", "it measures the processes of the machine, not its own"],
  ]);
});

describeWithTool("nomad", "the seeds' files and the typed jobs", (nomad) => {
  const env = { STEPPE_NOMAD: nomad };
  const ofSeed = async (name: string, ...vars: string[]): Promise<Job> =>
    (await importJob({ file: join(seeds, `${name}.nomad.hcl`), vars, env })).job;

  test.each(named)("%s renders as its file does", async (name, job) => {
    expect(renderJob(job)).toEqual(renderJob(await ofSeed(name)));
  });

  test.each(named)("%s written as HCL reads back the same", async (name, job) => {
    const file = join(directory, `${name}.nomad.hcl`);
    writeFileSync(file, toHcl(job));
    expect(renderJob((await importJob({ file, env })).job)).toEqual(renderJob(job));
  });

  test.each<readonly [string, readonly string[], Job]>([
    ["ai-vllm-single", ["vllm_model=a/b"], vllmSingleOf("a/b")],
    ["ai-vllm-hf-cache", ["vllm_model=a/b"], vllmWithCacheOf("a/b")],
    ["ai-vllm-multi", ["vllm_model=a/b"], vllmMultiOf("a/b")],
    ["ai-ray-worker", ["allowed_nodes=x,y", "gpu_count=2"], rayWorkerOf({ nodes: ["x", "y"], gpus: 2 })],
    [
      "ai-ollama",
      ["dns_server_ip=10.0.0.1", "ollama_data_dir=/data"],
      ollamaOf({ dnsServer: "10.0.0.1", dataDirectory: "/data", models: ["llama3.2:3b", "codellama:7b"] }),
    ],
  ])("%s takes parameters where its file takes variables", async (name, vars, job) => {
    expect(renderJob(job)).toEqual(renderJob(await ofSeed(name, ...vars)));
  });
});
