import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Testing } from "cdktf";
import { FastStack } from "../../constructs/nomad/fast-stack";
import { NomadJob } from "../../constructs/nomad/job";
import { RegionProvider } from "../../constructs/nomad/region-provider";

const text = `variable "image" {
  type = string
}

job "web" {
  group "web" {
    task "web" {
      driver = "docker"

      config {
        image = var.image
        args  = ["--port=\${NOMAD_PORT_http}", "%{if true}"]
      }
    }
  }
}
`;

describe("NomadJob.fromHcl", () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), "steppe-hcl-"));
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  function synthesize(content: string, vars?: Readonly<Record<string, string>>, name = "web.nomad.hcl"): unknown {
    const file = join(directory, name);
    writeFileSync(file, content);
    const stack = new FastStack(Testing.app(), "stack");
    new RegionProvider(stack, "nomad", { region: "east", address: "https://a.example:4646" });
    NomadJob.fromHcl(stack, "web", { file, ...(vars === undefined ? {} : { vars }) });
    stack.prepareStack();
    const document = JSON.parse(Testing.synth(stack, true)) as { resource: { nomad_job: Record<string, unknown> } };
    return Object.values(document.resource.nomad_job)[0];
  }

  test("hands the text over as it is, escaped once, with its variables", () => {
    expect(synthesize(text, { image: "nginx:1.27.3" })).toMatchObject({
      jobspec: text.replace("${", () => "$${").replace("%{", "%%{"),
      hcl2: { vars: { image: "nginx:1.27.3" } },
    });
  });

  test("names a file that does not exist", () => {
    const stack = new FastStack(Testing.app(), "stack");
    expect(() => NomadJob.fromHcl(stack, "web", { file: "nowhere.nomad.hcl" })).toThrow(
      'file: does not exist, got "nowhere.nomad.hcl"; give a path from the directory in which the program runs',
    );
  });

  test("refuses a variable that the file does not declare", () => {
    expect(() => synthesize(text, { imgae: "nginx:1.27.3" })).toThrow(
      "vars.imgae: must be a variable of web.nomad.hcl; use one of: image",
    );
  });

  test("lets any variable through where the file declares them together", () => {
    const together = text.replace(/variable "image" \{\n[^}]*\}/, 'variables {\n  image = "a:1"\n}');
    expect(synthesize(together, { image: "b:2" })).toMatchObject({ hcl2: { vars: { image: "b:2" } } });
  });

  test("refuses text without a job", () => {
    expect(() => synthesize("{}", {}, "web.json")).toThrow(
      'file: must hold a job block, got "web.json"; read it with ./steppe import, and use NomadJob',
    );
  });
});
