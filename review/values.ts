import { type Json, list, object, text } from "./json";

/**
 * Values at a path, through lists and blocks alike. Shape of the path: `rule.expiration.days`.
 */
export function valuesAt(values: unknown, path: string): readonly unknown[] {
  return path.split(".").reduce<readonly unknown[]>(
    (found, key) =>
      found
        .flatMap((one) => (Array.isArray(one) ? list(one) : [one]))
        .flatMap((one) => (Object.hasOwn(object(one), key) ? [object(one)[key]] : []))
        .flatMap((one) => (Array.isArray(one) ? list(one) : [one]))
        .filter((one) => one !== null && one !== undefined),
    [values],
  );
}

/** Numbers at a path; those that stand as text too. */
export function numbersAt(values: Json | undefined, path: string): readonly number[] {
  return valuesAt(values, path)
    .map((value) => (typeof value === "string" && value.trim() !== "" ? Number(value) : value))
    .filter((value): value is number => typeof value === "number" && Number.isFinite(value));
}

/** The text at a path, where there is one. */
export function textAt(values: Json | undefined, path: string): string | undefined {
  return text(valuesAt(values, path)[0]);
}
