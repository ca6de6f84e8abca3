import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { PlansToApply } from "../../../ops/plans/saved";
import type { StackRunner } from "../../../ops/terraform/execute";
import { removeCheckouts } from "../../helpers/checkout";
import { PlanCheckout, value } from "../../helpers/plan-checkout";
import { describeWithTerraform } from "../../helpers/terraform";

afterAll(removeCheckouts);
jest.setTimeout(60_000);

const command = (script: string): object => ({
  terraform_data: { x: { provisioner: [{ "local-exec": { command: script } }] } },
});

/** A checkout with a trust and saved plans of these stacks. */
async function saved(stacks: Parameters<PlanCheckout["synthesizes"]>[0]): Promise<PlanCheckout> {
  const checkout = new PlanCheckout();
  await checkout.trusted();
  checkout.synthesizes(stacks);
  expect({ code: await checkout.run("plan", "--out", checkout.path("plans")), errors: checkout.errors }).toMatchObject({
    code: 0,
  });
  return checkout;
}
const apply = async (checkout: PlanCheckout, ...more: readonly string[]) =>
  await checkout.run("apply", checkout.path("plans"), "--yes", ...more);
const statuses = (checkout: PlanCheckout) =>
  (JSON.parse(checkout.text) as readonly { stack: string; status: string }[]).map(
    ({ stack, status }) => `${stack} ${status}`,
  );

