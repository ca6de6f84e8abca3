import type { Check, CheckRestart, HttpCheck } from "../check";
import { parseDuration } from "../duration";
import type { Service } from "../service";
import { portRule, type ServicePlace } from "./discovery";
import { isKnown, isLiteral, oneOf, type Report } from "./report";

type Given = Readonly<Record<string, unknown>>;

const thresholds = ["successBeforePassing", "failuresBeforeCritical", "failuresBeforeWarning"] as const;
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"];

/** Checks of a service. */
export function checkRules(report: Report, place: ServicePlace): void {
  const { service, path, task } = place;
  const names = new Set<string>();
  service.checks?.forEach((check, index) => {
    const at = `${path}.checks.${index}`;
    checkRule(report, at, check, place);
    const name = check.name ?? "";
    if (task !== undefined && names.has(name)) {
      report.error(`${at}.name`, "must be unique in a task's service", check.name, "name the check");
    }
    names.add(name);
  });
}

function checkRule(report: Report, path: string, check: Check, place: ServicePlace): void {
  const { service } = place;
  const isConsul = service.provider === "consul";
  const types = isConsul ? ["http", "tcp", "grpc", "script"] : ["http", "tcp"];
  report.oneOf(`${path}.type`, check.type, types);
  timeRules(report, path, check);
  report.oneOf(`${path}.initialStatus`, check.initialStatus, ["passing", "warning", "critical"]);
  report.oneOf(`${path}.addressMode`, check.addressMode, ["alloc", "driver", "host", "alloc_ipv6"]);
  report.oneOf(`${path}.onUpdate`, check.onUpdate, ["require_healthy", "ignore_warnings", "ignore"]);
  if (check.type === "http") httpRules(report, path, check, isConsul);
  if (check.type === "script") report.required(`${path}.command`, check.command, "name the program");
  portRules(report, path, check, place);
  taskRules(report, path, check, place);
  restartRules(report, path, check, service, isConsul);
  if (isConsul) consulRules(report, path, check);
  else nomadRules(report, path, check, service);
}

function timeRules(report: Report, path: string, check: Check): void {
  for (const name of ["interval", "timeout"] as const) {
    if ((check[name] as string | undefined) === undefined) {
      report.error(`${path}.${name}`, "must be set", undefined, `add ${name}: "10s"`);
    }
  }
  const interval = report.duration(`${path}.interval`, check.interval, "1s");
  const timeout = report.duration(`${path}.timeout`, check.timeout, "1s");
  if (interval === undefined || timeout === undefined || timeout <= interval) return;
  const rule = `should be at most the interval (${check.interval})`;
  report.lint("check-timeout", `${path}.timeout`, rule, check.timeout, "lower timeout, or raise interval");
}

