import type { Job, JobType } from "../job";
import { cronTrouble } from "./cron";
import { isKnown, type Report } from "./report";

/** Periodic and parameterized: of batch jobs. */
export function batchRules(report: Report, job: Job, type: JobType): void {
  const isBatch = type === "batch" || type === "sysbatch";
  const isPeriodic = job.periodic !== undefined && job.periodic.enabled !== false;
  if (isPeriodic && !isBatch) {
    report.error("periodic", `must not be set on a ${type} job`, undefined, 'set type: "batch"');
  }
  if (job.parameterized !== undefined && !isBatch) {
    report.error("parameterized", `must not be set on a ${type} job`, undefined, 'set type: "batch"');
  }
  if (isPeriodic) periodicRules(report, job.periodic);
  const { parameterized } = job;
  if (parameterized === undefined) return;
  report.oneOf("parameterized.payload", parameterized.payload, ["optional", "required", "forbidden"]);
  const optional = parameterized.metaOptional ?? [];
  for (const key of parameterized.metaRequired ?? []) {
    if (!optional.includes(key)) continue;
    report.error("parameterized.metaOptional", "must not repeat metaRequired", key, "remove it from one of them");
  }
}

function periodicRules(report: Report, periodic: NonNullable<Job["periodic"]>): void {
  const { cron, crons, timeZone } = periodic as { cron?: string; crons?: readonly string[]; timeZone?: string };
  if (cron !== undefined && cron !== "" && crons !== undefined && crons.length > 0) {
    report.error("periodic", "must have cron or crons, not both", undefined, "move cron into crons");
  }
  if ((cron ?? "") === "" && (crons ?? []).length === 0) {
    report.error("periodic.crons", "must have at least one expression", undefined, 'add one, such as "0 3 * * *"');
  }
  if (cron !== undefined && cron !== "") {
    report.lint("deprecated-cron", "periodic.cron", "is the old name of crons", cron, "write crons: [...]");
    cronRule(report, "periodic.cron", cron);
  }
  crons?.forEach((text, index) => cronRule(report, `periodic.crons.${index}`, text));
  if (timeZone !== undefined && isKnown(timeZone) && !isTimeZone(timeZone)) {
    report.error(
      "periodic.timeZone",
      "must be a name of the IANA database",
      timeZone,
      'write it as in "Europe/Berlin"',
    );
  }
}

function cronRule(report: Report, path: string, text: string): void {
  const trouble = isKnown(text) ? cronTrouble(text) : undefined;
  if (trouble === undefined) return;
  const rule = `must be a cron expression of 5 to 7 fields, or @daily and the like; it ${trouble}`;
  report.error(path, rule, text, 'write it as in "30 3 * * 1-5"');
}

const zones = new Map<string, boolean>();

/** True for a time zone as Go finds it: by its file's name, so letters count. Remembers: asking Intl is slow. */
function isTimeZone(name: string): boolean {
  const known = zones.get(name);
  if (known !== undefined) return known;
  const found = name === "" || name === "Local" || name === "UTC" || lookUp(name);
  if (zones.size < 1000) zones.set(name, found);
  return found;
}

function lookUp(name: string): boolean {
  if (!/^[A-Z]/.test(name)) return false;
  try {
    const { timeZone } = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    return timeZone === name || timeZone.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}
