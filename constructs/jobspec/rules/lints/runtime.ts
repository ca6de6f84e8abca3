import type { Group } from "../../group";
import type { Job } from "../../job";
import type { Task } from "../../task";
import { portsOf } from "../network";
import { oneOf, type Report } from "../report";
import { visitConfig } from "./texts";

const fixed = new Set(
  `ALLOC_DIR TASK_DIR SECRETS_DIR MEMORY_LIMIT MEMORY_MAX_LIMIT CPU_LIMIT CPU_CORES ALLOC_ID SHORT_ALLOC_ID ALLOC_NAME
   ALLOC_INDEX TASK_NAME GROUP_NAME JOB_ID JOB_NAME JOB_PARENT_ID DC PARENT_CGROUP NAMESPACE REGION TOKEN UNIX_ADDR`.split(
    /\s+/,
  ),
);
/** Settings of Nomad's command line, which a script may set or get from a template. */
const ofCommandLine = new Set("ADDR CACERT CAPATH CLIENT_CERT CLIENT_KEY TLS_SERVER_NAME SKIP_VERIFY".split(" "));

const ofPort =
  /^(?:PORT|IP|ADDR|HOST_PORT|HOST_IP|HOST_ADDR|ALLOC_PORT|ALLOC_IP|ALLOC_ADDR|ALLOC_INTERFACE|IPv4|IPv6)_(.+)$/;
/** Where texts read variables: `${NOMAD_X}`, `$NOMAD_X`, `${env["NOMAD_X"]}`, `{{ env "NOMAD_X" }}`. */
const reference = /(?:\$\{?|env(?:\s+|\[|\.)?["'`]?|getenv\(["']|ENV[{[]["']?)NOMAD_([A-Za-z0-9_.-]*[A-Za-z0-9_])/g;

/** References of a task to variables that Nomad does not set. */
export function runtimeRules(report: Report, path: string, job: Job, group: Group, task: Task): void {
  let known: Known | undefined;
  const visit = (at: string, text: string) => {
    if (!text.includes("NOMAD_")) return;
    known ??= knownIn(job, group, task);
    reference.lastIndex = 0;
    for (let match = reference.exec(text); match !== null; match = reference.exec(text)) {
      variableRule(report, at, match[1] ?? "", known);
    }
  };
  for (const [name, value] of Object.entries(task.env ?? {})) visit(`${path}.env.${name}`, value);
  visitConfig(`${path}.config`, task.config, visit);
  task.templates?.forEach(({ data }, index) => {
    if (data !== undefined) visit(`${path}.templates.${index}.data`, data);
  });
  task.artifacts?.forEach(({ source }, index) => visit(`${path}.artifacts.${index}.source`, source));
}

interface Known {
  /** Labels of ports as variables have them, and as they are. */
  readonly labels: ReadonlyMap<string, string>;
  readonly meta: ReadonlySet<string>;
  /** Variables that the task itself sets. */
  readonly own: ReadonlySet<string>;
  /** The mesh adds ports of its own. */
  readonly hasMesh: boolean;
}

function clean(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, "_");
}

function knownIn(job: Job, group: Group, task: Task): Known {
  const { parameterized } = job;
  const keys = [job.meta, group.meta, task.meta].flatMap((meta) => Object.keys(meta ?? {}));
  keys.push(...(parameterized?.metaRequired ?? []), ...(parameterized?.metaOptional ?? []));
  const own = new Set(Object.keys(task.env ?? {}));
  for (const { env, data = "" } of task.templates ?? []) {
    if (env === true) for (const [, name = ""] of data.matchAll(/(NOMAD_\w+)\s*=/g)) own.add(name);
  }
  return {
    labels: new Map(Object.keys(portsOf(group)).map((label) => [clean(label), label])),
    meta: new Set(keys.flatMap((key) => [clean(key), clean(key).toUpperCase()])),
    own,
    hasMesh: group.services?.some((service) => "connect" in service) === true,
  };
}

function variableRule(report: Report, path: string, name: string, known: Known): void {
  if (fixed.has(name) || ofCommandLine.has(name) || known.own.has(`NOMAD_${name}`)) return;
  if (name.startsWith("UPSTREAM_") || name.startsWith("TOKEN_")) return;
  const whole = `NOMAD_${name}`;
  if (name.startsWith("META_")) {
    if (known.meta.has(name.slice("META_".length))) return;
    const rule = `reads ${whole}, but neither job, group nor task has that meta`;
    report.lint("runtime-variable", path, rule, undefined, "add it to meta, or remove the reference");
    return;
  }
  const label = ofPort.exec(name)?.[1];
  if (label === undefined) {
    report.lint("runtime-variable", path, `reads ${whole}, which Nomad does not set`, undefined, insteadOf(name));
  } else if (!known.labels.has(label) && !known.hasMesh) {
    const cleaned = known.labels.get(clean(label));
    const rule =
      cleaned === undefined
        ? `reads ${whole}, but the group has no port ${label}`
        : `reads ${whole}, but variables have _ for every other character`;
    const fix =
      cleaned === undefined
        ? oneOf([...known.labels.values()], `add ports: { ${label}: {} }`)
        : `write NOMAD_${clean(name)}`;
    report.lint("runtime-variable", path, rule, undefined, fix);
  }
}

function insteadOf(name: string): string {
  if (name === "NODE_NAME" || name === "HOSTNAME") return "use ${node.unique.name}";
  if (name === "NODE_ID") return "use ${node.unique.id}";
  if (name === "NODE_CLASS") return "use ${node.class}";
  if (name === "DATACENTER") return "use NOMAD_DC";
  if (/^(PORT|IP|ADDR|META)$/.test(name)) return `add a label, as in NOMAD_${name}_http`;
  const near = [...fixed].find((one) => one.startsWith(name) || name.startsWith(one));
  return near === undefined ? "remove it, or set it in env" : `did you mean NOMAD_${near}?`;
}
