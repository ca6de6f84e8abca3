import type { Job } from "./job";
import { attr, device, node } from "./references";
import { driverSchemas } from "./schema/drivers";
import type { Field, Json, Schema } from "./schema/field";
import { job as jobSchema } from "./schema/job";
import { configSchema } from "./schema/task";

/** A job as TypeScript source. */
export interface JobSource {
  /** The object literal, not laid out: give it to a formatter. */
  readonly expression: string;
  /** Names that the expression uses, by module of this folder. */
  readonly imports: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Helper expression by the reference that it stands for: `${attr.kernel.name}` is `attr.kernel.name`. */
const helpers = new Map([...leaves("attr", attr), ...leaves("node", node), ...leaves("device", device)]);

function leaves(path: string, tree: object): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]): [string, string][] => {
    if (typeof value === "string") return [[value, `${path}.${key}`]];
    return typeof value === "object" && value !== null ? leaves(`${path}.${key}`, value) : [];
  });
}

/**
 * Writes a job as the TypeScript that makes it: properties in the order of the types, references through their helpers,
 * long text as template literals.
 *
 * @param job - typed or {@link parseJob parsed}.
 */
export function jobSource(job: Job): JobSource {
  const writer = new Writer();
  return { expression: writer.object(job as unknown as Json, jobSchema), imports: writer.imports };
}

class Writer {
  public readonly imports = new Map<string, Set<string>>();

  public object(value: Json, schema: Schema): string {
    const known = Object.entries(schema.fields).filter(([property]) => value[property] !== undefined);
    const parts = known.map(([property, field]) => `${key(property)}: ${this.property(value[property], field, value)}`);
    return `{ ${[...parts, ...this.extra(value, schema)].join(", ")} }`;
  }

  /** Settings of a driver that have no property. */
  private extra(value: Json, schema: Schema): string[] {
    const isConfig = Object.values(driverSchemas).includes(schema);
    return isConfig && value["extra"] !== undefined ? [`extra: ${this.plain(value["extra"])}`] : [];
  }

  private property(value: unknown, field: Field, owner: Json): string {
    switch (field.kind) {
      case "nodeAttribute":
      case "deviceAttribute":
        return this.reference(String(value));
      case "driver":
        return this.driver(String(value));
      case "config": {
        const typed = configSchema(String(owner["driver"]));
        return typed === undefined ? this.plain(value) : this.object(value as Json, typed);
      }
      case "block":
        return this.child(value, field);
      case "blocks":
        return `[${(value as readonly unknown[]).map((item) => this.child(item, field)).join(", ")}]`;
      case "labelled": {
        const entries = Object.entries(value as Json).map(
          ([label, item]) => `${key(label)}: ${this.child(item, field)}`,
        );
        return `{ ${entries.join(", ")} }`;
      }
      case "value":
      case "duration":
      case "size":
      case "frequency":
      case "map":
      case "open":
      case "own":
        return this.plain(value);
    }
  }

  private child(value: unknown, field: Field): string {
    return field.children === undefined ? this.plain(value) : this.object(value as Json, field.children);
  }

  private driver(name: string): string {
    if (configSchema(name) !== undefined) return literal(name);
    this.use("driver", "pluginDriver");
    return `pluginDriver(${literal(name)})`;
  }

  private reference(text: string): string {
    const helper = helpers.get(text);
    if (helper !== undefined) {
      this.use("references", helper.slice(0, helper.indexOf(".")));
      return helper;
    }
    const match = /^\$\{(meta|attr|device\.attr)\.([^}]+)\}$/.exec(text);
    if (match === null) return `${literal(text)} as never`;
    const [, root = "", name = ""] = match;
    const [kind = ""] = root.split(".");
    this.use("references", kind);
    if (kind === "meta") return `meta(${literal(name)})`;
    const driver = /^driver\.(.+)$/.exec(name)?.[1];
    if (kind === "attr" && driver !== undefined) return `attr.driver(${literal(driver)})`;
    return `${kind}.custom(${literal(name)})`;
  }

  private plain(value: unknown): string {
    if (typeof value === "string") return literal(value);
    if (Array.isArray(value)) return `[${value.map((item) => this.plain(item)).join(", ")}]`;
    if (typeof value !== "object" || value === null) return String(value);
    const entries = Object.entries(value).map(([name, item]) => `${key(name)}: ${this.plain(item)}`);
    return `{ ${entries.join(", ")} }`;
  }

  private use(module: string, name: string): void {
    const names = this.imports.get(module) ?? new Set<string>();
    this.imports.set(module, names.add(name));
  }
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

/** Text in quotes, or between backticks where it has several lines. */
function literal(text: string): string {
  if (!text.includes("\n") || text.indexOf("\n") === text.length - 1) return JSON.stringify(text);
  return `\`${text.replace(/[\\`]|\$(?=\{)/g, "\\$&").replace(/\r/g, "\\r")}\``;
}
