import { formatDuration, parseDuration } from "../duration";
import { formatMebibytes, formatMegahertz, parseMebibytes, parseMegahertz } from "../size";
import { sortKeys } from "../json-value";
import {
  assume,
  type Field,
  type FieldOptions,
  type FieldSpec,
  type Json,
  type Schema,
  simple,
  type Trouble,
} from "./field";
import { attribute, type MapForm, mapItem, nestedBlock, openItems } from "./hcl-body";

/** Text, number, boolean or a list of texts: the same in TypeScript, in the API and in HCL. */
export function value(key: string, options: FieldOptions = {}): FieldSpec {
  return simple("value", key, options, { items: (name, given) => [attribute(name, given)] });
}

/** A value that the API tells from unset. */
export function pointer(key: string, options: FieldOptions = {}): FieldSpec {
  return value(key, { ...options, pointer: true });
}

/** Text in TypeScript and HCL, nanoseconds in the API. */
export function duration(key: string, options: FieldOptions = {}): FieldSpec {
  return simple("duration", key, options, {
    render: (text: string) => assume(parseDuration(text), `"${text}" is no duration`),
    parse: (nanoseconds: number) => formatDuration(nanoseconds),
    items: (name, text) => [attribute(name, text)],
  });
}

/** A duration that the API tells from unset. */
export function durationPointer(key: string, options: FieldOptions = {}): FieldSpec {
  return duration(key, { ...options, pointer: true });
}

/** A size in TypeScript, so many units of it in the API and in HCL. */
export function size(key: string, options: FieldOptions & { readonly bytes?: boolean } = {}): FieldSpec {
  const factor = options.bytes === true ? 1024 * 1024 : 1;
  const count = (text: string) => assume(parseMebibytes(text), `"${text}" is no size`) * factor;
  return simple(
    "size",
    key,
    { ...options, pointer: true },
    {
      render: count,
      parse: (units: number) => formatMebibytes(units / factor),
      items: (name, text: string) => [attribute(name, count(text))],
    },
  );
}

/** `memoryMax`: a size, or -1 for no bound. */
export function sizeOrUnlimited(key: string, options: FieldOptions = {}): FieldSpec {
  const count = (text: string) => (text === "unlimited" ? -1 : assume(parseMebibytes(text), `"${text}" is no size`));
  return simple(
    "size",
    key,
    { ...options, pointer: true },
    {
      render: count,
      parse: (units: number) => (units === -1 ? "unlimited" : formatMebibytes(units)),
      items: (name, text: string) => [attribute(name, count(text))],
    },
  );
}

/** A frequency in TypeScript, MHz in the API and in HCL. */
export function frequency(key: string, options: FieldOptions = {}): FieldSpec {
  const count = (text: string) => assume(parseMegahertz(text), `"${text}" is no frequency`);
  return simple(
    "frequency",
    key,
    { ...options, pointer: true },
    {
      render: count,
      parse: formatMegahertz,
      items: (name, text: string) => [attribute(name, count(text))],
    },
  );
}

/** A map whose keys are the user's. */
export function map(key: string, options: FieldOptions & { readonly form?: MapForm } = {}): FieldSpec {
  return simple("map", key, options, {
    render: sortKeys,
    items: (name, given: Json) => [mapItem(name, given, options.form ?? "block")],
  });
}

/** A map in a list of one, as drivers take `list(map(string))`. */
export function listedMap(key: string, options: FieldOptions = {}): FieldSpec {
  return simple("map", key, options, {
    render: (given: Json) => (Object.keys(given).length === 0 ? undefined : [sortKeys(given)]),
    parse: (given: Json | readonly Json[]) => merged(given),
    items: (name, given: Json) => [mapItem(name, given, "either")],
  });
}

/** A map, or a list of maps that a driver would merge. */
function merged(given: Json | readonly Json[]): Json | undefined {
  const result: unknown = Array.isArray(given) ? Object.assign({}, ...(given as readonly Json[])) : given;
  return Object.keys(result as Json).length === 0 ? undefined : (result as Json);
}

/** Settings that Nomad passes on unread: the body of a block. */
export function open(key: string, options: FieldOptions = {}): FieldSpec {
  return simple("open", key, options, {
    render: (given: Json) => asBody(given),
    items: (name, given: Json) => [nestedBlock(name, openItems(asBody(given)))],
  });
}