describeWithTerraform("apply of saved plans", [], () => {
  test("applies them in order with the real secrets, once, across a stack that stays", async () => {
    const log = (name: string) => `echo ${name} >> order`;
    const order = (checkout: PlanCheckout) => readFileSync(checkout.path("order"), "utf8").split("\n").filter(Boolean);
    const checkout = new PlanCheckout();
    await checkout.trusted();
    const at = `cd ${checkout.project} &&`;
    checkout.synthesizes({
      "pilot-site-home": {
        after: ["pilot-storage-home"],
        variable: { secrets_server_home: { ephemeral: true, type: "string" } },
        resource: {
          terraform_data: {
            x: {
              provisioner: [
                {
                  "local-exec": {
                    command: `${at} echo "$S" | head -c 10 > secret; ${log("site")}`,
                    environment: { S: "${var.secrets_server_home}" },
                  },
                },
              ],
            },
          },
        },
      },
      "pilot-storage-home": { after: ["pilot-tailnet"] },
      "pilot-tailnet": { resource: command(`sleep 1; ${at} ${log("tailnet")}`) },
    });
    expect(await checkout.run("plan", "--out", checkout.path("plans"))).toBe(0);
    expect(await apply(checkout, "--json")).toBe(0);
    expect(statuses(checkout)).toEqual(["pilot-tailnet changed", "pilot-site-home changed"]);
    expect(order(checkout)).toEqual(["tailnet", "site"]);
    expect(readFileSync(checkout.path("secret"), "utf8")).not.toContain("placehold");
    expect(Object.keys(checkout.json("plans", "applied.json")).sort()).toEqual(["pilot-site-home", "pilot-tailnet"]);
    expect(await apply(checkout)).toBe(0);
    expect(checkout.text).toContain("nothing is left to apply");
    expect(order(checkout)).toHaveLength(2);
  });

  test("refuses when the state has moved on, before anything changes, and says which", async () => {
    const checkout = await saved({
      "pilot-tailnet": { resource: value("a") },
      "pilot-site-home": { resource: value("b") },
    });
    expect(await checkout.run("apply", "site-home", "--yes")).toBe(0);
    expect(await apply(checkout)).toBe(1);
    expect(checkout.errors).toMatch(
      /pilot-site-home: its state has moved on: the plan was made on none, now it is serial \d+ of [0-9a-f-]{36}/,
    );
    expect(checkout.errors).toContain("plan and review again: ./steppe plan --out <new directory> --fleet pilot");
    expect(checkout.serial("pilot-tailnet")).toBeUndefined();
  });

  test("refuses when the code has moved on, and says which stack", async () => {
    const checkout = await saved({
      "pilot-tailnet": { resource: value("a") },
      "pilot-site-home": { resource: value("b") },
    });
    checkout.synthesizes({ "pilot-tailnet": { resource: value("a") }, "pilot-site-home": { resource: value("c") } });
    expect(await apply(checkout)).toBe(1);
    expect(checkout.errors).toContain("pilot-site-home: its code has moved on");
    expect(checkout.errors).not.toContain("pilot-tailnet: its code");
    checkout.synthesizes({ "pilot-tailnet": { resource: value("a") } });
    expect(await apply(checkout)).toBe(1);
    expect(checkout.errors).toContain("pilot-site-home: is no longer synthesized");
    expect(checkout.serial("pilot-tailnet")).toBeUndefined();
  });

  test("goes on with the same command after a failure that changed nothing", async () => {
    const checkout = await saved({ "pilot-tailnet": { resource: value("a") } });
    const plans = PlansToApply.read(checkout.path("plans"), "pilot");
    const failed = (state?: object) =>
      ({ stack: { name: "pilot-tailnet" }, stateVersion: () => Promise.resolve(state) }) as unknown as StackRunner;
    await plans.failed(failed());
    expect(plans.nextStep(["pilot-tailnet"])).toBe(
      `mend the cause, then go on: ./steppe apply ${checkout.path("plans")} --fleet pilot`,
    );
    await plans.failed(failed({ lineage: "x", serial: 1 }));
    expect(plans.nextStep(["pilot-tailnet"])).toContain("./steppe plan pilot-tailnet --out ");
  });

  test("says how to plan what is left, where a stack failed halfway", async () => {
    const checkout = await saved({
      "pilot-tailnet": {
        resource: {
          terraform_data: {
            a: { input: "x" },
            b: { depends_on: ["terraform_data.a"], provisioner: [{ "local-exec": { command: "exit 3" } }] },
          },
        },
      },
      "pilot-site-home": { after: ["pilot-tailnet"], resource: value("b") },
    });
    expect(await apply(checkout)).toBe(1);
    expect(checkout.errors).toContain("1 of 2 stacks could not be applied");
    expect(checkout.errors).toContain(
      `./steppe plan pilot-tailnet pilot-site-home --out ${checkout.path("plans")}-next --fleet pilot`,
    );
    expect(checkout.serial("pilot-site-home")).toBeUndefined();
    expect(await apply(checkout)).toBe(1);
    expect(checkout.errors).toContain("pilot-tailnet: its state has moved on");
  });

  test("refuses plan files that are missing, others, or do not do what their JSON says", async () => {
    const checkout = await saved({ "pilot-tailnet": { resource: value("a") } });
    const file = checkout.path("plans", "plan-files", "pilot-tailnet.tfplan");
    cpSync(checkout.path("plans"), checkout.path("kept"), { recursive: true });
    const index = checkout.path("plans", "plans.json");
    writeFileSync(index, readFileSync(index, "utf8").replace(/"normalized": "\w{6}/, '"normalized": "000000'));
    expect(await apply(checkout)).toBe(1);
    expect(checkout.errors).toContain("pilot-tailnet: its plan file does not do what its JSON says");
    writeFileSync(file, "x");
    expect(await apply(checkout)).toBe(1);
    expect(checkout.errors).toContain("pilot-tailnet: its plan file is not the one that was saved");
    rmSync(file);
    expect(await apply(checkout)).toBe(1);
    expect(checkout.errors).toContain("pilot-tailnet: has no plan file here");
    expect(checkout.serial("pilot-tailnet")).toBeUndefined();
    expect(await checkout.run("apply", "--plans", checkout.path("kept"), "--yes")).toBe(0);
  });

  test("looks at the trust first, as every apply", async () => {
    const checkout = await saved({
      "pilot-tailnet": { resource: value("a"), variable: { secrets_client_x: { ephemeral: true, default: "" } } },
    });
    expect(await apply(checkout)).toBe(1);
    expect(checkout.errors).toContain("wants the secrets of an identity that the fleet does not have");
    expect(checkout.serial("pilot-tailnet")).toBeUndefined();
  });

  test("takes neither stacks nor --redeliver beside plans, and no plans of another fleet", async () => {
    const checkout = await saved({ "pilot-tailnet": { resource: value("a") } });
    expect(await apply(checkout, "tailnet")).toBe(1);
    expect(checkout.errors).toContain("stacks are chosen when they are planned");
    expect(await apply(checkout, "--redeliver", "s1")).toBe(1);
    const index = checkout.path("plans", "plans.json");
    writeFileSync(index, readFileSync(index, "utf8").replace('"pilot"', '"other"'));
    expect(await apply(checkout)).toBe(1);
    expect(checkout.errors).toContain("these are plans of fleet other, not of pilot");
  });
});

describeWithTerraform("plan --expect", [], () => {
  const again = async (checkout: PlanCheckout, reviewed: string, ...names: readonly string[]) => {
    rmSync(checkout.path("again"), { recursive: true, force: true });
    return await checkout.run("plan", ...names, "--out", checkout.path("again"), "--expect", checkout.path(reviewed));
  };

  test("saves what does the same as what was reviewed, for an apply", async () => {
    const checkout = await saved({ "pilot-tailnet": { resource: value("a") }, "pilot-site-home": {} });
    rmSync(checkout.path("plans", "plan-files"), { recursive: true });
    expect(await again(checkout, "plans")).toBe(0);
    expect(await again(checkout, "plans/plans.json")).toBe(0);
    expect(await again(checkout, "plans", "tailnet")).toBe(0);
    expect(await checkout.run("apply", checkout.path("again"), "--yes")).toBe(0);
    expect(checkout.serial("pilot-tailnet")).toBeDefined();
  });

  test("ends with 3, shows the difference and saves nothing where the plan is another", async () => {
    const checkout = await saved({ "pilot-tailnet": { resource: value("a") }, "pilot-site-home": {} });
    checkout.synthesizes({ "pilot-tailnet": { resource: value("b") }, "pilot-site-home": { resource: value("new") } });
    expect(await again(checkout, "plans")).toBe(3);
    expect(checkout.errors).toContain('pilot-tailnet: terraform_data.x: is not as reviewed: after input "a" → "b"');
    expect(checkout.errors).toContain("pilot-site-home: terraform_data.x: was not reviewed, and would be: create");
    expect(existsSync(checkout.path("again"))).toBe(false);
    rmSync(checkout.path("plans", "json"), { recursive: true });
    expect(await again(checkout, "plans")).toBe(3);
    expect(checkout.errors).toContain("pilot-tailnet: is another plan than the reviewed one");
    expect(checkout.errors).toContain("pilot-site-home: is changed, and was reviewed as unchanged");
  });

  test("ends with 3 where it was applied meanwhile, or a stack is gone", async () => {
    const checkout = await saved({
      "pilot-tailnet": { resource: value("a") },
      "pilot-site-home": { resource: value("b") },
    });
    expect(await checkout.run("apply", "tailnet", "--yes")).toBe(0);
    expect(await again(checkout, "plans")).toBe(3);
    expect(checkout.errors).toContain("pilot-tailnet: terraform_data.x: was reviewed (create), and is not planned now");
    checkout.synthesizes({ "pilot-site-home": { resource: value("b") } });
    expect(await again(checkout, "plans")).toBe(3);
    expect(checkout.errors).toContain("pilot-tailnet: was reviewed, and has no plan now");
  });

  test("refuses reviewed JSON that its index does not know", async () => {
    const checkout = await saved({ "pilot-tailnet": { resource: value("a") } });
    const path = checkout.path("plans", "json", "pilot-tailnet.json");
    writeFileSync(path, readFileSync(path, "utf8").replaceAll('"a"', '"b"'));
    expect(await again(checkout, "plans")).toBe(1);
    expect(checkout.errors).toContain("is not the plan that its index knows");
  });
});
