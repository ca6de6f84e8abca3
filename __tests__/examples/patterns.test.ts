import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { NomadJob } from "../../constructs/nomad/job";
import { RegionProvider } from "../../constructs/nomad/region-provider";
import { fleet as machines } from "../../examples/patterns";
import type { Fleet } from "../../model/types";
import { validateFleet } from "../../model/validate";

/** A file of examples/ai or examples/services: one function that makes the jobs, and what the fleet says beside that of examples/patterns.ts. */
interface Example {
  /** @default "home" */
  readonly region?: string;
  /** @default {} */
  readonly services?: Fleet["services"];
  readonly [name: string]: unknown;
}

const root = join(__dirname, "..", "..", "examples");
const files = ["ai", "services"].flatMap((folder) =>
  existsSync(join(root, folder))
    ? readdirSync(join(root, folder))
        .filter((name) => name.endsWith(".ts"))
        .map((name) => join(folder, name))
    : [],
);

describe.each(files)("examples/%s", (file) => {
  test("has fewer than 25 lines", () => {
    expect(readFileSync(join(root, file), "utf8").trimEnd().split("\n").length).toBeLessThan(25);
  });

  test("makes jobs that the fleet of the examples can run", async () => {
    const { region = "home", services = {}, ...rest } = (await import(join(root, file))) as Example;
    const builds = Object.values(rest).filter((value) => typeof value === "function") as ((
      scope: Construct,
    ) => unknown)[];
    expect(builds.length).toBe(1);
    const fleet: Fleet = { ...machines, services: { ...machines.services, ...services } };
    expect(validateFleet(fleet).filter(({ severity }) => severity !== "warning")).toEqual([]);
    const stack = new TerraformStack(new App({ outdir: "unused" }), "examples");
    new RegionProvider(stack, "Region", { region, address: "https://nomad.example:4646", fleet });
    for (const build of builds) build(stack);
    const jobs = stack.node.findAll().filter((node) => node instanceof NomadJob);
    expect(jobs.length).toBeGreaterThan(0);
  });
});
