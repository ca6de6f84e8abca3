import { type Json, object } from "../json";

/** A block of a document in Terraform's JSON syntax. */
export interface Block {
  readonly labels: readonly string[];
  readonly body: Json;
}

/**
 * Blocks of one type. Each level may be an object or a list of such.
 *
 * @param labels - how many a block of the type has: 2 of a resource, 1 of a provider, 0 of `terraform`.
 * @see https://developer.hashicorp.com/terraform/language/syntax/json#nested-block-mapping
 */
export function blocksOf(value: unknown, labels: number): readonly Block[] {
  const level = items(value).map(object);
  if (labels === 0) return level.map((body) => ({ labels: [], body }));
  return level.flatMap((byLabel) =>
    Object.entries(byLabel).flatMap(([label, inner]) =>
      // A comment, which Terraform does not look at.
      label === "//"
        ? []
        : blocksOf(inner, labels - 1).map((block) => ({ ...block, labels: [label, ...block.labels] })),
    ),
  );
}

/** The blocks of a nested type: `provisioner` of a resource. */
export function nestedBlocks(body: Json, type: string, labels: number): readonly Block[] {
  return Object.hasOwn(body, type) ? blocksOf(body[type], labels) : [];
}

function items(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? (value.flat(Infinity) as readonly unknown[]) : [value];
}

/** Every text of a value, keys among them, with where it stands. */
export function textsIn(value: unknown, path: string): readonly (readonly [path: string, text: string])[] {
  if (typeof value === "string") return [[path, value]];
  if (Array.isArray(value)) return value.flatMap((item, index) => textsIn(item, `${path}[${index}]`));
  return Object.entries(object(value)).flatMap(([key, item]) => [
    [path, key] as const,
    ...textsIn(item, path === "" ? key : `${path}.${key}`),
  ]);
}

/** Values of a key, at any depth. */
export function valuesOf(value: unknown, key: string): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap((item) => valuesOf(item, key));
  return Object.entries(object(value)).flatMap(([name, item]) => [
    ...(name === key ? [item] : []),
    ...valuesOf(item, key),
  ]);
}
