import type { Job } from "../job";
import type { Field, Schema } from "../schema/field";
import { job as jobSchema } from "../schema/job";
import { configSchema } from "../schema/task";
import type { Report } from "./report";
import { blockRule, shapeRule } from "./shapes";

type Given = Readonly<Record<string, unknown>>;

/**
 * Properties that no type has, and values that are not of their type: the compiler sees those of literals only, and rendering
 * leaves them out or fails.
 */
export function propertyRules(report: Report, job: Job): void {
  visit(report, "", job as unknown as Given, jobSchema);
}

function visit(report: Report, path: string, given: Given, schema: Schema, isConfig = false): void {
  if (!blockRule(report, path, given, schema.name)) return;
  const { fields } = schema;
  const prefix = path === "" ? "" : `${path}.`;
  for (const property in given) {
    const field = fields[property];
    const value = given[property];
    if (value === undefined) continue;
    if (field === undefined) {
      unknown(report, prefix + property, property, schema);
    } else if (!isConfig && !shapeRule(report, prefix + property, field, [schema.name, property], value)) {
      continue;
    } else if (field.children !== undefined) {
      visitChildren(report, prefix + property, field, value, field.children, isConfig);
    } else if (field.kind === "config") {
      visitConfig(report, prefix + property, value as Given, String(given["driver"]));
    }
  }
}

function visitChildren(
  report: Report,
  path: string,
  field: Field,
  value: unknown,
  inner: Schema,
  isConfig: boolean,
): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++)
      visit(report, `${path}.${index}`, value[index] as Given, inner, isConfig);
  } else if (field.kind === "labelled") {
    for (const [label, item] of Object.entries(value))
      visit(report, `${path}.${label}`, item as Given, inner, isConfig);
  } else visit(report, path, value as Given, inner, isConfig);
}

function visitConfig(report: Report, path: string, config: Given, driver: string): void {
  const inner = configSchema(driver);
  if (inner === undefined) return;
  const { extra } = config;
  if (extra === undefined) {
    visit(report, path, config, inner, true);
    return;
  }
  if (typeof extra !== "object" || extra === null) {
    report.lint("unknown-property", `${path}.extra`, "must be an object", undefined, "put the settings into it");
  }
  visit(report, path, { ...config, extra: undefined }, inner, true);
}

function unknown(report: Report, path: string, property: string, schema: Schema): void {
  const wanted = property.toLowerCase().replace(/[_-]/g, "");
  const near = Object.keys(schema.fields).find((name) => {
    const other = name.toLowerCase();
    return other === wanted || other === `${wanted}s` || `${other}s` === wanted;
  });
  const isDriver = schema.name.endsWith("Config");
  const otherwise = isDriver ? "remove it, or put it into extra" : "remove it";
  const fix = near === undefined ? otherwise : `did you mean ${near}?`;
  report.lint("unknown-property", path, `is no property of ${schema.name}`, undefined, fix);
}
