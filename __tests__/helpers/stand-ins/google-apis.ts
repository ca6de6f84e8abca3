import type { IncomingMessage } from "node:http";
import { GoogleCompute } from "./google-compute";
import { GoogleServices } from "./google-services";
import { listen } from "./http";

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** One call of an API of Google's. */
export interface GoogleCall {
  readonly service: "compute" | "iam" | "secretmanager" | "storage";
  readonly method: string;
  /** Behind the version. Shape: `projects/acme-fleet/zones/europe-west4-a/instances`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Json;
}

export interface Answer {
  /** @default 200 */
  readonly status?: number;
  readonly body: Json;
}

/** Stands in for the APIs of Google Cloud that a site's stack calls. */
export interface GoogleApis {
  /** Settings with which Google's provider calls it. */
  readonly provider: Readonly<Record<string, string>>;
  /** Every call since the start. */
  readonly calls: GoogleCall[];
  /** Paths of all that there is. */
  readonly paths: () => readonly string[];
  readonly stop: () => Promise<void>;
}

/**
 * Starts the stand-in.
 *
 * @param isAllowed - whoever calls is refused where it says no.
 */
export async function startGoogleApis(isAllowed: (call: GoogleCall) => boolean): Promise<GoogleApis> {
  const calls: GoogleCall[] = [];
  const compute = new GoogleCompute();
  const services = new GoogleServices();
  const answerTo = (call: GoogleCall): Answer => {
    if (!isAllowed(call)) return { status: 403, body: {} };
    return call.service === "compute" ? compute.answer(call) : services.answer(call);
  };
  const server = await listen((incoming, text, response) => {
    const call = callOf(incoming, text);
    calls.push(call);
    const { status = 200, body } = answerTo(call);
    const error = { code: status, message: `${call.method} ${call.path}` };
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(status === 200 ? body : { error }));
  });
  compute.base = `${server.url}/compute/v1/`;
  return {
    calls,
    paths: () => [...compute.paths, ...services.paths],
    stop: server.stop,
    provider: Object.fromEntries(
      Object.entries({ compute: "compute", iam: "iam", secret_manager: "secretmanager", storage: "storage" }).map(
        ([setting, service]) => [`${setting}_custom_endpoint`, `${server.url}/${service}/v1/`],
      ),
    ),
  };
}

function callOf({ url, method = "" }: IncomingMessage, text: string): GoogleCall {
  const { pathname, searchParams } = new URL(url ?? "", "http://localhost");
  // The provider's client for accounts says the version once more.
  const [, service, path = ""] = /^\/(\w+)\/(?:v1\/)+(.*?)\/?$/.exec(pathname) ?? [];
  return {
    service: service as GoogleCall["service"],
    method,
    path: decodeURIComponent(path),
    query: searchParams,
    body: text === "" ? {} : (JSON.parse(text, withoutNull) as Json),
  };
}

/** Google takes what is null for what is not there. */
function withoutNull(_: string, value: unknown): unknown {
  return Array.isArray(value) ? Object.values(value) : (value ?? undefined);
}
