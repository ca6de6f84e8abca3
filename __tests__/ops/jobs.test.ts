import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TerraformVariable, Testing } from "cdktf";
import { main } from "../../cli/main";
import { toHcl } from "../../constructs/jobspec/hcl";
import { parseJob } from "../../constructs/jobspec/parse";
import { renderJob } from "../../constructs/jobspec/render";
import { FastStack } from "../../constructs/nomad/fast-stack";
import { NomadJob } from "../../constructs/nomad/job";
import { RegionProvider } from "../../constructs/nomad/region-provider";
import { jobsOf } from "../../ops/jobs";
import type { Json, Stack } from "../../ops/terraform/stack";
import { jobs } from "../jobspec/jobs";
import { job } from "../jobspec/refused";

jest.setTimeout(60_000);

function stackOf(define: (stack: FastStack) => void): Stack {
  const stack = new FastStack(Testing.app(), "pilot-jobs-east");
  new RegionProvider(stack, "nomad", { region: "east", address: "https://a.example:4646" });
  define(stack);
  stack.prepareStack();
  const document = JSON.parse(Testing.synth(stack, true)) as Json;
  return { name: "pilot-jobs-east", nomadRegion: "east", document } as unknown as Stack;
}

describe("jobsOf", () => {
  test("reads jobs back from what Terraform gets", () => {
    const [found] = jobsOf([
      stackOf((stack) => {
        new NomadJob(stack, "web", { job: jobs.service });
      }),
    ]);
    expect(found).toMatchObject({ region: "east", stack: "pilot-jobs-east", id: "web", expressions: [] });
    expect(found?.json).toEqual(renderJob(jobs.service));
    expect(found?.hcl).toBe(toHcl(parseJob(renderJob(jobs.service)).job));
  });

  test("names what only Terraform knows", () => {
    const [found] = jobsOf([
      stackOf((stack) => {
        const image = new TerraformVariable(stack, "image", { type: "string" });
        new NomadJob(stack, "web", { job: job({ meta: { image: image.stringValue } }) });
      }),
    ]);
    expect(found?.expressions).toEqual(["tostring(var.image)"]);
    expect(found?.json).toMatchObject({ Meta: { image: "${tostring(var.image)}" } });
  });

  test("gives the text of a job in HCL as it is", () => {
    const directory = mkdtempSync(join(tmpdir(), "steppe-jobs-"));
    const text = 'job "old" {\n  meta {\n    a = "${NOMAD_ALLOC_ID} %{"\n  }\n}\n';
    writeFileSync(join(directory, "old.nomad.hcl"), text);
    const [found] = jobsOf([
      stackOf((stack) => void NomadJob.fromHcl(stack, "old", { file: join(directory, "old.nomad.hcl") })),
    ]);
    rmSync(directory, { recursive: true });
    expect(found).toMatchObject({ id: "old", hcl: text });
    expect(found?.json).toBeUndefined();
  });
});

describe("steppe jobs", () => {
  async function run(...argv: string[]) {
    const said = { out: "", err: "" };
    const output = {
      out: (text: string) => void (said.out += `${text}\n`),
      err: (text: string) => void (said.err += `${text}\n`),
      terminal: false,
    };
    return { code: await main(["jobs", "--fleet", "lab", ...argv], { output }), ...said };
  }

  test("lists the jobs of the lab", async () => {
    const { code, out } = await run();
    expect(code).toBe(0);
    expect(out).toMatch(/^region +job +namespace +type +pool +groups$/m);
    expect(out).toMatch(/^east +hello +default +service +general +web 1$/m);
  });

  test("prints one as HCL, and as nomad takes it", async () => {
    expect((await run("hello")).out).toMatch(/^job "hello" \{\n {2}region/);
    const { out } = await run("hello", "--region", "east", "--json");
    expect(JSON.parse(out)).toMatchObject({ Job: { ID: "hello", Region: "east" } });
  });

  test("says which pools can run one, and why the others cannot", async () => {
    const { out } = await run("hello", "--where", "--region", "east");
    expect(out).toMatch(/^web 1 +general +yes$/m);
    expect(out).toMatch(
      /^web 1 +gpu +no +nodePool: must be gpu to use that pool, got "general"; set nodePool: "gpu"$/m,
    );
    expect((await run("--where")).err).toContain("--where wants a job");
  });

  test("names the jobs there are when asked for another", async () => {
    const { code, err } = await run("nope");
    expect(code).toBe(1);
    expect(err).toMatch(/fleet lab has no job nope\n {2}use one of: .*hello/);
  });
});
