import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { removeCheckouts } from "../../helpers/checkout";
import { PlanCheckout, value } from "../../helpers/plan-checkout";
import { describeWithTerraform } from "../../helpers/terraform";

afterAll(removeCheckouts);

/** A checkout whose program has synthesized one stack into `base`. */
async function withBase(): Promise<PlanCheckout> {
  const checkout = new PlanCheckout();
  checkout.synthesizes({ "pilot-tailnet": { resource: value("a") } });
  await checkout.run("check");
  await checkout.run("show", "tailnet", "--json");
  cpSync(checkout.path("cdktf.out.pilot"), checkout.path("base"), { recursive: true });
  return checkout;
}
const stack = (checkout: PlanCheckout, document: object) =>
  writeFileSync(
    checkout.path("head", "stacks", "pilot-tailnet", "cdk.tf.json"),
    JSON.stringify({
      terraform: { backend: { local: { path: "../../../state/pilot-tailnet.tfstate" } } },
      ...document,
    }),
  );
const gate = async (checkout: PlanCheckout) =>
  await checkout.run("review", "gate", "--base-out", checkout.path("base"), "--head-out", checkout.path("head"));

describeWithTerraform("what somebody else synthesized", [], () => {
  test("passes where it is as the base, and is planned as it was read", async () => {
    const checkout = await withBase();
    cpSync(checkout.path("base"), checkout.path("head"), { recursive: true });
    stack(checkout, { resource: value("b") });
    expect({ code: await gate(checkout), errors: checkout.errors }).toEqual({ code: 0, errors: "" });
    expect(checkout.text).toBe("1 stacks may be planned\n");
    // The program of the change would end with an error; it is not run.
    writeFileSync(checkout.path("scripts", "synth.mjs"), "process.exit(9);");
    const about = ["--synthesized", checkout.path("head"), "--base-out", checkout.path("base")];
    expect(await checkout.run("plan", ...about, "--json")).toBe(0);
    expect(JSON.parse(checkout.text)).toMatchObject([
      { stack: "pilot-tailnet", status: "changed", changes: { add: 1 } },
    ]);
    expect(checkout.json("cdktf.out.pilot", "stacks", "pilot-tailnet", "cdk.tf.json")["resource"]).toEqual(value("b"));
  });

  test("is refused with everything wrong with it and exit code 3, and nothing of it runs", async () => {
    const checkout = await withBase();
    cpSync(checkout.path("base"), checkout.path("head"), { recursive: true });
    const proof = checkout.path("ran");
    stack(checkout, {
      resource: value('${file("/etc/hostname")}'),
      data: { external: { x: { program: ["touch", proof] } } },
    });
    symlinkSync("/etc", checkout.path("head", "stacks", "etc"));
    mkdirSync(checkout.path("head", "stacks", "pilot-tailnet", ".terraform"));
    expect(await gate(checkout)).toBe(3);
    expect(checkout.errors).toContain("data.external.x: is a data source");
    expect(checkout.errors).toContain("implies provider hashicorp/external");
    expect(checkout.errors).toContain("calls file");
    expect(checkout.errors).toContain("stacks/etc: is a link");
    expect(checkout.errors).toContain("stacks/pilot-tailnet/.terraform: would choose what Terraform runs");
    const about = ["--synthesized", checkout.path("head"), "--base-out", checkout.path("base")];
    expect(await checkout.run("plan", ...about)).toBe(3);
    expect(existsSync(proof)).toBe(false);
    expect(existsSync(checkout.path(".terraform"))).toBe(false);
  });

  test("is not planned without a base to compare with", async () => {
    const checkout = await withBase();
    expect(await checkout.run("plan", "--synthesized", checkout.path("base"))).toBe(1);
    expect(checkout.errors).toContain("--synthesized and --base-out belong together");
  });

  test("may have what a file of the base allows", async () => {
    const checkout = await withBase();
    cpSync(checkout.path("base"), checkout.path("head"), { recursive: true });
    stack(checkout, { resource: value("b"), variable: { team: { default: "x" } } });
    expect(await gate(checkout)).toBe(3);
    writeFileSync(checkout.path("gate.json"), JSON.stringify({ variables: ["team"] }));
    const out = ["--base-out", checkout.path("base"), "--head-out", checkout.path("head")];
    expect(await checkout.run("review", "gate", ...out, "--allow", checkout.path("gate.json"))).toBe(0);
    writeFileSync(checkout.path("gate.json"), JSON.stringify({ everything: true }));
    expect(await checkout.run("review", "gate", ...out, "--allow", checkout.path("gate.json"))).toBe(1);
    expect(checkout.errors).toContain("everything: is not known");
  });
});
