import type { Job } from "../../job";
import { callsOf } from "../calls";
import { nameOf, servicesOf } from "../discovery";
import { oneOf, type Report } from "../report";

/**
 * Services that a job calls and that nobody registers.
 *
 * @param elsewhere - names of services that other jobs may register: those that the fleet declares.
 */
export function askedServiceRules(report: Report, job: Job, elsewhere: ReadonlySet<string>): void {
  let own: Set<string> | undefined;
  for (const [groupName, group] of Object.entries(job.groups)) {
    for (const { service, path } of callsOf(group, groupName)) {
      own ??= namesOf(job);
      if (own.has(service) || elsewhere.has(service)) continue;
      const line = `${JSON.stringify(service)}: { port: "dynamic", pools: ["<where it runs>"], callers: [${JSON.stringify(job.nodePool ?? "<pool of this job>")}] }`;
      const known = own.size === 0 ? "" : `${oneOf([...own])}, or `;
      const fix = `${known}add \`${line}\` to the fleet's services`;
      report.lint("unknown-service", path, `asks for the service ${service}, which nothing registers`, undefined, fix);
    }
  }
}

function namesOf(job: Job): Set<string> {
  const names = Object.entries(job.groups).flatMap(([name, group]) =>
    servicesOf(group, name).map((place) => nameOf(job, place)),
  );
  return new Set(names);
}
