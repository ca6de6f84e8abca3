/** A place in a policy, key by key. */
export type Place = readonly (string | number)[];

/**
 * Finds the place of a path with dots, such as `acls.0` or `tagOwners.tag:web`. A key may hold dots itself
 * (`autoApprovers.routes.10.0.0.0/8`).
 *
 * @returns undefined where there is no such place.
 */
export function placeOf(value: unknown, path: string): Place | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const keys = Object.keys(value).filter((key) => path === key || path.startsWith(`${key}.`));
  for (const key of keys.sort((a, b) => b.length - a.length)) {
    const at = Array.isArray(value) ? Number(key) : key;
    if (path === key) return [at];
    const inner = placeOf((value as Readonly<Record<string, unknown>>)[key], path.slice(key.length + 1));
    if (inner !== undefined) return [at, ...inner];
  }
  return undefined;
}

/** The value without what stands at some places. Places in lists count as before the removal. */
export function without(value: unknown, places: readonly Place[]): unknown {
  if (places.length === 0 || typeof value !== "object" || value === null) return value;
  const inner = (key: string | number, each: unknown): [] | [unknown] => {
    const below = places.filter(([first]) => first === key).map((place) => place.slice(1));
    return below.some((rest) => rest.length === 0) ? [] : [without(each, below)];
  };
  if (Array.isArray(value)) return value.flatMap((each: unknown, index) => inner(index, each));
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => inner(key, each).map((kept): [string, unknown] => [key, kept])),
  );
}
