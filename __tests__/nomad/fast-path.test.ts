import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Aspects, LocalBackend, TerraformOutput, TerraformVariable } from "cdktf";
import { FastStack } from "../../constructs/nomad/fast-stack";
import { NomadJob } from "../../constructs/nomad/job";
import { ReadinessGate } from "../../constructs/nomad/readiness-gate";
import { RegionProvider } from "../../constructs/nomad/region-provider";
import { TerraformData } from "../../constructs/core/terraform-data";
import { jobs } from "../jobspec/jobs";
import { job } from "../jobspec/refused";

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

const connection = { type: "ssh", host: "10.0.0.1", user: "root", agent: "true", hostKey: "ssh-ed25519 AAAA" } as const;

/** Bytes of the shipped JSON of one stack, and how many jobs took the fast way. */
function synthesize(
  build: (stack: FastStack) => void,
  fast: boolean,
): { readonly text: string; readonly fast: number } {
  const outdir = mkdtempSync(join(tmpdir(), "steppe-fast-"));
  directories.push(outdir);
  const app = new App({ outdir });
  const stack = new Counting(app, "jobs");
  if (!fast) stack.useNormalPath();
  new LocalBackend(stack, { path: "x.tfstate" });
  new RegionProvider(stack, "nomad", { region: "east", address: "https://a.example:4646" });
  new ReadinessGate(stack, "ReadinessGate", { connection, check: ["region", "60"], timeoutSeconds: 60 });
  build(stack);
  app.synth();
  return { text: readFileSync(join(outdir, "stacks/jobs/cdk.tf.json"), "utf8"), fast: stack.count };
}

class Counting extends FastStack {
  public count = 0;
  public override toTerraform(): unknown {
    this.count = 0;
    return super.toTerraform();
  }
  public override _collect(...parameters: Parameters<FastStack["_collect"]>): boolean {
    const [isPlain, render] = parameters;
    return super._collect(isPlain, () => {
      this.count += 1;
      return render();
    });
  }
}

/** One stack with many kinds of jobs; `expected` of them hold nothing for CDKTF. */
const cases: Readonly<Record<string, readonly [build: (stack: FastStack) => unknown, expected: number]>> = {
  "plain jobs": [
    (stack) => {
      new NomadJob(stack, "service", { job: jobs.service });
      new NomadJob(stack, "batch", { job: jobs.batch, detach: false });
      new NomadJob(stack, "system", { job: jobs.system });
    },
    3,
  ],
  "a dependency of the same stack": [
    (stack) => {
      const data = new TerraformData(stack, "data", { input: "x" });
      new NomadJob(stack, "web", { job: job(), dependsOn: [data] });
    },
    1,
  ],
  "another logical id": [(stack) => new NomadJob(stack, "web", { job: job() }).resource.overrideLogicalId("other"), 1],
  "numbers that look like CDKTF's": [
    (stack) => new NomadJob(stack, "web", { job: job({ meta: { a: "1e5 2.50e+10 -3e-7 0e12" } }) }),
    1,
  ],
  "a reference in a text": [
    (stack) => {
      const variable = new TerraformVariable(stack, "tag", { default: "1" });
      const env = { TAG: `a "quoted" \${NOMAD_DC} ${variable.stringValue}\n\\ \b` };
      new NomadJob(stack, "web", { job: job({}, {}, { env }) });
    },
    0,
  ],
  "a reference as a number": [
    (stack) => {
      const variable = new TerraformVariable(stack, "count", { default: 1 });
      new NomadJob(stack, "web", { job: job({}, { count: variable.numberValue }) });
    },
    0,
  ],
  "a reference to a job": [
    (stack) => {
      const web = new NomadJob(stack, "web", { job: job() });
      new TerraformOutput(stack, "name", { value: web.resource.name });
    },
    1,
  ],
  "an override": [(stack) => new NomadJob(stack, "web", { job: job() }).resource.addOverride("rerun_if_dead", true), 0],
  "an override of the stack": [
    (stack) => {
      const web = new NomadJob(stack, "web", { job: job() });
      stack.addOverride(`resource.nomad_job.${web.resource.friendlyUniqueId}.detach`, false);
    },
    0,
  ],
  "a lifecycle": [
    (stack) => {
      new NomadJob(stack, "web", { job: job() }).resource.lifecycle = { preventDestroy: true };
    },
    0,
  ],
  "a count": [
    (stack) => {
      new NomadJob(stack, "web", { job: job() }).resource.count = 2;
    },
    0,
  ],
  "nested blocks": [(stack) => new NomadJob(stack, "web", { job: job() }).resource.putTimeouts({ create: "5m" }), 0],
  "a setting of the resource": [
    (stack) => {
      new NomadJob(stack, "web", { job: job() }).resource.purgeOnDestroy = true;
    },
    1,
  ],
  "one more dependency by hand": [
    (stack) => {
      const data = new TerraformData(stack, "data");
      new NomadJob(stack, "web", { job: job() }).resource.dependsOn?.push(data.fqn);
    },
    0,
  ],
  "an import": [(stack) => new NomadJob(stack, "web", { job: job() }).resource.importFrom("web"), 0],
  "an aspect": [
    (stack) => {
      const web = new NomadJob(stack, "web", { job: job() });
      new NomadJob(stack, "other", { job: job() });
      Aspects.of(stack).add({
        visit: (node) => {
          if (node === web.resource) web.resource.addOverride("purge_on_destroy", true);
        },
      });
    },
    1,
  ],
};

describe("the fast way of jobs", () => {
  test.each(Object.entries(cases))("writes the same bytes as the normal way: %s", (_name, [build, expected]) => {
    const fast = synthesize(build, true);
    expect(fast.text).toBe(synthesize(build, false).text);
    expect(fast.fast).toBe(expected);
  });

  test("refuses two jobs with one logical id", () => {
    const build = (stack: FastStack) => {
      new NomadJob(stack, "a", { job: job() }).resource.overrideLogicalId("same");
      new NomadJob(stack, "b", { job: job() }).resource.overrideLogicalId("same");
    };
    expect(() => synthesize(build, true)).toThrow("nomad_job.same: must be unique in the stack");
  });

  test("leaves a job that is asked directly whole", () => {
    const stack = new FastStack(new App({ outdir: tmpdir() }), "jobs");
    const { resource } = new NomadJob(stack, "web", { job: job() });
    expect(resource.toTerraform()).toHaveProperty(["resource", "nomad_job", resource.friendlyUniqueId, "json"], true);
  });
});