function httpRules(report: Report, path: string, check: HttpCheck, isConsul: boolean): void {
  const { path: url, method } = check as { readonly path?: string; readonly method?: string };
  if (url === undefined || url === "" || (isKnown(url) && /^[^/?#]*:/.test(url))) {
    report.error(`${path}.path`, "must be a relative URL", url, 'write only the path, for example "/health"');
  }
  report.sensibleValue(`${path}.protocol`, check.protocol, ["http", "https"]);
  if (!isConsul && method !== undefined) {
    report.oneOf(`${path}.method`, method === "" ? undefined : method.toUpperCase(), methods);
  }
}

function portRules(report: Report, path: string, check: Check, place: ServicePlace): void {
  const { service, task } = place;
  if (check.type === "script") return;
  const isExposed = "expose" in check && check.expose === true;
  if ((check.port ?? "") === "" && (service.port ?? "") === "") {
    if (isExposed && task === undefined) return;
    report.error(path, "needs a port", undefined, "give the service or the check the label of a port");
    return;
  }
  const mode = task === undefined ? check.addressMode : (check.addressMode ?? "");
  const port = task === undefined ? check.port : (check.port ?? service.port);
  portRule(report, `${path}.port`, port, mode, place);
  if (task !== undefined && (check.addressMode === "alloc" || check.addressMode === "alloc_ipv6")) {
    const rule = `${check.addressMode} is of checks of a group`;
    report.error(`${path}.addressMode`, rule, check.addressMode, "move the service into the group");
  }
}

function taskRules(report: Report, path: string, check: Check, { service, group, task }: ServicePlace): void {
  const named = check.task ?? (task === undefined ? service.task : undefined);
  if (task !== undefined) {
    if (named !== undefined && named !== task && isLiteral(named)) {
      report.lint("without-effect", `${path}.task`, "is the task that the check is in", named, "remove it");
    }
    return;
  }
  if (named !== undefined && isKnown(named)) {
    if (!Object.hasOwn(group.tasks, named)) {
      report.error(`${path}.task`, "must be a task of the group", named, oneOf(Object.keys(group.tasks)));
    }
    if (check.addressMode === "driver") {
      const rule = "driver is of checks of a task";
      report.error(`${path}.addressMode`, rule, check.addressMode, "move the service into the task");
    }
  }
  if (check.type === "script" && named === undefined) {
    report.error(`${path}.task`, "is needed by a script check", undefined, oneOf(Object.keys(group.tasks)));
  }
}

function restartRules(report: Report, path: string, check: Check, service: Service, isConsul: boolean): void {
  const restart = mergedRestart(service.checkRestart, check.checkRestart);
  if (restart === undefined) return;
  const at =
    check.checkRestart === undefined ? `${path.replace(/\.checks\.\d+$/, "")}.checkRestart` : `${path}.checkRestart`;
  report.duration(`${at}.grace`, restart.grace);
  report.wholeNumber(`${at}.limit`, restart.limit, 0);
  const onUpdate = check.onUpdate ?? service.onUpdate;
  if (onUpdate === "ignore") {
    report.error(at, "must not be set with onUpdate ignore", undefined, "remove one of them");
  }
  if (onUpdate === "ignore_warnings" && restart.ignoreWarnings !== true) {
    report.error(`${at}.ignoreWarnings`, "must be true with onUpdate ignore_warnings", restart.ignoreWarnings);
  }
  if (!isConsul && restart.ignoreWarnings === true) {
    report.error(`${at}.ignoreWarnings`, "needs provider consul", true, "remove it: Nomad's checks know no warnings");
  }
}

function mergedRestart(outer: CheckRestart | undefined, inner: CheckRestart | undefined): CheckRestart | undefined {
  if (outer === undefined || inner === undefined) return inner ?? outer;
  return { ...outer, ...inner, ignoreWarnings: inner.ignoreWarnings === true || outer.ignoreWarnings === true };
}

function consulRules(report: Report, path: string, check: Check): void {
  const given = check as unknown as Given;
  if (given["expose"] === true && check.type !== "http" && check.type !== "grpc") {
    report.error(`${path}.expose`, "is of http and grpc checks", true, "remove it");
  }
  for (const name of thresholds) {
    const value = given[name] as number | undefined;
    report.sensibleNumber(`${path}.${name}`, value, 0);
    if (check.type === "script" && value !== undefined && value > 0) {
      report.error(`${path}.${name}`, "must not be set on a script check", value, "remove it");
    }
  }
  if (check.notes !== undefined && check.notes.length > 255) {
    report.error(`${path}.notes`, "must be at most 255 characters", check.notes.length, "shorten them");
  }
}

/** Settings of a check that Nomad's own discovery does not know, and what it does about them. */
const consulOnly = [...thresholds, "tlsServerName", "expose"] as const;

function nomadRules(report: Report, path: string, check: Check, service: Service): void {
  const given = check as unknown as Given;
  for (const name of consulOnly) {
    const value = given[name];
    if (value === undefined || value === 0 || value === "" || value === false) continue;
    if (typeof value === "number" && value < 0) continue;
    report.error(`${path}.${name}`, "needs provider consul", value, "remove it");
  }
  if (given["notes"] !== undefined) {
    report.lint("without-effect", `${path}.notes`, "needs provider consul", undefined, "remove them");
  }
  if (check.addressMode === "driver") {
    report.error(`${path}.addressMode`, "driver needs provider consul", "driver", "remove it");
  }
  if ((check.onUpdate ?? service.onUpdate) === "ignore_warnings") {
    const at = check.onUpdate === undefined ? path.replace(/\.checks\.\d+$/, "") : path;
    report.error(`${at}.onUpdate`, "ignore_warnings needs provider consul", "ignore_warnings", "use ignore");
  }
}

/** Longest interval of a service's checks that a deployment waits for, in nanoseconds. */
export function slowestCheck(service: Service): number {
  let slowest = 0;
  for (const check of service.checks ?? []) {
    if ((check.onUpdate ?? service.onUpdate) === "ignore" || check.initialStatus === "passing") continue;
    const { interval = "" } = check as { readonly interval?: string };
    slowest = Math.max(slowest, parseDuration(interval) ?? 0);
  }
  return slowest;
}
