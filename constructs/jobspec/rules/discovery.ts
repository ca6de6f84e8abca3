import type { Group } from "../group";
import type { Check } from "../check";
import type { Service } from "../service";
import type { Report } from "./report";

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;
const portName = /^[A-Za-z0-9_-]+$/;

/** Ports of a group: labels, numbers, and no number twice on one host network. */
export function networkRules(report: Report, path: string, group: Group): void {
  const { network } = group;
  if (network === undefined) return;
  if (network.hostname !== undefined && ((network.mode as string | undefined) ?? "host") === "host") {
    report.error(
      `${path}.network.hostname`,
      "must not be set with mode host",
      network.hostname,
      "use mode bridge, or remove it",
    );
  }
  const taken = new Map<string, string>();
  for (const [name, port] of Object.entries(network.ports ?? {})) {
    const at = `${path}.network.ports.${name}`;
    if (!portName.test(name)) report.error(at, "must be letters, digits, - and _", name, "rename the port");
    report.wholeNumber(`${at}.static`, port.static, 0, 65_535);
    report.wholeNumber(`${at}.to`, port.to, -1, 65_535);
    if (port.static === undefined || port.static === 0 || port.ignoreCollision === true) continue;
    const key = `${port.hostNetwork ?? ""}:${port.static}`;
    const other = taken.get(key);
    if (other !== undefined) {
      report.error(`${at}.static`, `must be unique, but ${other} has it too`, port.static, "choose another port");
    }
    taken.set(key, name);
  }
  const count = group.count ?? 1;
  const fixed = Object.entries(network.ports ?? {}).find(
    ([, port]) => (port.static ?? 0) !== 0 && port.ignoreCollision !== true,
  );
  if (fixed !== undefined && count > 1) {
    report.warning(
      `${path}.network.ports.${fixed[0]}.static`,
      `lets at most one of the ${count} allocations run on a host`,
      fixed[1].static,
      "leave the port dynamic, or plan for that many hosts",
    );
  }
}

/** Services of a group and of its tasks. */
export function serviceRules(report: Report, path: string, group: Group): void {
  const seen = new Map<string, string>();
  const providers = new Set<string>();
  const visit = (at: string, service: Service, task: string | undefined) => {
    providers.add(service.provider ?? "nomad");
    serviceRule(report, at, service, group, task);
    const key = `${service.name ?? ""} ${task ?? service.task ?? ""} ${service.port ?? ""}`;
    const other = seen.get(key);
    if (other !== undefined) {
      report.error(at, `must differ from ${other} in name, task or port`, service.name, "rename one of them");
    }
    seen.set(key, at);
  };
  group.services?.forEach((service, index) => visit(`${path}.services.${index}`, service, undefined));
  for (const [name, task] of Object.entries(group.tasks)) {
    task.services?.forEach((service, index) => visit(`${path}.tasks.${name}.services.${index}`, service, name));
  }
  if (providers.size > 1) {
    report.error(`${path}.services`, "must all have one provider", [...providers], "use nomad or consul, not both");
  }
  if (providers.size > 0 && group.shutdownDelay === undefined) {
    report.warning(
      `${path}.shutdownDelay`,
      "should be set on a group with a service: callers still reach it while it stops",
      undefined,
      'add shutdownDelay: "5s"',
    );
  }
}

function serviceRule(report: Report, path: string, service: Service, group: Group, task: string | undefined): void {
  report.matches(
    `${path}.name`,
    service.name,
    label,
    "must be letters, digits and inner dashes, at most 63 characters (RFC 1123)",
    "rename the service",
  );
  portRule(report, `${path}.port`, service.port, group);
  if (task === undefined && service.addressMode === "driver" && service.task === undefined) {
    report.error(`${path}.addressMode`, "driver needs a task", "driver", "set task, or put the service into the task");
  }
  if (task !== undefined && service.addressMode === "alloc") {
    report.error(`${path}.addressMode`, "alloc is for services of a group", "alloc", "put the service into the group");
  }
  if (service.address !== undefined && (service.addressMode ?? "auto") !== "auto") {
    report.error(`${path}.address`, "needs addressMode auto", service.address, "remove addressMode");
  }
  if (service.task !== undefined && !Object.hasOwn(group.tasks, service.task)) {
    report.error(`${path}.task`, "must be a task of the group", service.task, oneOf(Object.keys(group.tasks)));
  }
  const isConsul = service.provider === "consul";
  if (!isConsul && service.onUpdate === "ignore_warnings") {
    report.error(`${path}.onUpdate`, "ignore_warnings needs provider consul", service.onUpdate, "use ignore");
  }
  service.checks?.forEach((check: Check, index) => {
    checkRule(report, `${path}.checks.${index}`, check, service, group);
  });
}

const thresholds = ["successBeforePassing", "failuresBeforeCritical", "failuresBeforeWarning"] as const;
const consulOnly = [...thresholds, "tlsSkipVerify", "tlsServerName"] as const;

function checkRule(report: Report, path: string, check: Check, service: Service, group: Group): void {
  report.duration(`${path}.interval`, check.interval, "1s");
  report.duration(`${path}.timeout`, check.timeout, "1s");
  report.duration(`${path}.checkRestart.grace`, check.checkRestart?.grace);
  report.wholeNumber(`${path}.checkRestart.limit`, check.checkRestart?.limit, 0);
  portRule(report, `${path}.port`, check.port, group);
  if (check.port === undefined && service.port === undefined && check.type !== "script") {
    report.error(path, "needs a port", undefined, "give the service or the check the label of a port");
  }
  if (check.type === "http" && (check.path === "" || /^[a-z]+:\/\//i.test(check.path))) {
    report.error(`${path}.path`, "must be a relative URL", check.path, 'write only the path, for example "/health"');
  }
  if (check.type === "script" || check.type === "grpc") {
    for (const name of thresholds) {
      const given = (check as unknown as Readonly<Record<string, unknown>>)[name];
      if (given !== undefined) {
        report.error(`${path}.${name}`, `must not be set on a ${check.type} check`, given, "remove it");
      }
    }
  }
  if (service.provider === "consul") return;
  const { type } = check as { readonly type: string };
  if (type !== "http" && type !== "tcp") {
    report.error(`${path}.type`, "must be http or tcp with provider nomad", type, "use one of them, or consul");
  }
  for (const name of consulOnly) {
    if ((check as unknown as Record<string, unknown>)[name] !== undefined) {
      report.error(`${path}.${name}`, "needs provider consul", undefined, "remove it");
    }
  }
  if (check.onUpdate === "ignore_warnings") {
    report.error(`${path}.onUpdate`, "ignore_warnings needs provider consul", check.onUpdate, "use ignore");
  }
}

function portRule(report: Report, path: string, port: string | undefined, group: Group): void {
  if (port === undefined || /^\d+$/.test(port) || port.includes("${")) return;
  const ports = group.network?.ports ?? {};
  if (!Object.hasOwn(ports, port)) {
    report.error(
      path,
      "must be a port of the group's network",
      port,
      oneOf(Object.keys(ports), `add ports: { ${port}: {} }`),
    );
  }
}

/** `use a, b or c`, for a fix; the other text when there is nothing to choose from. */
export function oneOf(names: readonly string[], otherwise = "there is none"): string {
  return names.length === 0 ? otherwise : `use one of: ${names.join(", ")}`;
}
