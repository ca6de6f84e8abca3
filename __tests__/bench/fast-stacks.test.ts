import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Fn, Lazy, LocalBackend, TerraformVariable, Token } from "cdktf";
import { TerraformData } from "../../constructs/core/terraform-data";
import { FastStack } from "../../constructs/nomad/fast-stack";
import { resolveParts } from "../../constructs/nomad/token-parts";
import * as example from "../../fleets/example";
import * as lab from "../../fleets/lab";
import { defineStacks } from "../../stacks/program";

const directories: string[] = [];
afterAll(() => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** All files that a program writes, by path. */
function synthesize(build: (app: App) => void, fast: boolean): Readonly<Record<string, string>> {
  const outdir = mkdtempSync(join(tmpdir(), "steppe-fast-"));
  directories.push(outdir);
  const app = new App({ outdir });
  build(app);
  if (!fast) for (const node of app.node.findAll()) if (node instanceof FastStack) node.useNormalPath();
  app.synth();
  const paths = readdirSync(outdir, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".json"));
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(outdir, path), "utf8")]));
}

class Holder {
  constructor(public readonly held: string) {}
}

/** Inputs of a resource, given another resource and a variable to refer to. */
const inputs: Readonly<Record<string, (other: TerraformData, variable: TerraformVariable) => unknown>> = {
  "plain data": () => ({ a: [1, "two", null, { b: false }], "": {}, list: [] }),
  "a key without a value": () => ({ a: undefined, b: [1, undefined, 2] }),
  "texts that look like numbers": () => ["1e5", "2.50e+10", "-3e-7", "0x1e+299"],
  "a text": (other) => `before \${Literal} ${other.fqn} after`,
  "a list of texts": (other) => [other.fqn, "plain", `\${${other.fqn}}`],
  "a number": (_other, variable) => ({ deep: [{ number: variable.numberValue }] }),
  "a list": (_other, variable) => ({ list: variable.listValue }),
  "a map": () => ({ map: Token.asStringMap({ a: "b" }) }),
  "a list of numbers": () => ({ numbers: Token.asNumberList([1, 2]) }),
  "a token as it is": (other) => ({ token: Lazy.anyValue({ produce: () => ({ of: other.fqn }) }) }),
  "a token that is nothing": () => ({ a: Lazy.anyValue({ produce: () => undefined }), b: 1 }),
  "a token as a key": (other) => ({ [other.fqn]: 1 }),
  "a function of Terraform": (_other, variable) => Fn.join(",", [variable.stringValue, "${x}"]),
  "an object of a class": (other) => new Holder(other.fqn),
  "an object without a prototype": () => Object.assign(Object.create(null) as object, { a: 1 }),
};

describe("stacks that show CDKTF only the parts with tokens", () => {
  test.each([
    ["lab", lab.fleet, lab.workloads],
    ["example", example.fleet, {}],
  ])("write the same bytes as the normal way: fleet %s", (_name, fleet, workloads) => {
    const build = (app: App) => defineStacks(app, { fleet, workloads });
    expect(synthesize(build, true)).toEqual(synthesize(build, false));
  });

  test.each(Object.entries(inputs))("write the same bytes as the normal way: %s", (_name, input) => {
    const build = (app: App) => {
      const stack = new FastStack(app, "stack");
      new LocalBackend(stack, { path: "x.tfstate" });
      const other = new TerraformData(stack, "other");
      const variable = new TerraformVariable(stack, "variable", {});
      const data = new TerraformData(stack, "data", { input: input(other, variable), dependsOn: [other] });
      data.addOverride("triggers_replace", [other.fqn]);
    };
    expect(synthesize(build, true)).toEqual(synthesize(build, false));
  });

  test("find a reference to another stack", () => {
    const build = (app: App) => {
      const [from, to] = ["from", "to"].map((name) => new FastStack(app, name)) as [FastStack, FastStack];
      for (const stack of [from, to]) new LocalBackend(stack, { path: `${stack.node.id}.tfstate` });
      const source = new TerraformData(from, "source");
      new TerraformData(to, "target", { input: { deep: [source.getStringAttribute("output")] } });
    };
    const fast = synthesize(build, true);
    expect(fast).toEqual(synthesize(build, false));
    expect(fast["stacks/to/cdk.tf.json"]).toContain("data.terraform_remote_state.");
  });

  test("leave a moved resource to CDKTF", () => {
    const build = (app: App) => {
      const stack = new FastStack(app, "stack");
      new LocalBackend(stack, { path: "x.tfstate" });
      const target = new TerraformData(stack, "target");
      Object.assign(target, { _movedById: { from: "terraform_data.old", to: "terraform_data.target" } });
      // Without the check that asks the terraform binary.
      target.hasResourceMove = () => undefined;
    };
    const fast = synthesize(build, true);
    expect(fast).toEqual(synthesize(build, false));
    expect(fast["stacks/stack/cdk.tf.json"]).toContain('"moved"');
  });

  test("leave a resource as it was", () => {
    const stack = new FastStack(new App({ outdir: tmpdir() }), "stack");
    const data = new TerraformData(stack, "data", { input: "x" });
    stack.toTerraform();
    expect(data.toTerraform()).toHaveProperty("resource.terraform_data.data.input", "x");
    expect(Object.hasOwn(data, "toTerraform")).toBe(false);
  });

  test("do not look into plain data", () => {
    const resolve = jest.fn();
    resolveParts({ a: ["b", { c: 1.5e10, d: "${Literal}" }] }, resolve);
    expect(resolve).not.toHaveBeenCalled();
  });
});
