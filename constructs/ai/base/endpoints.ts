import type { Job } from "../../jobspec/job";
import type { Task } from "../../jobspec/task";
import type { Template } from "../../jobspec/template";

/** A service that a program calls. */
export interface Call {
  /** Name of the service in Nomad's discovery, in the region of the caller. Shape: `orchestrator`. */
  readonly service: string;
  /**
   * `one`: each allocation has one instance of its own, spread by rendezvous hashing, and another when that one goes. `all`: every
   * instance, of which any that comes or goes is a change.
   *
   * @default "one"
   */
  readonly instances?: "one" | "all";
}

/** How a program learns where the services are that it calls. */
export type Wiring =
  /**
   * Environment variables `<SERVICE>_URL`, or `<SERVICE>_URLS` with commas for all. A change restarts the task, and a service without
   * instances has no variable.
   */
  | "environment"
  /** A file of JSON, `ENDPOINTS_FILE`: a list of URLs by service. It is written anew on a change, and the task goes on. */
  | "file";

/** Where the file of endpoints is, below the task's directory. */
const FILE = "local/endpoints.json";

/** Callers of a service that moves would otherwise restart in the same second. */
const SPLAY = "30s";

/** Name of the environment variable with the URL of a service. Shape: `ORCHESTRATOR_URL`, `ORCHESTRATOR_URLS`. */
export function endpointVariable({ service, instances = "one" }: Call): string {
  return `${service.replace(/[^A-Za-z0-9]/g, "_").toUpperCase()}_URL${instances === "all" ? "S" : ""}`;
}

/** A job whose task knows where the services are that it calls. Without calls the job as it is. */
export function withEndpoints(
  job: Job,
  place: { readonly group: string; readonly task: string },
  calls: readonly Call[],
  wiring: Wiring = "environment",
): Job {
  const group = job.groups[place.group];
  const task = group?.tasks[place.task];
  if (calls.length === 0 || group === undefined || task === undefined) return job;
  const wired: Task = {
    ...task,
    ...(wiring === "file" ? { env: { ...task.env, ENDPOINTS_FILE: "${NOMAD_TASK_DIR}/endpoints.json" } } : {}),
    templates: [...(task.templates ?? []), wiring === "file" ? fileOf(calls) : environmentOf(calls)],
  };
  return {
    ...job,
    groups: { ...job.groups, [place.group]: { ...group, tasks: { ...group.tasks, [place.task]: wired } } },
  };
}

function environmentOf(calls: readonly Call[]): Template {
  const lines = calls.map((call) => {
    const variable = endpointVariable(call);
    return call.instances === "all"
      ? `{{ with ${lookup(call)} }}${variable}={{ range $i, $one := . }}{{ if $i }},{{ end }}http://{{ $one.Address }}:{{ $one.Port }}{{ end }}\n{{ end }}`
      : `{{ range ${lookup(call)} }}${variable}=http://{{ .Address }}:{{ .Port }}\n{{ end }}`;
  });
  return { destination: "local/endpoints.env", env: true, splay: SPLAY, data: lines.join("") };
}

function fileOf(calls: readonly Call[]): Template {
  const entries = calls.map(
    (call) =>
      `  ${JSON.stringify(call.service)}: [{{ range $i, $one := ${lookup(call)} }}{{ if $i }}, {{ end }}"http://{{ $one.Address }}:{{ $one.Port }}"{{ end }}]`,
  );
  return { destination: FILE, changeMode: "noop", data: `{\n${entries.join(",\n")}\n}\n` };
}

function lookup({ service, instances = "one" }: Call): string {
  return instances === "all" ? `nomadService "${service}"` : `nomadService 1 (env "NOMAD_ALLOC_ID") "${service}"`;
}