/** A body of open settings as Nomad's own parser would read it: objects right inside it are lists of one. */
export function asBody(body: Json): Json {
  return sortKeys(
    Object.fromEntries(
      Object.entries(body).map(([name, inner]) => [
        name,
        typeof inner === "object" && inner !== null && !Array.isArray(inner) ? [inner] : inner,
      ]),
    ),
  );
}

/** One block. An empty one still says something: `vault {}` asks for a token. */
export function block(key: string, inner: Schema, options: FieldOptions = {}): FieldSpec {
  const kept = { ...options, keepEmpty: true };
  return simple("block", key, kept, {
    render: (given: object) => inner.render(given),
    parse: (json: Json, at: string, trouble: Trouble) => inner.parse(json, at, trouble),
    items: (name, given: object) => [nestedBlock(name, inner.items(given))],
    children: inner,
  });
}

/** A block that drivers take as a list of one. */
export function listedBlock(key: string, inner: Schema, options: FieldOptions = {}): FieldSpec {
  return simple("block", key, options, {
    render: (given: object) => [inner.render(given)],
    parse: (json: Json | readonly Json[], at: string, trouble: Trouble) => {
      const [first, ...others] = Array.isArray(json) ? (json as readonly Json[]) : [json as Json];
      if (others.length > 0) trouble(at, `${others.length + 1} blocks where one is read`, json);
      return first === undefined ? undefined : inner.parse(first, at, trouble);
    },
    items: (name, given: object) => [nestedBlock(name, inner.items(given))],
    children: inner,
  });
}

/** A repeated block, a list in TypeScript. */
export function blocks(key: string, hcl: string, inner: Schema, options: FieldOptions = {}): FieldSpec {
  return simple(
    "blocks",
    key,
    { ...options, hcl },
    {
      render: (given: readonly object[]) => given.map((item) => inner.render(item)),
      parse: (json: readonly Json[] | Json, at: string, trouble: Trouble) =>
        (Array.isArray(json) ? (json as readonly Json[]) : [json as Json]).map((item, index) =>
          inner.parse(item, `${at}.${index}`, trouble),
        ),
      items: (name, given: readonly object[]) => given.map((item) => nestedBlock(name, inner.items(item))),
      children: inner,
    },
  );
}

/** A repeated block with a label, a map by label in TypeScript. The API has a list, or a map that repeats the name. */
export function labelled(
  key: string,
  hcl: string,
  inner: Schema,
  options: FieldOptions & { readonly asMap?: boolean } = {},
): FieldSpec {
  const labelKey = inner.label ?? "Name";
  const spec = simple(
    "labelled",
    key,
    { ...options, hcl },
    {
      render: (given: Readonly<Record<string, object>>) => {
        const made = Object.entries(given).map(([label, item]) => [label, inner.render(item, label)] as const);
        return options.asMap === true ? sortKeys(Object.fromEntries(made)) : made.map(([, item]) => item);
      },
      parse: (json: readonly Json[] | Readonly<Record<string, Json>>, at: string, trouble: Trouble) => {
        const items: readonly (readonly [string, Json])[] = Array.isArray(json)
          ? (json as readonly Json[]).map((item) => [String(item[labelKey]), item])
          : Object.entries(json as Readonly<Record<string, Json>>);
        const result: Record<string, unknown> = {};
        for (const [label, item] of items) {
          if (Object.hasOwn(result, label)) trouble(at, `a second ${hcl} "${label}"`, label);
          result[label] = inner.parse(item, `${at}.${label}`, trouble);
        }
        return result;
      },
      items: (name, given: Readonly<Record<string, object>>) =>
        Object.entries(given).map(([label, item]) => nestedBlock(name, inner.items(item), label)),
      children: inner,
    },
  );
  if (options.keepEmpty !== true) return spec;
  return (property) => {
    const field = spec(property);
    return { ...field, read: (json, at, trouble) => field.read(json, at, trouble) ?? {} };
  };
}

/** A field that differs from all the others: what is not given here is as in {@link value}. */
export function own(field: Partial<Field> & Pick<Field, "entries" | "keys" | "read" | "items">): FieldSpec {
  return (property) => ({ kind: "own", hcl: property, ...field });
}
