/** A job by the names of Nomad's API: `{ ID, TaskGroups, ... }`. */
export type ApiJob = Readonly<Record<string, unknown>>;

/** Answer of `/v1/validate/job`. */
export interface Validation {
  readonly Error: string;
  readonly ValidationErrors: readonly string[] | null;
  readonly Warnings: string;
}

/** Why a group could not be placed; counts are by reason. */
export interface PlacementFailure {
  readonly NodesEvaluated: number;
  readonly NodesFiltered: number;
  readonly NodesExhausted: number;
  readonly ConstraintFiltered: Readonly<Record<string, number>> | null;
  readonly DimensionExhausted: Readonly<Record<string, number>> | null;
}

/** Answer of `/v1/job/<id>/plan`. */
export interface Plan {
  /** By group; null when everything found a place. */
  readonly FailedTGAllocs: Readonly<Record<string, PlacementFailure>> | null;
  readonly Warnings: string;
  readonly Diff: Readonly<Record<string, unknown>> | null;
}

/** Nomad's HTTP API as tests ask it. Each call throws when Nomad refuses, with its words. */
export interface NomadApi {
  readonly address: string;
  get(path: string): Promise<unknown>;
  /** An answer that is not JSON: logs, files. */
  text(path: string): Promise<string>;
  post(path: string, body: unknown): Promise<unknown>;
  remove(path: string): Promise<unknown>;
  /** Reads a job file as `nomad job run` does. */
  parseHcl(text: string, canonicalize?: boolean): Promise<ApiJob>;
  validate(job: ApiJob): Promise<Validation>;
  /** Schedules a job without running it. */
  plan(job: ApiJob): Promise<Plan>;
}

/** @returns the API of the agent at an address like `http://127.0.0.1:4646`. */
export function nomadApi(address: string): NomadApi {
  const ask = async (method: string, path: string, body?: unknown): Promise<string> => {
    const response = await fetch(`${address}${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} gave ${response.status}: ${text}`);
    return text;
  };
  const json = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const text = await ask(method, path, body);
    // Of some things Nomad says no more than that they are done.
    return text === "" ? undefined : JSON.parse(text);
  };
  return {
    address,
    get: async (path) => await json("GET", path),
    text: async (path) => await ask("GET", path),
    post: async (path, body) => await json("POST", path, body),
    remove: async (path) => await json("DELETE", path),
    parseHcl: async (text, canonicalize = false) =>
      (await json("POST", "/v1/jobs/parse", { JobHCL: text, Canonicalize: canonicalize })) as ApiJob,
    validate: async (job) => (await json("POST", "/v1/validate/job", { Job: job })) as Validation,
    plan: async (job) =>
      (await json("POST", `/v1/job/${encodeURIComponent(String(job["ID"]))}/plan${namespaceOf(job)}`, {
        Job: job,
        Diff: true,
      })) as Plan,
  };
}

function namespaceOf(job: ApiJob): string {
  const namespace = job["Namespace"];
  return typeof namespace === "string" ? `?namespace=${encodeURIComponent(namespace)}` : "";
}
