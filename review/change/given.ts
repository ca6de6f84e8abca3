import { isEqual, type Json, object } from "../json";
import { pathsReading, type Reference } from "./references";

/** Locals and variables whose value is another one, also by way of others. Shape: `{ "local.user_data", "var.region" }`. */
export function changedValues(before: Json | undefined, after: Json | undefined): ReadonlySet<string> {
  const [was, is] = [object(before?.["locals"]), object(after?.["locals"])];
  const [had, has] = [object(before?.["variable"]), object(after?.["variable"])];
  const changed = new Set([
    ...Object.keys(is)
      .filter((name) => Object.hasOwn(was, name) && !isEqual(was[name], is[name]))
      .map((name) => `local.${name}`),
    ...Object.keys(has)
      .filter((name) => Object.hasOwn(had, name))
      .filter((name) => !isEqual(object(had[name])["default"], object(has[name])["default"]))
      .map((name) => `var.${name}`),
  ]);
  if (changed.size === 0) return changed;
  const isChanged = ({ address }: Reference) => changed.has(address);
  for (let size = -1; size !== changed.size;) {
    size = changed.size;
    for (const path of pathsReading(is, isChanged)) changed.add(`local.${/^[^.[]+/.exec(path)?.[0] ?? path}`);
  }
  return changed;
}
