import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { App, Testing, TerraformStack } from "cdktf";
import { NomadJob } from "../../constructs/nomad/job";
import { ADDRESS_VARIABLE, NOMAD_PROVIDER_SOURCE, RegionProvider } from "../../constructs/nomad/region-provider";
import type { Job } from "../../constructs/jobspec/job";
import { NOMAD_PROVIDER_SCALING_VERSION } from "../../model/versions";
import { findMirror } from "../../ops/terraform/providers";
import { type NomadAgents, startNomad } from "../helpers/nomad-agents";
import { waitFor } from "../helpers/nomad-process";
import { describeWithTerraform, removeTerraformDirs, runTerraform, terraformDir } from "../helpers/terraform";
import { describeWithTool } from "../helpers/tools";

jest.setTimeout(180_000);

const GROUP = "replicas";

/** A service of one replica at first, which may have four. */
function job(version: string): Job {
  return {
    id: "scaled",
    allow: [{ rule: "raw-exec", reason: "a test without containers" }],
    update: { healthCheck: "task_states", minHealthyTime: "1s", healthyDeadline: "30s", progressDeadline: "1m" },
    groups: {
      [GROUP]: {
        count: 1,
        scaling: { min: 1, max: 4 },
        tasks: {
          sleep: {
            driver: "raw_exec",
            config: { command: "/bin/sleep", args: ["600"] },
            env: { VERSION: version },
            resources: { cpu: "20MHz", memory: "16MiB" },
          },
        },
      },
    },
  };
}

/** @param preserveCounts - as given to the job. */
function configuration(version: string, preserveCounts: boolean): string {
  const stack = new TerraformStack(new App({ outdir: "unused" }), "jobs");
  new RegionProvider(stack, "nomad", { region: "global", address: "https://nomad.example:4646" });
  new NomadJob(stack, "Scaled", { job: job(version), preserveCounts });
  const document = JSON.parse(Testing.synth(stack)) as { terraform: { required_providers: { nomad: object } } };
  // Both ways with one provider, so that nothing but the setting differs.
  document.terraform.required_providers.nomad = {
    source: NOMAD_PROVIDER_SOURCE,
    version: NOMAD_PROVIDER_SCALING_VERSION,
  };
  return JSON.stringify(document);
}

const hasProvider = findMirror("hashicorp/nomad", process.env, NOMAD_PROVIDER_SCALING_VERSION) !== undefined;
const suite = hasProvider ? describeWithTool : () => undefined;

if (!hasProvider) {
  // eslint-disable-next-line jest/no-disabled-tests, jest/expect-expect -- says what is missing
  test.skip(`counts are kept [skipped: no provider hashicorp/nomad ${NOMAD_PROVIDER_SCALING_VERSION} in a mirror]`, () =>
    undefined);
}

suite("nomad", "the count of a scaled group, by a real Nomad", () => {
  describeWithTerraform("and the real provider", ["hashicorp/nomad"], () => {
    let nomad: NomadAgents;
    let directory: string;

    const apply = (version: string, preserveCounts: boolean): string => {
      writeFileSync(join(directory, "main.tf.json"), configuration(version, preserveCounts));
      return runTerraform(directory, "apply", "-auto-approve", "-no-color");
    };
    const found = async () => {
      const { TaskGroups } = (await nomad.get("/v1/job/scaled")) as {
        readonly TaskGroups: readonly [
          { readonly Count: number; readonly Tasks: readonly [{ readonly Env: { readonly VERSION: string } }] },
        ];
      };
      return { count: TaskGroups[0].Count, version: TaskGroups[0].Tasks[0].Env.VERSION };
    };
    /** Nomad lets nobody scale a job while it is being deployed. */
    const scale = async (Count: number) =>
      await waitFor(30, "the job may be scaled", async () => {
        const request = { Count, Target: { Group: GROUP }, Message: "by the autoscaler" };
        return await nomad.post("/v1/job/scaled/scale", request).catch(() => undefined);
      });

    beforeAll(async () => {
      nomad = await startNomad({ clients: [{ name: "one" }] });
      directory = terraformDir(
        {
          "main.tf.json": configuration("1", true),
          "terraform.tfvars.json": JSON.stringify({ [ADDRESS_VARIABLE]: nomad.address }),
        },
        ["hashicorp/nomad"],
      );
      runTerraform(directory, "init");
    });
    afterAll(async () => {
      await nomad.stop();
      removeTerraformDirs();
    });

    test("is the job's at its first start", async () => {
      apply("1", true);
      expect(await found()).toEqual({ count: 1, version: "1" });
    });

    test("stays as it was scaled when the same is applied again", async () => {
      await scale(3);
      expect(await found()).toMatchObject({ count: 3 });
      apply("1", true);
      expect(await found()).toEqual({ count: 3, version: "1" });
    });

    test("stays as it was scaled when a change is applied", async () => {
      apply("2", true);
      expect(await found()).toEqual({ count: 3, version: "2" });
    });

    test("goes back to the job's without the setting", async () => {
      apply("3", false);
      expect(await found()).toEqual({ count: 1, version: "3" });
    });
  });
});
