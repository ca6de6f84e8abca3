/**
 * The same JSON value with the keys of every object in code-unit order, so that equal jobs give equal text. Returns the
 * very same object where nothing was out of order; drops `undefined` values on the way.
 */
export function sortKeys<T>(value: T): T {
  return sort(value) as T;
}

function sort(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return sortItems(value);
  const source = value as Record<string, unknown>;
  const keys = Object.keys(source);
  let changed = !isSorted(keys);
  const items: unknown[] = [];
  for (const key of keys) {
    const before = source[key];
    const after = sort(before);
    changed ||= after !== before || before === undefined;
    items.push(after);
  }
  if (!changed) return value;
  const order = keys.map((_key, index) => index).sort((a, b) => ((keys[a] ?? "") < (keys[b] ?? "") ? -1 : 1));
  const result: Record<string, unknown> = {};
  for (const index of order) {
    const key = keys[index];
    if (key !== undefined && items[index] !== undefined) result[key] = items[index];
  }
  return result;
}

function sortItems(values: readonly unknown[]): readonly unknown[] {
  let result: unknown[] | undefined;
  for (let index = 0; index < values.length; index += 1) {
    const after = sort(values[index]);
    if (after !== values[index]) {
      result ??= [...values];
      result[index] = after;
    }
  }
  return result ?? values;
}

function isSorted(keys: readonly string[]): boolean {
  for (let index = 1; index < keys.length; index += 1) {
    if ((keys[index] ?? "") < (keys[index - 1] ?? "")) return false;
  }
  return true;
}

/** True for an object that is no list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
