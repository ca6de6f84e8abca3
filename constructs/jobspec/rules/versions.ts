import { compare, valid } from "semver";
import { DEFAULT_NOMAD_VERSION } from "../../../model/versions";
import type { Job } from "../job";
import { job as jobSchema } from "../schema/job";
import { configSchema } from "../schema/task";
import type { Field, Schema } from "../schema/field";
import { servicesOf } from "./discovery";
import { Report } from "./report";
import type { Problem } from "../../core/problems";

/** The Nomad that runs a job. */
export interface NomadTarget {
  /** Shape: `1.11.3`. @default - the newest that Steppe knows */
  readonly nomad?: string;
  /** @default "community" */
  readonly edition?: "community" | "enterprise";
}

type Given = Readonly<Record<string, unknown>>;

/** What of a schema a version and edition lack. */
interface Lacking {
  readonly version: string;
  readonly edition: "community" | "enterprise";
  /** Fields by schema that are too new or Enterprise, or hold such; empty for most. */
  readonly fields: Map<Schema, readonly (readonly [string, Field])[]>;
}

const lacking = new Map<string, Lacking>();

/**
 * Finds what a job uses that a Nomad does not have: an older one drops such settings without a word.
 *
 * @returns all problems at once, paths relative to the job.
 */
export function jobFitsVersion(
  job: Job,
  { nomad = DEFAULT_NOMAD_VERSION, edition = "community" }: NomadTarget,
): Problem[] {
  const report = new Report();
  if (valid(nomad) === null) return report.problems;
  const key = `${nomad} ${edition}`;
  let target = lacking.get(key);
  if (target === undefined) {
    target = { version: nomad, edition, fields: new Map() };
    lacking.set(key, target);
  }
  visit(report, "", job as unknown as Given, jobSchema, target);
  special(report, job, nomad);
  return report.problems;
}

/** Fields of a schema that matter for a target, found once. */
function fieldsOf(schema: Schema, target: Lacking): readonly (readonly [string, Field])[] {
  const known = target.fields.get(schema);
  if (known !== undefined) return known;
  target.fields.set(schema, []);
  const found = Object.entries(schema.fields).filter(
    ([, field]) =>
      isLacking(field, target) ||
      field.kind === "config" ||
      (field.children !== undefined && fieldsOf(field.children, target).length > 0),
  );
  target.fields.set(schema, found);
  return found;
}

function isLacking({ since, enterprise }: Field, { version, edition }: Lacking): boolean {
  if (enterprise === true && edition !== "enterprise") return true;
  return since !== undefined && compare(version, since) < 0;
}

function visit(report: Report, path: string, given: Given, schema: Schema, target: Lacking): void {
  for (const [property, field] of fieldsOf(schema, target)) {
    const value = given[property];
    if (value === undefined || value === null) continue;
    const at = path === "" ? property : `${path}.${property}`;
    if (isLacking(field, target) && reported(report, at, field, value, target)) continue;
    if (field.kind === "config") {
      const inner = configSchema(String(given["driver"]));
      if (inner !== undefined) visit(report, at, value as Given, inner, target);
    } else if (field.children !== undefined) {
      visitChildren(report, at, field, value, target);
    }
  }
}

function visitChildren(report: Report, path: string, field: Field, value: unknown, target: Lacking): void {
  const inner = field.children;
  if (inner === undefined || typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    value.forEach((item, index) => visit(report, `${path}.${index}`, item as Given, inner, target));
  } else if (field.kind === "labelled") {
    for (const [label, item] of Object.entries(value)) visit(report, `${path}.${label}`, item as Given, inner, target);
  } else visit(report, path, value as Given, inner, target);
}

/** @returns false for a value that changes nothing: what is said is what happens anyway. */
function reported(report: Report, path: string, field: Field, value: unknown, target: Lacking): boolean {
  if (value === false || value === "" || (field.enterprise === true && value === "default")) return false;
  if (field.enterprise === true && target.edition !== "enterprise") {
    report.lint("enterprise-only", path, "needs Nomad Enterprise", shown(value), "remove it");
    return true;
  }
  const fix = `remove it, or set versions.nomad of the fleet to ${field.since ?? ""} or newer`;
  report.lint(
    "nomad-version",
    path,
    `needs Nomad ${field.since ?? ""}, but it is ${target.version}`,
    shown(value),
    fix,
  );
  return true;
}

function shown(value: unknown): unknown {
  return typeof value === "object" ? undefined : value;
}

/** What depends on a value, not on a field. */
function special(report: Report, job: Job, version: string): void {
  const isOlder = (than: string) => compare(version, than) < 0;
  const needs = (path: string, since: string, value: unknown, fix: string) => {
    report.lint("nomad-version", path, `needs Nomad ${since}, but it is ${version}`, value, fix);
  };
  const beforePercent = isOlder("1.11.0");
  const beforeHostModes = isOlder("1.10.0");
  const beforeIpv6 = isOlder("1.10.4");
  if (!isOlder("1.11.2")) return;
  for (const [name, group] of Object.entries(job.groups)) {
    const path = `groups.${name}`;
    for (const [task, { resources }] of Object.entries(group.tasks)) {
      if (resources?.memoryMax !== "unlimited") continue;
      needs(`${path}.tasks.${task}.resources.memoryMax`, "1.11.2", "unlimited", "name a size");
    }
    if (beforePercent && job.type === "system" && (group.update?.canary ?? job.update?.canary ?? 0) > 0) {
      const at = group.update?.canary === undefined ? "update.canary" : `${path}.update.canary`;
      needs(at, "1.11.0", group.update?.canary ?? job.update?.canary, "remove it: system jobs had no canaries");
    }
    for (const { service, path: at } of beforeIpv6 ? servicesOf(group, name) : []) {
      if (service.addressMode === "alloc_ipv6") needs(`${at}.addressMode`, "1.10.4", "alloc_ipv6", "use alloc");
      service.checks?.forEach((check, index) => {
        const inner = `${at}.checks.${index}`;
        if (check.addressMode === "alloc_ipv6") needs(`${inner}.addressMode`, "1.10.4", "alloc_ipv6", "use alloc");
        if (!isOlder("1.9.6") || service.provider === "consul") return;
        if (check.type !== "http" || check.tlsSkipVerify !== true) return;
        needs(`${inner}.tlsSkipVerify`, "1.9.6", true, "use provider consul, or a certificate that verifies");
      });
    }
    if (!beforeHostModes) continue;
    for (const [volume, { type, accessMode }] of Object.entries(group.volumes ?? {})) {
      if (type !== "host" || accessMode === undefined) continue;
      needs(`${path}.volumes.${volume}.accessMode`, "1.10.0", accessMode, "remove it");
    }
  }
}
