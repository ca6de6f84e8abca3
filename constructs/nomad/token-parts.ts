import { holdsToken } from "./jobspec-text";

/** Below this lie only numbers that stand for a Terraform reference. */
const NUMBER_TOKENS_END = -1e280;

/**
 * Resolves what a resource says about itself as CDKTF would, but shows CDKTF only the parts that may hold a token: texts,
 * numbers, lists and maps with one inside, and objects that are not plain data. Nothing else can change on the way, but that
 * `undefined` is left out.
 *
 * @param resolve - CDKTF's resolver.
 */
export function resolveParts(value: unknown, resolve: (part: unknown) => unknown): unknown {
  if (mayBeToken(value)) return resolve(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    if (value.some(isListToken)) return resolve(value);
    return value.map((item) => resolveParts(item, resolve)).filter((item) => item !== undefined);
  }
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (holdsToken(key)) return resolve(value);
    const after = resolveParts(item, resolve);
    if (after !== undefined) result[key] = after;
  }
  return result;
}

/** Whether CDKTF must see the value whole. */
function mayBeToken(value: unknown): boolean {
  if (typeof value === "string") return holdsToken(value);
  if (typeof value === "number") return mayBeNumberToken(value);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return typeof value === "function";
  return !isPlain(value) || "resolve" in value;
}

/** Whether the list that it is in stands for a reference. */
function isListToken(value: unknown): boolean {
  return typeof value === "string" ? value.includes("#{TfToken[") : mayBeNumberToken(value);
}

function mayBeNumberToken(value: unknown): boolean {
  return typeof value === "number" && value < NUMBER_TOKENS_END;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
