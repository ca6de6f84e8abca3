import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fleet as lab } from "../../fleets/lab";
import { publicTrustOf, synthesizeFleet } from "../helpers/synth";
import { describeWithTerraform, removeTerraformDirs, terraform, terraformDir } from "../helpers/terraform";

function runTerraform(directory: string, args: readonly string[], variables: Readonly<Record<string, string>>) {
  const env = { ...process.env, CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1", ...variables };
  return spawnSync(terraform ?? "terraform", args, { cwd: directory, env, encoding: "utf8" });
}

describeWithTerraform("an apply of a site without secrets", [], () => {
  afterAll(removeTerraformDirs);

  test.each([
    ["no variable at all", {}],
    ["the placeholders of a plan", { TF_VAR_secrets_server_west: "placeholder" }],
  ])("fails first and by name with %s, and changes nothing", (_, env) => {
    const stack = synthesizeFleet(lab, { trust: publicTrustOf(lab) }).get("lab-site-dc-west");
    const local = { ...stack, terraform: { ...stack?.terraform, backend: { local: { path: "site.tfstate" } } } };
    const directory = terraformDir({ "main.tf.json": JSON.stringify(local) });
    expect(runTerraform(directory, ["init", "-input=false"], env).status).toBe(0);
    const plan = runTerraform(directory, ["plan", "-input=false", "-no-color", "-out=plan"], env);
    expect({ status: plan.status, out: plan.status === 0 ? "" : plan.stdout + plan.stderr }).toEqual({
      status: 0,
      out: "",
    });
    const apply = runTerraform(directory, ["apply", "-input=false", "-no-color", "plan"], env);
    expect(apply.status).toBe(1);
    expect(apply.stderr.replace(/\n│? ?/g, " ")).toContain("the secrets of server-west are missing");
    const state = join(directory, "site.tfstate");
    const { resources } = (existsSync(state) ? JSON.parse(readFileSync(state, "utf8")) : { resources: [] }) as {
      resources: { instances: unknown[] }[];
    };
    expect(resources.flatMap(({ instances }) => instances)).toEqual([]);
  });
});
