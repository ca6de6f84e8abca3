import { isEqual } from "../json";
import { jobsIn } from "../jobs/changes";
import { placesIn } from "./secrets/documents";
import { newPlaces } from "./secrets/jobs";
import { kindOfText } from "./secrets/kinds";
import type { Finding, Subject } from "./types";
import { short } from "./words";

const FIX = "take it out, make another one, since this one is known now, and read it from where secrets are kept";

/** What looks like a secret in clear text and was not there before. Findings say where and what kind, never the text. */
export function examineSecrets(subject: Subject): readonly Finding[] {
  return subject.head === undefined ? ofPlans(subject) : [...ofDocuments(subject), ...ofJobs(subject)];
}

function ofDocuments({ stacks }: Subject): readonly Finding[] {
  const found = stacks.map(placesIn);
  // What has moved was there before.
  const known = new Set(found.flatMap(({ before }) => before.map(({ value }) => value)));
  return found.flatMap(({ after }) =>
    after
      .filter(({ value }) => !known.has(value))
      .map(({ stack, resource, path, kind }) => finding(stack, resource, "blocking", `${kind} at ${short(path)}`)),
  );
}

function ofJobs({ base, head }: Subject): readonly Finding[] {
  if (head === undefined) return [];
  const old = base === undefined ? [] : jobsIn(base);
  const byAddress = new Map(old.map((one) => [`${one.stack}\n${one.address}`, one.job]));
  const byId = new Map(old.map(({ job }) => [job.ID, job]));
  return jobsIn(head).flatMap(({ stack, address, job }) => {
    const was = byAddress.get(`${stack}\n${address}`) ?? byId.get(job.ID);
    if (was !== undefined && isEqual(was, job)) return [];
    return newPlaces(was, job).map(({ path, kind, isSure }) =>
      finding(stack, address, isSure ? "blocking" : "warning", `${kind} at ${short(path)} of job ${short(job.ID)}`),
    );
  });
}

/** Plans show values of sensitive variables too, which nobody wrote down: only what has the shape of a secret is told. */
function ofPlans({ changes }: Subject): readonly Finding[] {
  return changes.flatMap(({ stack, address, before, after }) =>
    Object.entries(after ?? {}).flatMap(([key, value]) => {
      const kind = typeof value === "string" && before?.[key] !== value ? kindOfText(value) : undefined;
      return kind === undefined ? [] : [finding(stack, address, "warning", `${kind} at ${short(key)}`)];
    }),
  );
}

function finding(stack: string, resource: string, severity: Finding["severity"], what: string): Finding {
  return { id: "secrets/clear-text", severity, stack, resource, reason: `holds ${what}, in clear text`, fix: FIX };
}
