/** What every resource may have, whatever its provider. */
export const META = ["//", "depends_on", "lifecycle", "provisioner", "connection", "count", "for_each", "provider"];

type Binding = Readonly<Record<string, { readonly tfResourceType?: string; readonly prototype?: object }>>;

/**
 * Paths of attributes and blocks that a resource has and its provider's binding cannot set, at any depth. Shape:
 * `boot_disk.initialize_params.sized`.
 *
 * @param provider - as npm names its bindings. Shape: `google`.
 * @param type - Shape: `google_compute_instance`.
 * @throws Error for a type that has no binding.
 */
export function unknownAttributes(
  provider: "google" | "aws",
  type: string,
  attributes: Readonly<Record<string, unknown>>,
): readonly string[] {
  const name = type.replace(/^[a-z]+_/, "");
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- one of hundreds, by the name of its type
  const binding = require(`@cdktf/provider-${provider}/lib/${name.replaceAll("_", "-")}`) as Binding;
  const [className, resource] = Object.entries(binding).find(([, { tfResourceType }]) => tfResourceType === type) ?? [];
  if (className === undefined || resource?.prototype === undefined) throw new Error(`no binding for ${type}`);
  const own = Object.fromEntries(Object.entries(attributes).filter(([key]) => !META.includes(key)));
  return unknownIn(binding, className, resource.prototype, own);
}

/** What can be set has a property that gives back what was set; a block has a class of its own, named after where it is. */
function unknownIn(
  binding: Binding,
  className: string,
  prototype: object,
  attributes: Readonly<Record<string, unknown>>,
): readonly string[] {
  return Object.entries(attributes).flatMap(([key, value]) => {
    const property = key.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    if (!(`${property}Input` in prototype)) return [key];
    const blockName = `${className}${property.charAt(0).toUpperCase()}${property.slice(1)}`;
    const block = binding[`${blockName}OutputReference`]?.prototype;
    if (block === undefined) return [];
    return [value]
      .flat()
      .flatMap((entry) =>
        unknownIn(binding, blockName, block, entry as Record<string, unknown>).map((path) => `${key}.${path}`),
      );
  });
}
