import type { Group } from "../group";
import type { Job } from "../job";
import type { ConsulService, Service } from "../service";
import { checkRules } from "./checks";
import { connectRules } from "./connect";
import { portsOf } from "./network";
import { isKnown, isLiteral, oneOf, type Report } from "./report";

export { oneOf } from "./report";

const serviceName = /^([a-z0-9]|[a-z0-9][a-z0-9-]{0,61}[a-z0-9])$/i;
const references = /\$\{[a-zA-Z0-9_\-.]+\}/g;
const kinds = ["api-gateway", "ingress-gateway", "mesh-gateway", "terminating-gateway"];
const addressModes = ["auto", "host", "driver", "alloc", "alloc_ipv6"];
const onUpdates = ["require_healthy", "ignore_warnings", "ignore"];

/** A service, and where it is. */
export interface ServicePlace {
  readonly service: Service;
  readonly path: string;
  readonly group: Group;
  readonly groupName: string;
  /** Task that the service is in; undefined in a group. */
  readonly task: string | undefined;
}

/** Name that a service has once Nomad has filled it in. */
export function nameOf(job: Job, { service, groupName, task }: ServicePlace): string {
  const parts = [job.name ?? job.id, groupName, ...(task === undefined ? [] : [task])];
  return service.name === undefined || service.name === "" ? parts.join("-") : service.name;
}

/** Services of a group and of its tasks. */
export function servicesOf(group: Group, groupName: string): ServicePlace[] {
  const path = `groups.${groupName}`;
  const places = (group.services ?? []).map((service, index): ServicePlace => ({
    service,
    path: `${path}.services.${index}`,
    group,
    groupName,
    task: undefined,
  }));
  for (const [task, { services = [] }] of Object.entries(group.tasks)) {
    services.forEach((service, index) => {
      places.push({ service, path: `${path}.tasks.${task}.services.${index}`, group, groupName, task });
    });
  }
  return places;
}

/** Rules for the services of a group and of its tasks. */
export function serviceRules(report: Report, job: Job, group: Group, groupName: string): void {
  const places = servicesOf(group, groupName);
  if (places.length === 0) return;
  const path = `groups.${groupName}`;
  const seen = new Map<string, string>();
  for (const place of places) {
    serviceRule(report, job, place);
    const key = `${nameOf(job, place)} ${place.task ?? ""} ${place.service.port ?? ""}`;
    const other = seen.get(key);
    if (other !== undefined) {
      report.error(place.path, `must differ from ${other} in name or port`, place.service.name, "rename one of them");
    }
    seen.set(key, place.path);
  }
  const providers = new Set(places.map(({ service }) => service.provider ?? "nomad"));
  if (providers.size > 1) {
    report.error(`${path}.services`, "must all have one provider", [...providers], "use nomad or consul, not both");
  }
  if (group.shutdownDelay === undefined) {
    report.lint(
      "shutdown-delay",
      `${path}.shutdownDelay`,
      "should be set on a group with a service: callers still reach it while it stops",
      undefined,
      'add shutdownDelay: "5s"',
    );
  }
  connectRules(report, job, group, groupName, places);
}

function serviceRule(report: Report, job: Job, place: ServicePlace): void {
  const { service, path, group, task } = place;
  const name = nameOf(job, place).replace(references, "ENV-VAR");
  if (isKnown(name) && !serviceName.test(name)) {
    const rule = "must be letters, digits and inner dashes, at most 63 characters (RFC 1123)";
    const fix = service.name === undefined ? "name the service" : "rename the service";
    report.error(`${path}.name`, rule, nameOf(job, place), fix);
  }
  report.oneOf(`${path}.provider`, service.provider, ["nomad", "consul"]);
  report.oneOf(`${path}.addressMode`, service.addressMode, addressModes);
  report.oneOf(`${path}.onUpdate`, service.onUpdate, onUpdates);
  if ((service.address ?? "") !== "" && (service.addressMode ?? "auto") !== "auto") {
    report.error(`${path}.address`, "needs addressMode auto", service.address, "remove addressMode");
  }
  if (task === undefined) {
    if (service.addressMode === "driver") {
      report.error(
        `${path}.addressMode`,
        "driver is of services of a task",
        "driver",
        "move the service into the task",
      );
    }
    const isUnknown = service.task !== undefined && !Object.hasOwn(group.tasks, service.task);
    // Nomad itself asks for the task of checks and of native services.
    const isAsked = (service.checks ?? []).length > 0 || (service as ConsulService).connect?.native === true;
    if (isUnknown && !isAsked && isLiteral(service.task)) {
      const rule = "must be a task of the group";
      report.lint("unknown-task", `${path}.task`, rule, service.task, oneOf(Object.keys(group.tasks)));
    }
  } else {
    inTask(report, place, task);
  }
  portRule(report, `${path}.port`, service.port, service.addressMode, place);
  if (service.provider === "consul") consulRules(report, path, service);
  checkRules(report, place);
}

/** What Nomad refuses in the services of a task only. */
function inTask(report: Report, { service, path }: ServicePlace, task: string): void {
  if (service.addressMode === "alloc" || service.addressMode === "alloc_ipv6") {
    const rule = `${service.addressMode} is of services of a group`;
    report.error(`${path}.addressMode`, rule, service.addressMode, "move the service into the group");
  }
  if (service.task !== undefined && service.task !== task && isKnown(service.task)) {
    report.error(`${path}.task`, "must be the task that the service is in", service.task, "remove it");
  }
}

function consulRules(report: Report, path: string, service: ConsulService): void {
  report.oneOf(`${path}.kind`, service.kind, kinds);
  if (service.identity !== undefined && (service.identity.aud ?? []).length === 0) {
    report.error(`${path}.identity.aud`, "must name an audience", undefined, 'add one, for example ["consul.io"]');
  }
}

/** A port of a service or check: a label of the group's network, or a number where the driver gives the address. */
export function portRule(
  report: Report,
  path: string,
  port: string | undefined,
  addressMode: string | undefined,
  { group, task }: ServicePlace,
): void {
  if (port === undefined || port === "" || !(task === undefined ? isLiteral(port) : isKnown(port))) return;
  const ports = portsOf(group);
  const isNumber = /^\d+$/.test(port);
  if (Object.hasOwn(ports, port) || (isNumber && (task === undefined || addressMode === "driver"))) return;
  const rule = isNumber ? "must be a label, unless addressMode is driver" : "must be a port of the group's network";
  const fix = oneOf(Object.keys(ports), `add ports: { ${port}: {} }`);
  if (task === undefined) report.lint("missing-port", path, rule, port, fix);
  else report.error(path, rule, port, fix);
}
