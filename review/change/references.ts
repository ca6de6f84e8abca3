import { type Json, list, object } from "../json";

/** What an expression reads. */
export interface Reference {
  /** Shape: `aws_instance.a`, `local.b`, `var.c`. */
  readonly address: string;
  /** @example "id" */
  readonly attribute?: string;
}

/** How deep values are looked into, as far as paths go. */
const DEPTH = 12;

const REFERENCE = /(?<![\w.-])([A-Za-z_]\w*\.[A-Za-z_][\w-]*)(?:\.([A-Za-z_]\w*))?/g;

/** What a text's expressions read. Takes a word of the text around them for a reference where it looks like one. */
export function referencesIn(text: string): readonly Reference[] {
  if (!text.includes("${") && !text.includes("%{")) return [];
  return bareReferences(text);
}

/** What an expression without braces reads, as `replace_triggered_by` may have them. */
export function bareReferences(text: string): readonly Reference[] {
  return [...text.matchAll(REFERENCE)].map(([, address = "", attribute]) => ({
    address,
    ...(attribute !== undefined && { attribute }),
  }));
}

/**
 * Where arguments read something.
 *
 * @returns paths. Shape: `["user_data", "triggers_replace.machine", "rule[0].prefix"]`.
 */
export function pathsReading(values: Json, isMeant: (reference: Reference) => boolean): readonly string[] {
  return Object.entries(values).flatMap(([key, value]) => pathsIn(key, value, isMeant, 1));
}

function pathsIn(
  path: string,
  value: unknown,
  isMeant: (reference: Reference) => boolean,
  depth: number,
): readonly string[] {
  if (typeof value === "string") return referencesIn(value).some(isMeant) ? [path] : [];
  if (typeof value !== "object" || value === null || depth >= DEPTH) return [];
  if (!Array.isArray(value))
    return Object.entries(object(value)).flatMap(([key, one]) => pathsIn(`${path}.${key}`, one, isMeant, depth + 1));
  const found = list(value).flatMap((one, index) =>
    pathsIn(typeof one === "string" ? path : `${path}[${index}]`, one, isMeant, depth + 1),
  );
  return [...new Set(found)];
}

/** A value whose references follow moved resources. Shape of moves: `{ "aws_instance.old" => "aws_instance.new" }`. */
export function withMoves(value: unknown, moves: Pick<ReadonlyMap<string, string>, "get" | "size">): unknown {
  if (moves.size === 0) return value;
  if (typeof value === "string")
    return value.includes("${") || value.includes("%{")
      ? value.replaceAll(REFERENCE, (whole, address: string) => {
          const to = moves.get(address);
          return to === undefined ? whole : `${to}${whole.slice(address.length)}`;
        })
      : value;
  if (Array.isArray(value)) return value.map((one: unknown) => withMoves(one, moves));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withMoves(one, moves)]));
}
