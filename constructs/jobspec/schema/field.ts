import { AssumptionError } from "../../core/problems";
import { type Item } from "./hcl-body";

/** An object of Nomad's API. */
export type Json = Readonly<Record<string, unknown>>;

/** One key of the API, computed from the value of a property and from the whole it belongs to. Undefined leaves it out. */
export interface Entry {
  readonly key: string;
  readonly compute: (given: unknown, whole: unknown, label: string) => unknown;
  /** Computed although the property is unset. */
  readonly always?: boolean;
}

/** How one property is written to and read from Nomad's API, and written as HCL. */
export interface Field {
  /** What it holds, for tools that walk schemas. */
  readonly kind: FieldKind;
  /** Keys of the API. */
  readonly entries: readonly Entry[];
  /** Keys of the API that it is read from. */
  readonly keys: readonly string[];
  /** Reads it back. Undefined where the API holds nothing. */
  readonly read: (json: Json, at: string, trouble: Trouble) => unknown;
  /** HCL of a value that is set. */
  readonly items: (given: unknown, whole: unknown) => readonly Item[];
  /** Name in HCL. */
  readonly hcl: string;
  /** Schema of the blocks that it holds. */
  readonly children?: Schema;
  /** Nomad version that introduced it. @default - older than 1.6 */
  readonly since?: string;
  /** Nomad Enterprise only. */
  readonly enterprise?: boolean;
}

export type FieldKind =
  | "value"
  | "duration"
  | "size"
  | "frequency"
  | "map"
  | "open"
  | "block"
  | "blocks"
  | "labelled"
  | "nodeAttribute"
  | "deviceAttribute"
  | "driver"
  | "config"
  | "own";

/** Hears about what cannot be read back. */
export type Trouble = (at: string, what: string, value: unknown) => void;

/** What a type of the jobspec has, property by property. */
export interface Schema {
  /** Name of the TypeScript type. */
  readonly name: string;
  /** By property, in the order in which people read them. */
  readonly fields: Readonly<Record<string, Field>>;
  /** Key of the API for the label of the block. */
  readonly label: string | undefined;
  /** Value to API, keys sorted, those of unset properties absent. */
  readonly render: (value: object, label?: string) => Record<string, unknown>;
  /** API to value. */
  readonly parse: (json: Json, at: string, trouble: Trouble) => Record<string, unknown>;
  /** Value to the inside of a block. */
  readonly items: (value: object) => readonly Item[];
}

/** A field before it knows which property it is for. */
export type FieldSpec = (property: string) => Field;

/** Keys of every member of a union. */
export type KeysOf<T> = T extends unknown ? keyof T : never;

/** Options that all fields share. */
export interface FieldOptions {
  /** Name in HCL. @default - the property in snake_case */
  readonly hcl?: string;
  /** See {@link Field.since}. */
  readonly since?: string;
  /** See {@link Field.enterprise}. */
  readonly enterprise?: boolean;
  /** The API tells unset from zero. Else zero is neither sent nor read back: it would mean the same. @default false */
  readonly pointer?: boolean;
  /** What Nomad's HCL parser writes where nothing is set, as the API has it: neither sent nor read back. @default - nothing */
  readonly filledIn?: unknown;
  /** There although it is empty. @default false */
  readonly keepEmpty?: boolean;
  /** Another key that the servers answer with. @default - none */
  readonly answeredAs?: string;
}

