import { googleBlocks } from "../../../review/hcl/google-blocks";
import { everyResource, trustOf } from "../../helpers/aws";
import { gcpStack } from "../../helpers/gcp";
import { arbitraryGcpFleets } from "../../helpers/gcp-arbitrary";
import { gcpKinds } from "../../helpers/gcp-kinds";
import { GOOGLE_PROVIDER } from "../../helpers/google-provider";
import fc from "../../helpers/properties";
import { blocksOf, resourceSchemas, type SchemaBlock, schemaProblems } from "../../helpers/provider-schema";
import type { StackDocument } from "../../helpers/synth";
import { describeWithTerraform, removeTerraformDirs } from "../../helpers/terraform";

afterAll(removeTerraformDirs);

const googles = (stack: StackDocument) => everyResource([stack]).filter(({ type }) => type.startsWith("google_"));

describeWithTerraform("the schema of Google's provider", [GOOGLE_PROVIDER], () => {
  let schemas: Readonly<Record<string, SchemaBlock>> = {};
  const schemaOf = (type: string): SchemaBlock => {
    const schema = schemas[type];
    if (schema === undefined) throw new Error(`${type} has no schema`);
    return schema;
  };
  const problems = (stack: StackDocument) =>
    googles(stack).flatMap(({ type, attributes }) =>
      schemaProblems(schemaOf(type), attributes).map((problem) => `${type}.${problem}`),
    );

  beforeAll(() => {
    schemas = resourceSchemas(GOOGLE_PROVIDER);
  }, 60_000);

  test.each(Object.entries(gcpKinds()))("has all that is written: site %s", (_, fleet) => {
    const stack = gcpStack(fleet, { trust: trustOf(1) });
    expect(googles(stack).length).toBeGreaterThan(20);
    expect(problems(stack)).toEqual([]);
  });

  test("has all that is written, whatever a fleet says", () => {
    fc.assert(
      fc.property(arbitraryGcpFleets(), (fleet) => {
        expect(problems(gcpStack(fleet))).toEqual([]);
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  test("has the blocks that HCL is written with, for every type that has some", () => {
    const types = new Set(
      Object.values(gcpKinds()).flatMap((fleet) => googles(gcpStack(fleet)).map(({ type }) => type)),
    );
    const withBlocks = [...types].map((type) => [type, blocksOf(schemaOf(type))] as const);
    expect(googleBlocks).toMatchObject(
      Object.fromEntries(withBlocks.filter(([, blocks]) => Object.keys(blocks).length > 0)),
    );
    for (const [type, blocks] of Object.entries(googleBlocks))
      expect([type, blocks]).toEqual([type, blocksOf(schemaOf(type))]);
  });

  test("tells what cannot be set and what is missing, at any depth", () => {
    const attributes = {
      "//": {},
      name: "a",
      sized: 1,
      instance_id: "computed",
      labels: { anything: "goes" },
      boot_disk: { initialize_params: { size: 1, sized: 1 } },
      network_interface: [{ subnetwork: "a" }, { access_config: [{ tier: "PREMIUM" }] }],
    };
    expect(schemaProblems(schemaOf("google_compute_instance"), attributes)).toEqual([
      "machine_type is missing",
      "sized cannot be set",
      "instance_id cannot be set",
      "boot_disk.initialize_params.sized cannot be set",
      "network_interface.access_config.tier cannot be set",
    ]);
  });
});
