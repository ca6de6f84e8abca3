import type { Blocks } from "../../review/hcl/blocks";
import { META } from "./provider-binding";
import { runTerraform, terraformDir } from "./terraform";

/** What a provider says that a resource, or a block of one, can have. */
export interface SchemaBlock {
  readonly attributes?: Readonly<Record<string, { readonly optional?: boolean; readonly required?: boolean }>>;
  readonly block_types?: Readonly<Record<string, { readonly block: SchemaBlock; readonly min_items?: number }>>;
}

/** What the real provider of a mirror says that its resources can have, by type. */
export function resourceSchemas(source: string): Readonly<Record<string, SchemaBlock>> {
  const name = source.split("/")[1] as string;
  const directory = terraformDir(
    { "main.tf.json": JSON.stringify({ terraform: { required_providers: { [name]: { source } } } }) },
    [source],
  );
  runTerraform(directory, "init");
  const { provider_schemas: schemas } = JSON.parse(runTerraform(directory, "providers", "schema", "-json")) as {
    provider_schemas: Record<string, { resource_schemas: Record<string, { block: SchemaBlock }> }>;
  };
  const resources = schemas[`registry.terraform.io/${source}`]?.resource_schemas ?? {};
  return Object.fromEntries(Object.entries(resources).map(([type, { block }]) => [type, block]));
}

/** Blocks of a resource as HCL needs them; those that every resource may have are not among them. */
export function blocksOf({ block_types: types = {} }: SchemaBlock): Blocks {
  return Object.fromEntries(
    Object.entries(types)
      .filter(([name]) => name !== "timeouts")
      .map(([name, { block }]) => [name, blocksOf(block)]),
  );
}

/**
 * What is wrong with a resource by its schema, at any depth: what cannot be set, and what must be and is not. Shape:
 * `boot_disk.sized cannot be set`.
 */
export function schemaProblems(schema: SchemaBlock, attributes: Readonly<Record<string, unknown>>): readonly string[] {
  const own = Object.fromEntries(Object.entries(attributes).filter(([key]) => !META.includes(key)));
  return problemsIn(schema, own);
}

function problemsIn(schema: SchemaBlock, attributes: Readonly<Record<string, unknown>>): readonly string[] {
  const { attributes: known = {}, block_types: blocks = {} } = schema;
  const required = [
    ...Object.keys(known).filter((key) => known[key]?.required === true),
    ...Object.keys(blocks).filter((key) => (blocks[key]?.min_items ?? 0) > 0),
  ];
  return [
    ...required.filter((key) => attributes[key] === undefined).map((key) => `${key} is missing`),
    ...Object.entries(attributes).flatMap(([key, value]) => {
      const attribute = known[key];
      if (attribute !== undefined)
        return attribute.optional === true || attribute.required === true ? [] : [`${key} cannot be set`];
      const inner = blocks[key]?.block;
      if (inner === undefined) return [`${key} cannot be set`];
      return [value]
        .flat()
        .flatMap((entry) => problemsIn(inner, entry as Record<string, unknown>).map((path) => `${key}.${path}`));
    }),
  ];
}
