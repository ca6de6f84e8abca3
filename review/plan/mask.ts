import { isEqual, type Json, list, object } from "../json";

/** Stands where a plan held a sensitive value. */
export const SENSITIVE = "(sensitive value)";
/** The same, where it is another than before. */
export const ANOTHER = "(another sensitive value)";

/** Shorter texts stand in too many places to be told apart from what is no secret. */
const MIN_SECRET = 8;

/**
 * A plan without its sensitive values, so that it may travel. `terraform show -json` prints them in clear text, and says beside them
 * which they are. What a provider copies into an attribute without saying so goes as well, wherever the same text stands.
 *
 * @see https://developer.hashicorp.com/terraform/internals/json-format#change-representation
 */
export function masked(plan: Json): Json {
  const secrets = new Set<string>();
  const shown = {
    ...plan,
    ...mapped(plan, "variables", (variables) => maskedVariables(object(variables), plan, secrets)),
    ...mapped(plan, "resource_changes", (changes) => list(changes).map((entry) => maskedEntry(entry, secrets))),
    ...mapped(plan, "resource_drift", (changes) => list(changes).map((entry) => maskedEntry(entry, secrets))),
    ...mapped(plan, "deferred_changes", (changes) =>
      list(changes).map((entry) => ({
        ...object(entry),
        ...mapped(object(entry), "resource_change", (change) => maskedEntry(change, secrets)),
      })),
    ),
    ...mapped(plan, "output_changes", (outputs) => eachOf(outputs, (change) => maskedChange(object(change), secrets))),
    ...mapped(plan, "planned_values", (values) => maskedValues(object(values), secrets)),
    ...mapped(plan, "prior_state", (state) => ({
      ...object(state),
      ...mapped(object(state), "values", (values) => maskedValues(object(values), secrets)),
    })),
  };
  const known = [...secrets].filter((text) => text.length >= MIN_SECRET).sort((a, b) => b.length - a.length);
  return known.length === 0 ? shown : (without(shown, known) as Json);
}

function maskedEntry(entry: unknown, secrets: Set<string>): Json {
  const change = object(entry);
  return { ...change, ...mapped(change, "change", (value) => maskedChange(object(value), secrets)) };
}

function maskedChange(change: Json, secrets: Set<string>): Json {
  const marks = union(change["before_sensitive"], change["after_sensitive"]);
  const [before, after] = pair(change["before"], change["after"], marks, secrets);
  return { ...change, ...mapped(change, "before", () => before), ...mapped(change, "after", () => after) };
}

/** Sensitive on one side is sensitive on the other: it may be the same value. */
function union(left: unknown, right: unknown): unknown {
  if (left === true || right === true) return true;
  if (Array.isArray(left) && Array.isArray(right))
    return Array.from({ length: Math.max(left.length, right.length) }, (_, index) => union(left[index], right[index]));
  if (Array.isArray(left) || Array.isArray(right)) return Array.isArray(left) ? left : right;
  const [one, other] = [object(left), object(right)];
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...keys].map((key) => [key, union(one[key], other[key])]));
}

function pair(before: unknown, after: unknown, marks: unknown, secrets: Set<string>): readonly [unknown, unknown] {
  if (marks !== true) {
    const inner = (value: unknown) => maskedValue(value, marks, secrets);
    if (!isContainer(before) || !isContainer(after) || Array.isArray(before) || Array.isArray(after))
      return [inner(before), inner(after)];
    const [was, is] = [object(before), object(after)];
    const entries = [...new Set([...Object.keys(was), ...Object.keys(is)])].map(
      (key) => [key, pair(was[key], is[key], object(marks)[key], secrets)] as const,
    );
    return [
      Object.fromEntries(entries.filter(([key]) => Object.hasOwn(was, key)).map(([key, [value]]) => [key, value])),
      Object.fromEntries(entries.filter(([key]) => Object.hasOwn(is, key)).map(([key, [, value]]) => [key, value])),
    ];
  }
  const isChanged = !isNothing(before) && !isNothing(after) && !isEqual(before, after);
  const hidden = hide(after, secrets);
  return [hide(before, secrets), isChanged ? ANOTHER : hidden];
}

/** A value without what is marked in it. @param marks - `true`, or the same shape with `true` at what is sensitive. */
function maskedValue(value: unknown, marks: unknown, secrets: Set<string>): unknown {
  if (marks === true) return hide(value, secrets);
  if (Array.isArray(value))
    return Array.isArray(marks) ? value.map((item, index) => maskedValue(item, marks[index], secrets)) : value;
  if (!isContainer(value) || !isContainer(marks)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, maskedValue(item, object(marks)[key], secrets)]),
  );
}

function hide(value: unknown, secrets: Set<string>): unknown {
  // That there is none is no secret.
  if (isNothing(value)) return value;
  collect(value, secrets);
  return SENSITIVE;
}

function collect(value: unknown, secrets: Set<string>): void {
  if (typeof value === "string") secrets.add(value);
  else if (isContainer(value)) for (const item of Object.values(value)) collect(item, secrets);
}

function maskedVariables(variables: Json, plan: Json, secrets: Set<string>): Json {
  const declared = object(object(object(plan["configuration"])["root_module"])["variables"]);
  return Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => {
      const { sensitive, ephemeral } = object(declared[name]);
      const isSecret = sensitive === true || ephemeral === true;
      return [name, isSecret ? { ...object(variable), value: hide(object(variable)["value"], secrets) } : variable];
    }),
  );
}

/** Values of a state: outputs and resources, by module. */
function maskedValues(values: Json, secrets: Set<string>): Json {
  return {
    ...values,
    ...mapped(values, "outputs", (outputs) =>
      eachOf(outputs, (output) => {
        const { value, sensitive } = object(output);
        return sensitive === true ? { ...object(output), value: hide(value, secrets) } : output;
      }),
    ),
    ...mapped(values, "root_module", (module) => maskedModule(object(module), secrets)),
  };
}

function maskedModule(module: Json, secrets: Set<string>): Json {
  return {
    ...module,
    ...mapped(module, "resources", (resources) =>
      list(resources).map((resource) => {
        const { values, sensitive_values: marks } = object(resource);
        return { ...object(resource), values: maskedValue(values, marks, secrets) };
      }),
    ),
    ...mapped(module, "child_modules", (modules) => list(modules).map((child) => maskedModule(object(child), secrets))),
  };
}

/** Everywhere else, as a whole or as part of another text. */
function without(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === "string")
    return secrets.reduce((text, secret) => (text.includes(secret) ? text.replaceAll(secret, SENSITIVE) : text), value);
  if (Array.isArray(value)) return value.map((item) => without(item, secrets));
  if (!isContainer(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, without(item, secrets)]));
}

function mapped(from: Json, key: string, change: (value: unknown) => unknown): Json {
  return Object.hasOwn(from, key) ? { [key]: change(from[key]) } : {};
}

function eachOf(value: unknown, change: (item: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(object(value)).map(([key, item]) => [key, change(item)]));
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