/** camelCase as Nomad's HCL has it. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** True for what the API sends where nothing is set. */
export function isNothing(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function isZero(value: unknown): boolean {
  return value === "" || value === 0 || value === false;
}

/** A field of one key, by how its value is converted. */
export function simple(
  kind: FieldKind,
  key: string,
  options: FieldOptions,
  codec: {
    readonly render?: (given: never) => unknown;
    readonly parse?: (value: never, at: string, trouble: Trouble) => unknown;
    readonly items: (name: string, given: never) => readonly Item[];
    readonly children?: Schema;
  },
): FieldSpec {
  const isUnset = (value: unknown) =>
    value === null ||
    value === undefined ||
    (options.keepEmpty !== true && isNothing(value)) ||
    (options.filledIn !== undefined && value === options.filledIn) ||
    (options.pointer !== true && isZero(value));
  return (property) => {
    const hcl = options.hcl ?? snakeCase(property);
    const render = (codec.render as Entry["compute"] | undefined) ?? ((given) => given);
    return {
      kind,
      hcl,
      keys: options.answeredAs === undefined ? [key] : [key, options.answeredAs],
      entries: [
        {
          key,
          compute: (given, whole, label) => {
            const made = render(given, whole, label);
            return isUnset(made) ? undefined : made;
          },
        },
      ],
      read: (json, at, trouble) => {
        const value = json[key] ?? (options.answeredAs === undefined ? undefined : json[options.answeredAs]);
        if (isUnset(value)) return undefined;
        const where = at === "" ? property : `${at}.${property}`;
        return codec.parse === undefined ? value : codec.parse(value as never, where, trouble);
      },
      items: (given) => codec.items(hcl, given as never),
      ...(codec.children === undefined ? {} : { children: codec.children }),
      ...(options.since === undefined ? {} : { since: options.since }),
      ...(options.enterprise === undefined ? {} : { enterprise: options.enterprise }),
    };
  };
}

interface Writer {
  readonly key: string;
  readonly property: string;
  readonly compute: Entry["compute"];
  readonly always: boolean;
}

/**
 * Describes a type. A property added to a type does not compile until it has a field here.
 *
 * @param name - of the TypeScript type.
 * @param more - `label`: key of the API for the label of the block; `ignore`: keys that mean nothing to a jobspec; `items`: HCL
 * for values that are written in a way of their own.
 */
export function schema<T extends object>(
  name: string,
  specs: Readonly<Record<KeysOf<T> & string, FieldSpec>>,
  more: {
    readonly label?: string;
    readonly ignore?: readonly string[];
    readonly items?: (value: T) => readonly Item[] | undefined;
  } = {},
): Schema {
  const fields = Object.fromEntries(
    Object.entries<FieldSpec>(specs).map(([property, spec]) => [property, spec(property)]),
  );
  const named = Object.entries(fields);
  const labels = more.label === undefined ? [] : [more.label];
  const writers: Writer[] = [
    ...named.flatMap(([property, field]) =>
      field.entries.map(({ key, compute, always }) => ({ key, property, compute, always: always === true })),
    ),
    ...labels.map((key) => ({
      key,
      property: "",
      always: true,
      compute: (_g: unknown, _w: unknown, label: string) => label,
    })),
  ].sort((a, b) => (a.key < b.key ? -1 : 1));
  const known = new Set([...named.flatMap(([, field]) => field.keys), ...labels, ...(more.ignore ?? [])]);
  return {
    name,
    fields,
    label: more.label,
    render: (value, label = "") => {
      const result: Record<string, unknown> = {};
      for (const { key, property, compute, always } of writers) {
        const given = (value as Json)[property];
        if (given === undefined && !always) continue;
        const made = compute(given, value, label);
        if (made !== undefined) result[key] = made;
      }
      return result;
    },
    parse: (json, at, trouble) => {
      const result: Record<string, unknown> = {};
      for (const [property, field] of named) {
        const value = field.read(json, at, trouble);
        if (value !== undefined) result[property] = value;
      }
      for (const [key, value] of Object.entries(json)) {
        if (!known.has(key) && !isNothing(value) && !isZero(value)) trouble(at, `${name}.${key}`, value);
      }
      return result;
    },
    items: (value) => {
      const own = more.items?.(value as T);
      if (own !== undefined) return own;
      return named.flatMap(([property, field]) => {
        const given = (value as Json)[property];
        return given === undefined ? [] : field.items(given, value);
      });
    },
  };
}

/** For readers: what must not happen once validation has passed. */
export function assume<T>(value: T | undefined, text: string): T {
  if (value === undefined) throw new AssumptionError(`${text}: validateJob() reports this first`);
  return value;
}
