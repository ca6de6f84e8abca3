import { code } from "./escape";

/** Items by a key, in the order of their first. */
export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): readonly (readonly [T, ...T[]])[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return [...groups.values()];
}

/** Names as code, with a number for those that are too many. */
export function names(all: readonly string[], most: number): string {
  const kept = all.length <= most + 1 ? all : all.slice(0, most);
  const more = all.length - kept.length;
  return `${kept.map(code).join(", ")}${more === 0 ? "" : ` and ${more} more`}`;
}
