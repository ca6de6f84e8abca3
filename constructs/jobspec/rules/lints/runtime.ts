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
    known ??= new Known(job, group, task);
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

/** Where variables of a task come from. */
class Known {
  private cleaned: ReadonlyMap<string, string> | undefined;

  constructor(
    private readonly job: Job,
    private readonly group: Group,
    private readonly task: Task,
  ) {}

  /** Labels of ports as variables have them, and as they are. */
  public get labels(): ReadonlyMap<string, string> {
    return (this.cleaned ??= new Map(Object.keys(portsOf(this.group)).map((label) => [clean(label), label])));
  }

  /** Whether job, group or task have meta of that name, or dispatching brings it. */
  public hasMeta(name: string): boolean {
    const { meta, parameterized } = this.job;
    const keys = [meta, this.group.meta, this.task.meta].flatMap((one) => Object.keys(one ?? {}));
    keys.push(...(parameterized?.metaRequired ?? []), ...(parameterized?.metaOptional ?? []));
    return keys.some((key) => clean(key) === name || clean(key).toUpperCase() === name);
  }

  /** Whether the task itself sets the variable. */
  public isOwn(name: string): boolean {
    if (Object.hasOwn(this.task.env ?? {}, name)) return true;
    return this.task.templates?.some(({ env, data = "" }) => env === true && data.includes(`${name}=`)) === true;
  }

  /** The mesh adds ports of its own. */
  public get hasMesh(): boolean {
    return this.group.services?.some((service) => "connect" in service) === true;
  }
}

function clean(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/g, "_");
}

function variableRule(report: Report, path: string, name: string, known: Known): void {
  if (fixed.has(name) || ofCommandLine.has(name)) return;
  if (name.startsWith("UPSTREAM_") || name.startsWith("TOKEN_")) return;
  const whole = `NOMAD_${name}`;
  const label = ofPort.exec(name)?.[1];
  if ((label !== undefined && known.labels.has(label)) || known.isOwn(whole)) return;
  if (name.startsWith("META_")) {
    if (known.hasMeta(name.slice("META_".length))) return;
    const rule = `reads ${whole}, but neither job, group nor task has that meta`;
    report.lint("runtime-variable", path, rule, undefined, "add it to meta, or remove the reference");
    return;
  }
  if (label === undefined) {
    report.lint("runtime-variable", path, `reads ${whole}, which Nomad does not set`, undefined, insteadOf(name));
  } else if (!known.hasMesh) {
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
