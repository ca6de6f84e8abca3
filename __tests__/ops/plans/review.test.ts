import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { removeCheckouts } from "../../helpers/checkout";
import { PlanCheckout, value } from "../../helpers/plan-checkout";
import { describeWithTerraform } from "../../helpers/terraform";

afterAll(removeCheckouts);

describeWithTerraform("review of saved plans", [], () => {
  const checkout = new PlanCheckout();
  const at = (...parts: readonly string[]) => checkout.path(...parts);
  /** A copy of the plans, with one file changed. */
  const changed = (name: string, file: string, content: string) => {
    cpSync(at("plans"), at(name), { recursive: true });
    writeFileSync(at(name, file), content);
    return at(name);
  };
  const report = () => JSON.parse(checkout.text) as { readonly [key: string]: unknown };

  beforeAll(async () => {
    await checkout.trusted();
    checkout.synthesizes({ "pilot-tailnet": { resource: value("one") }, "pilot-site-home": { resource: value("x") } });
    await checkout.run("apply", "--yes");
    cpSync(at("cdktf.out.pilot"), at("base"), { recursive: true });
    checkout.synthesizes({ "pilot-tailnet": { resource: value("two") }, "pilot-site-home": { resource: value("x") } });
    await checkout.run("plan", "--out", at("plans"));
  });

  test("says what they change, and no stack is new without a base", async () => {
    expect(await checkout.run("review", at("plans"), "--json")).toBe(0);
    expect(report()).toMatchObject({
      source: "plan",
      verdict: "clear",
      stacks: [
        { stack: "pilot-tailnet", status: "changed", counts: { update: 1 } },
        { stack: "pilot-site-home", status: "unchanged" },
      ],
      changes: [{ stack: "pilot-tailnet", address: "terraform_data.x", action: "update", changed: ["input"] }],
    });
    expect(report()["drift"]).toBeUndefined();
  });

  test("says where they differ from the change of the code", async () => {
    expect(await checkout.run("review", at("plans"), "--base-out", at("base"), "--json")).toBe(0);
    expect(report()["drift"]).toEqual([]);
    cpSync(at("plans", "synthesized"), at("same"), { recursive: true });
    expect(await checkout.run("review", at("plans"), "--base-out", at("same"))).toBe(0);
    expect(checkout.text).toContain("not applied yet: pilot-tailnet: terraform_data.x (update)");
  });

  test("compares a single plan with what is said to be its code", async () => {
    const single = at("plans", "json", "pilot-tailnet.json");
    expect(await checkout.run("review", single, "--base-out", at("base"))).toBe(1);
    expect(checkout.errors).toContain("--head-out");
    const head = ["--head-out", at("plans", "synthesized")];
    expect(await checkout.run("review", single, "--base-out", at("base"), ...head, "--json")).toBe(0);
    expect(report()).toMatchObject({ drift: [], changes: [{ stack: "pilot-tailnet", action: "update" }] });
  });

  test("reads a single plan as Terraform prints it, and one of another program", async () => {
    copyFileSync(at("plans", "json", "pilot-tailnet.json"), at("some-plan.json"));
    expect(await checkout.run("review", at("some-plan.json"))).toBe(0);
    expect(checkout.text).toContain("some-plan  changed  1");
    const change = (actions: readonly string[]) => ({
      actions,
      before: null,
      after: { ami: "ami-1", tags: { Name: "<b>" } },
    });
    writeFileSync(
      at("other.json"),
      JSON.stringify({
        format_version: "1.2",
        terraform_version: "1.9.0",
        resource_changes: [
          {
            address: 'module.m["a b"].aws_instance.w[0]',
            type: "aws_instance",
            mode: "managed",
            change: change(["create"]),
          },
          { address: "data.aws_ami.x", type: "aws_ami", mode: "data", change: change(["read"]) },
        ],
      }),
    );
    expect(await checkout.run("review", at("other.json"), "--json")).toBe(0);
    expect(report()).toMatchObject({ source: "plan", changes: [{ action: "create" }] });
  });

  test.each([
    [
      "truncated JSON",
      (): string => changed("a", "json/pilot-tailnet.json", '{"format_version":"1.2","resource_ch'),
      /is no JSON/,
    ],
    ["a plan that is none", (): string => changed("b", "json/pilot-tailnet.json", "[]"), /has no format_version/],
    [
      "odd changes",
      (): string => changed("c", "json/pilot-tailnet.json", '{"format_version":"1.2","resource_changes":[{}]}'),
      /must have an address/,
    ],
    [
      "deep JSON",
      (): string => changed("d", "json/pilot-tailnet.json", `${"[".repeat(5000)}${"]".repeat(5000)}`),
      /nested deeper/,
    ],
    [
      "a future index",
      (): string => changed("e", "plans.json", '{"formatVersion":"9"}'),
      /formatVersion: must be 1\.0, got "9"/,
    ],
    [
      "an index that leads elsewhere",
      (): string =>
        changed(
          "f",
          "plans.json",
          '{"formatVersion":"1.0","fleet":"x","madeAt":"x","terraform":"1","stacks":[{"stack":"../../x","status":"changed","document":"x"}]}',
        ),
      /stacks\[0\]: must have stack/,
    ],
    ["a directory without plans", (): string => (mkdirSync(at("g")), at("g")), /has no plans\.json/],
    ["nothing", (): string => at("nowhere"), /does not exist/],
  ])("refuses %s with an error", async (_what, path, message) => {
    expect(await checkout.run("review", path())).toBe(1);
    expect(checkout.errors).toMatch(message);
    expect(checkout.errors).not.toContain("this is a fault of Steppe");
  });

  test("follows no link out of the directory", async () => {
    cpSync(at("plans"), at("linked"), { recursive: true });
    rmSync(at("linked", "json", "pilot-tailnet.json"));
    symlinkSync(at("some-plan.json"), at("linked", "json", "pilot-tailnet.json"));
    expect(readFileSync(at("linked", "json", "pilot-tailnet.json"), "utf8")).toContain("format_version");
    expect(await checkout.run("review", at("linked"))).toBe(1);
    expect(checkout.errors).toContain("lies outside of");
  });
});
