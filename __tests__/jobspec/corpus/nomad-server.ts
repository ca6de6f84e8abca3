import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Job } from "../../../constructs/jobspec/job";
import { type JobJson, renderJob } from "../../../constructs/jobspec/render";
import { sortKeys } from "../../../constructs/jobspec/json-value";
import { startNomad } from "../../helpers/nomad-agents";
import type { ApiJob, NomadApi } from "../../helpers/nomad-api";

/** A Nomad server that knows all that the corpus names. */
export interface JobServer {
  readonly api: NomadApi;
  /** Why the server does not want a job: of validation or, where that does not look, of registration. */
  refusal(job: ApiJob): Promise<string | undefined>;
  /** Registers a job and reads it back. */
  register(job: ApiJob): Promise<ApiJob>;
  stop(): Promise<void>;
}

/**
 * Starts a server without clients: nothing runs, and jobs of any driver are welcome. Jobs may use Vault and Consul, which are
 * not there: servers only check that they are configured, but for gateways, whose entries they write to Consul when a job is
 * registered. What takes those here says yes to everything.
 */
export async function startJobServer(nomad: string): Promise<JobServer> {
  const consul = await yesSayer();
  const address = `127.0.0.1:${(consul.address() as AddressInfo).port}`;
  const identity = { aud: ["example"], ttl: "1h" };
  const quiet = { auto_advertise: false, server_auto_join: false, client_auto_join: false };
  const agents = await startNomad({
    nomad,
    server: {
      region: "east",
      log_level: "ERROR",
      vault: { enabled: true, address: `http://${address}`, default_identity: identity },
      consul: { address, ...quiet, service_identity: identity, task_identity: identity },
    },
  });
  await put(`${agents.address}/v1/namespace/ai`, { Name: "ai" });
  for (const pool of ["gpu", "general"]) await put(`${agents.address}/v1/node/pools`, { Name: pool });
  const register = async (job: ApiJob): Promise<ApiJob> => {
    await agents.post("/v1/jobs", { Job: job });
    return (await agents.get(`/v1/job/${encodeURIComponent(String(job["ID"]))}${namespaceOf(job)}`)) as ApiJob;
  };
  return {
    api: agents,
    register,
    refusal: async (job) => {
      try {
        const { Error: refused } = await again(async () => await agents.validate(job));
        if (refused !== "") return refused;
        await again(async () => await register(job));
        await again(async () => await agents.remove(`/v1/job/${encodeURIComponent(String(job["ID"]))}?purge=true`));
        return undefined;
      } catch (error) {
        // No answer is no refusal.
        if (error instanceof TypeError) throw error;
        return String(error);
      }
    },
    stop: async () => {
      await agents.stop();
      await new Promise((done) => consul.close(done));
    },
  };
}

/** Asks once more where the connection was closed just then: answers of Nomad are errors of another kind. */
export async function again<T>(ask: () => Promise<T>): Promise<T> {
  return await ask().catch(async (error: unknown) => {
    if (error instanceof TypeError) return await ask();
    throw error;
  });
}

async function yesSayer(): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume();
    response.setHeader("Content-Type", "application/json").end("true");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return server;
}

async function put(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, { method: "PUT", body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url} gave ${response.status}: ${await response.text()}`);
}

function namespaceOf(job: ApiJob): string {
  return typeof job["Namespace"] === "string" ? `?namespace=${encodeURIComponent(job["Namespace"])}` : "";
}

/** A difference between two values of JSON, by its place. */
export interface Difference {
  readonly at: string;
  readonly ours: unknown;
  readonly theirs: unknown;
}

/** All places in which two values differ, the order of keys included. */
export function differences(ours: unknown, theirs: unknown, at = ""): Difference[] {
  if (JSON.stringify(ours) === JSON.stringify(theirs)) return [];
  if (!isObject(ours) || !isObject(theirs)) return [{ at, ours, theirs }];
  const keys = new Set([...Object.keys(ours), ...Object.keys(theirs)]);
  const inner = [...keys].flatMap((key) => differences(ours[key], theirs[key], at === "" ? key : `${at}.${key}`));
  return inner.length > 0 ? inner : [{ at, ours: Object.keys(ours), theirs: Object.keys(theirs) }];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** As {@link differences}, for values whose keys may be in any order. */
export function changes(ours: unknown, theirs: unknown): Difference[] {
  return differences(sortKeys(ours), sortKeys(theirs));
}

/** A job as the API takes it. */
export function apiJob(job: Job): ApiJob & JobJson {
  return renderJob(job);
}

/** What does not hold, by job: for tests that want to see all of it at once. */
export async function failures<T extends { readonly id: string }>(
  jobs: readonly T[],
  check: (job: T) => Promise<unknown>,
  atOnce = 8,
): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  const rest = [...jobs];
  const work = async () => {
    for (let job = rest.shift(); job !== undefined; job = rest.shift()) {
      const result = await check(job).catch((error: unknown) => String(error));
      const isFine = result === undefined || result === "" || (Array.isArray(result) && result.length === 0);
      if (!isFine) found[job.id] = result;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return found;
}
