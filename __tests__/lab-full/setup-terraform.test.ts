import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Testing } from "cdktf";
import { paths } from "../../constructs/machine/paths";
import { setup } from "../../constructs/machine/shell/setup";
import { FastStack } from "../../constructs/nomad/fast-stack";
import { RegionProvider } from "../../constructs/nomad/region-provider";
import { shop, type ShopProps } from "../helpers/lab-setup";
import { ScriptHome } from "../helpers/machine-script";
import { type NomadAgents, startNomad } from "../helpers/nomad-agents";
import { waitFor } from "../helpers/nomad-process";
import {
  describeWithTerraform,
  removeTerraformDirs,
  runTerraform,
  terraform,
  terraformDir,
} from "../helpers/terraform";
import { describeWithTool } from "../helpers/tools";

jest.setTimeout(180_000);

const PROVIDER = "hashicorp/nomad";
const app = Testing.app();
let number = 0;

describeWithTool("nomad", "a set-up and the service after it, on this machine", (program) => {
  describeWithTerraform("by Terraform and its provider", [PROVIDER], () => {
    const home = new ScriptHome();
    let nomad: NomadAgents;
    let directory: string;

    beforeAll(async () => {
      nomad = await startNomad({ clients: [{ name: "general-1", nodePool: "general" }] });
      home.put(
        `${paths.library}/nomad-local`,
        `#!/bin/sh\nexport NOMAD_ADDR=${nomad.address}\nexec ${program} "$@" </dev/null\n`,
      );
      home.put(`${paths.library}/setup`, setup);
      directory = terraformDir({}, [PROVIDER]);
    });
    afterAll(async () => {
      await nomad.stop();
      home.remove();
      removeTerraformDirs();
    });

    /** Writes the stack, with the script run here instead of on a server. */
    function stackSays(props: ShopProps): void {
      number += 1;
      const stack = new FastStack(app, `setup-${number}`);
      new RegionProvider(stack, "nomad", { region: "global", address: "https://a.example:4646" });
      shop(stack, {
        connection: { type: "ssh", host: "a", user: "ops", agent: "true", hostKey: "ssh-ed25519 A" },
        ...props,
      });
      stack.prepareStack();
      const document = JSON.parse(Testing.synth(stack, true)) as {
        terraform: { backend?: unknown };
        resource: { terraform_data: Record<string, { provisioner: unknown[] }> };
      };
      for (const resource of Object.values(document.resource.terraform_data))
        resource.provisioner = resource.provisioner.map((one) => {
          const { inline } = (one as { "remote-exec": { inline: string[] } })["remote-exec"];
          return { "local-exec": { command: inline.join("\n").replaceAll(paths.library, home.path(paths.library)) } };
        });
      delete document.terraform.backend;
      writeFileSync(join(directory, "cdk.tf.json"), JSON.stringify(document));
      if (number === 1) runTerraform(directory, "init");
    }
    const address = () => `-var=nomad_address=${nomad.address}`;
    const apply = () => runTerraform(directory, "apply", "-auto-approve", "-no-color", address());
    const failure = () => {
      try {
        return `succeeded: ${apply()}`;
      } catch (error) {
        return String(error);
      }
    };
    /** Exit code of a plan: 0 is no difference. */
    const difference = () => {
      const env = { ...process.env, TF_CLI_CONFIG_FILE: join(directory, "cli.tfrc") };
      const args = ["plan", "-detailed-exitcode", "-no-color", address()];
      return spawnSync(terraform ?? "terraform", args, { cwd: directory, env }).status;
    };
    const runs = async () =>
      ((await nomad.get("/v1/jobs")) as readonly { readonly ParentID: string }[]).filter(
        ({ ParentID }) => ParentID === "migrate",
      ).length;
    const version = async () =>
      ((await nomad.get("/v1/job/api").catch(() => ({ Meta: {} }))) as { Meta: Record<string, string> }).Meta[
        "version"
      ];

    test("fails, fails again, is mended from outside, and a plain apply brings the service up", async () => {
      const database = home.path("/database");
      const script = `[ -e ${database} ] || { echo "no database" >&2; exit 3; }`;
      const done = home.path("/done");
      stackSays({ version: "1", script, done });
      expect(failure()).toContain("no database");
      expect(failure()).toContain("task script: Exit Code: 3");
      expect({ version: await version(), runs: await runs() }).toEqual({ version: undefined, runs: 2 });
      writeFileSync(database, "");
      expect(apply()).toContain("Apply complete!");
      expect({ version: await version(), runs: await runs() }).toEqual({ version: "1", runs: 3 });
      expect(difference()).toBe(0);
    });

    test("is no difference in a plan once Nomad has forgotten its runs", async () => {
      spawnSync(program, ["system", "gc"], { env: { NOMAD_ADDR: nomad.address } });
      await waitFor(30, "the runs are forgotten", async () => ((await runs()) === 0 ? true : undefined));
      expect(difference()).toBe(0);
    });

    test("that is changed and fails leaves the changed service as it was; corrected, it comes first", async () => {
      const done = home.path("/done");
      stackSays({ version: "2", script: "exit 5", done });
      expect(failure()).toContain("task script: Exit Code: 5");
      expect(await version()).toBe("1");
      stackSays({ version: "2", script: "true", done });
      expect(apply()).toMatch(/Migrate_Success_\w+: Creation complete[^]*nomad_job.Api_\w+: Modifications complete/);
      expect(await version()).toBe("2");
      const before = await runs();
      stackSays({ version: "3", script: "true", done });
      apply();
      expect({ version: await version(), runs: await runs() }).toEqual({ version: "3", runs: before });
      expect(difference()).toBe(0);
    });

    test("goes after the service when all is destroyed", () => {
      expect(runTerraform(directory, "destroy", "-auto-approve", "-no-color", address())).toMatch(
        /nomad_job.Api_\w+: Destruction complete[^]*Migrate_Success_\w+: Destroying[^]*Migrate_Template_\w+: Destroying/,
      );
    });
  });
});
