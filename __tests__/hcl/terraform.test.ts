import fc from "../helpers/properties";
import { renderHcl } from "../../review/hcl/render";
import {
  describeWithTerraform,
  formatted,
  plan,
  removeTerraformDirs,
  runTerraform,
  terraformDir,
} from "../helpers/terraform";
import { builtin, nomad } from "./documents";

afterAll(removeTerraformDirs);

/** Job specs are compared as data: `jsonencode` and Steppe escape some characters differently. */
function parsed(changes: readonly { readonly after: unknown }[]): unknown {
  return changes.map((change) => {
    const after = change.after as Record<string, unknown> | null;
    const jobspec = after?.["jobspec"];
    return typeof jobspec === "string"
      ? { ...change, after: { ...after, jobspec: JSON.parse(jobspec) as unknown } }
      : change;
  });
}

function expectEqualPlans(document: object, providers: readonly string[]): void {
  const hcl = renderHcl(document);
  const fromJson = plan(terraformDir({ "cdk.tf.json": JSON.stringify(document) }, providers));
  const fromHcl = plan(terraformDir({ "main.tf": hcl }, providers));
  expect(fromJson.length).toBeGreaterThan(0);
  expect(parsed(fromHcl)).toEqual(parsed(fromJson));
}

describeWithTerraform("HCL on the real terraform", [], () => {
  test("plans the same changes as the JSON", () => {
    expectEqualPlans(builtin, []);
  }, 60_000);

  test("plans the same changes where an expression has several lines", () => {
    const input = '${{"a" = "1"\n"b" = "2"}}';
    expectEqualPlans({ resource: { terraform_data: { a: { input, triggers_replace: [input] } } } }, []);
  }, 60_000);

  test.each(Object.entries({ builtin, nomad }))("is formatted: %s", (_name, document) => {
    const hcl = renderHcl(document);
    expect(formatted(hcl)).toBe(hcl);
  });

  test("keeps any text, as a value and as a key", () => {
    const special = fc.constantFrom(
      "${",
      "%{",
      "$${",
      "$",
      "%",
      "{",
      "}",
      '"',
      "\\",
      "\n",
      "\r\n",
      "\t",
      "EOT",
      "EOT\n",
      " ",
      "<<EOT",
      "/",
      "ü",
      "\u0007",
    );
    const text = fc
      .array(fc.oneof(special, fc.string({ unit: "grapheme", maxLength: 3 })), { maxLength: 8 })
      .map((parts) => parts.join(""));
    const values = fc.sample(text, { numRuns: 400, seed: 7 });
    // Terraform normalizes text to NFC, and a map has each key once.
    const inputs = Object.fromEntries(
      values.map((value, index) => [`k${index} ${value}`.normalize("NFC"), value.normalize("NFC")]),
    );
    const escape = (value: string) => value.replace(/\$\{/g, "$$${").replace(/%\{/g, "%%{");
    const escaped = Object.fromEntries(Object.entries(inputs).map(([key, value]) => [escape(key), escape(value)]));
    const document = { resource: { terraform_data: { a: { input: escaped } } } };
    const [change] = plan(terraformDir({ "main.tf": renderHcl(document) }));
    expect((change?.after as { input: unknown }).input).toEqual(inputs);
  }, 60_000);

  test("is not needed to tell that the JSON is valid", () => {
    const directory = terraformDir({ "cdk.tf.json": JSON.stringify(builtin) });
    runTerraform(directory, "init", "-backend=false");
    expect(JSON.parse(runTerraform(directory, "validate", "-json"))).toMatchObject({ valid: true, diagnostics: [] });
  }, 60_000);
});

describeWithTerraform("HCL of a Nomad-level stack on the real terraform", ["hashicorp/nomad"], () => {
  test("plans what the JSON plans, jobs as data", () => {
    expectEqualPlans(nomad, ["hashicorp/nomad"]);
  }, 120_000);
});
