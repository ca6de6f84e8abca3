import { parseJob } from "../../../constructs/jobspec/parse";
import type { JobJson } from "../../../constructs/jobspec/render";
import type { Job } from "../../../constructs/jobspec/job";
import type { LintName } from "../../../constructs/jobspec/rules/catalogue";
import { metaSecretRules, secretRules } from "../../../constructs/jobspec/rules/lints/secrets";
import { configOf } from "../../../constructs/jobspec/rules/lints/texts";
import { Report } from "../../../constructs/jobspec/rules/report";
import { isEqual, object } from "../../json";
import { kindOfText } from "./kinds";

/** A place of a job that holds what looks like a secret. */
export interface JobPlace {
  /** Shape: `groups.web.tasks.web.env.TOKEN`. */
  readonly path: string;
  readonly kind: string;
  /** It is so by its shape or name; else only long and random. */
  readonly isSure: boolean;
}

/** Rules that speak of secrets to be read; whether one is written to a good place is another matter. */
const CLEAR: Readonly<Partial<Record<LintName, string>>> = {
  "plain-secret": "a secret",
  "url-credentials": "a password in a URL",
  "secret-like": "long random text",
};

/** What looks like a secret in a job, by the rules that `NomadJob` has, and was not there before. */
export function newPlaces(before: JobJson | undefined, after: JobJson): readonly JobPlace[] {
  try {
    const is = parseJob(after).job;
    const was = before === undefined ? undefined : parseJob(before).job;
    return placesOf(is).filter(({ path }) => was === undefined || !isEqual(valueAt(was, path), valueAt(is, path)));
  } catch {
    // The rules take the shape of a job for granted, and this one may be anybody's.
    return [];
  }
}

function placesOf(job: Job): readonly JobPlace[] {
  const report = new Report();
  metaSecretRules(report, "meta", job.meta);
  for (const [groupName, group] of Object.entries(job.groups)) {
    const path = `groups.${groupName}`;
    metaSecretRules(report, `${path}.meta`, group.meta);
    for (const [name, task] of Object.entries(group.tasks))
      secretRules(report, `${path}.tasks.${name}`, task, configOf(task));
  }
  return report.problems.flatMap(({ path, name }) => {
    const kind = CLEAR[name as LintName];
    if (kind === undefined) return [];
    const value = valueAt(job, path);
    const known = typeof value === "string" ? kindOfText(value) : undefined;
    return [{ path, kind: known ?? kind, isSure: name !== "secret-like" }];
  });
}

/** What stands at a path whose names may hold dots. */
function valueAt(value: unknown, path: string): unknown {
  if (path === "") return value;
  const entries = Array.isArray(value) ? Object.entries(value as object) : Object.entries(object(value));
  const found = entries
    .filter(([key]) => path === key || path.startsWith(`${key}.`))
    .sort(([a], [b]) => b.length - a.length)
    .map(([key, inner]) => valueAt(inner, path.slice(key.length + 1)));
  return found.find((inner) => inner !== undefined);
}
