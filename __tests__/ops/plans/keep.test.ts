import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { removeCheckouts } from "../../helpers/checkout";
import { PlanCheckout, value } from "../../helpers/plan-checkout";
import { describeWithTerraform } from "../../helpers/terraform";

afterAll(removeCheckouts);

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);

describeWithTerraform("plan --out", [], () => {
  test("saves plan files for their owner alone, their JSON, what they were made from, and an index", async () => {
    const checkout = new PlanCheckout();
    checkout.synthesizes({
      "pilot-tailnet": { resource: value("a") },
      "pilot-site-home": { after: ["pilot-tailnet"] },
    });
    expect(await checkout.run("plan", "--out", checkout.path("plans"))).toBe(0);
    expect(checkout.errors).toContain("plan files can hold secrets");
    expect(readdirSync(checkout.path("plans")).sort()).toEqual([
      ".gitignore",
      "json",
      "plan-files",
      "plans.json",
      "synthesized",
    ]);
    expect(mode(checkout.path("plans"))).toBe("700");
    expect(mode(checkout.path("plans", "plan-files", "pilot-tailnet.tfplan"))).toBe("600");
    expect(readdirSync(checkout.path("plans", "plan-files"))).toEqual(["pilot-tailnet.tfplan"]);
    expect(checkout.json("plans", "plans.json")).toMatchObject({
      formatVersion: "1.0",
      fleet: "pilot",
      terraform: expect.stringMatching(/^\d+\.\d+\.\d+/),
      stacks: [
        { stack: "pilot-tailnet", status: "changed", planFile: expect.stringMatching(/^[0-9a-f]{64}$/) },
        { stack: "pilot-site-home", status: "unchanged" },
      ],
    });
    const synthesized = checkout.json("plans", "synthesized", "stacks", "pilot-tailnet", "cdk.tf.json");
    expect(synthesized["resource"]).toEqual(value("a"));
    expect(checkout.json("plans", "json", "pilot-tailnet.json")["resource_changes"]).toHaveLength(1);
  });

  test("says commit and work tree, and keeps git from seeing what lies there", async () => {
    const checkout = new PlanCheckout();
    checkout.synthesizes({ "pilot-tailnet": { resource: value("a") } });
    const git = (...args: readonly string[]) =>
      execFileSync("git", ["-C", checkout.project, "-c", "user.name=a", "-c", "user.email=a@example.com", ...args], {
        encoding: "utf8",
      }).trim();
    writeFileSync(checkout.path(".gitignore"), "dist\nstate\n.terraform\ncdktf.out*\n");
    git("init", "-q");
    git("add", "-A");
    git("commit", "-q", "-m", "a");
    await checkout.run("plan", "--out", checkout.path("plans"));
    expect(checkout.json("plans", "plans.json")).toMatchObject({ commit: git("rev-parse", "HEAD"), dirty: false });
    expect(git("status", "--porcelain")).toBe("");
    writeFileSync(checkout.path("new"), "");
    await checkout.run("plan", "--out", checkout.path("later"));
    expect(checkout.json("later", "plans.json")["dirty"]).toBe(true);
  });

  test("hides what is sensitive, also where a provider has copied it", async () => {
    const checkout = new PlanCheckout();
    checkout.synthesizes({
      "pilot-tailnet": {
        variable: { key: { sensitive: true, default: "hush-hush-1" } },
        resource: { terraform_data: { x: { input: "${var.key}" } } },
        output: { key: { value: "at ${var.key}", sensitive: true } },
      },
    });
    await checkout.trusted();
    expect(await checkout.run("apply", "--yes")).toBe(0);
    const said = (directory: string) => readFileSync(checkout.path(directory, "json", "pilot-tailnet.json"), "utf8");
    expect(await checkout.run("plan", "--out", checkout.path("plans"))).toBe(0);
    expect(said("plans")).not.toContain("hush-hush");
    expect(said("plans")).toContain('"output":"(sensitive value)"');
  });

  test("writes nothing where a stack cannot be planned", async () => {
    const checkout = new PlanCheckout();
    checkout.synthesizes({
      "pilot-tailnet": { resource: value("a") },
      "pilot-site-home": { resource: value("${var.absent}") },
    });
    expect(await checkout.run("plan", "--out", checkout.path("plans"))).toBe(1);
    expect(checkout.errors).toContain("1 of 2 stacks could not be planned, so that no plans were saved");
    expect(readdirSync(checkout.project).filter((name) => name.startsWith("plans"))).toEqual([]);
  });

  test("refuses a directory that has files, and one that git knows files of", async () => {
    const checkout = new PlanCheckout();
    checkout.synthesizes({ "pilot-tailnet": { resource: value("a") } });
    mkdirSync(checkout.path("plans"));
    writeFileSync(checkout.path("plans", "notes"), "");
    expect(await checkout.run("plan", "--out", checkout.path("plans"))).toBe(1);
    expect(checkout.errors).toContain("is not empty");
    execFileSync("git", ["-C", checkout.project, "init", "-q"]);
    execFileSync("git", ["-C", checkout.project, "add", "plans/notes"]);
    execFileSync("rm", [checkout.path("plans", "notes")]);
    expect(await checkout.run("plan", "--out", checkout.path("plans"))).toBe(1);
    expect(checkout.errors).toContain("git has files in");
    expect(existsSync(checkout.path("plans", "plans.json"))).toBe(false);
  });
});
