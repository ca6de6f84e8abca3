import type { Job } from "../../job";
import { nameOf, servicesOf } from "../discovery";
import { isLiteral, oneOf, type Report } from "../report";

const asked = /\bnomadService\s+(?:\d+\s+(?:\([^)]*\)|\S+)\s+)?["'`]([^"'`]+)["'`]/g;

/**
 * Services that templates look for and that nobody registers.
 *
 * @param elsewhere - names of services that other jobs may register: those that the fleet declares.
 */
export function askedServiceRules(report: Report, job: Job, elsewhere: ReadonlySet<string>): void {
  let own: Set<string> | undefined;
  for (const [groupName, group] of Object.entries(job.groups)) {
    for (const [taskName, task] of Object.entries(group.tasks)) {
      task.templates?.forEach(({ data = "" }, index) => {
        if (!data.includes("nomadService")) return;
        own ??= namesOf(job);
        asked.lastIndex = 0;
        for (let match = asked.exec(data); match !== null; match = asked.exec(data)) {
          const [, text = ""] = match;
          const name = text.includes(".") ? text.slice(text.indexOf(".") + 1) : text;
          const path = `groups.${groupName}.tasks.${taskName}.templates.${index}.data`;
          if (!isLiteral(name) || name.includes("@") || own.has(name) || elsewhere.has(name)) continue;
          const fix = `${oneOf([...own], "add services to a group")}, or declare it in the fleet's services`;
          report.lint("unknown-service", path, `asks for the service ${name}, which nothing registers`, undefined, fix);
        }
      });
    }
  }
}

function namesOf(job: Job): Set<string> {
  const names = Object.entries(job.groups).flatMap(([name, group]) =>
    servicesOf(group, name).map((place) => nameOf(job, place)),
  );
  return new Set(names);
}
