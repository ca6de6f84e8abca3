/**
 * Stand-in for the metadata server of a machine on Google Cloud: it answers whoever says `Metadata-Flavor: Google`, waits for
 * changes where it is asked to, and vouches for the machine with tokens.
 *
 * @see https://cloud.google.com/compute/docs/metadata/querying-metadata
 * @see https://cloud.google.com/compute/docs/instances/verifying-instance-identity
 */
import { createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { type Listening, listen, type Serve } from "./http";

/** Access token of the machine's service account. */
export const ACCESS_TOKEN = "ya29.c.b0AXv0zTM-stand_in.token";

/** What it answers beside the truth. A slow one tells the truth after longer than anybody waits. */
export type Mood = "well" | "silent" | "slow" | "cut off" | "malformed" | "somebody else" | "failing";

export interface GcpMetadata extends Listening {
  /** Values by path below `/computeMetadata/v1/`; what is not there is 404. Tests change them. */
  readonly values: Map<string, string>;
  /** Requests by path, without what was asked for besides: `instance/preempted 200`. */
  readonly asked: string[];
  mood: Mood;
}

const ROOT = "/computeMetadata/v1/";
const ACCOUNT = "instance/service-accounts/default";
const TICK_MILLISECONDS = 20;
const SLOW_MILLISECONDS = 16_000;

/** Starts the stand-in of one machine. */
export async function gcpMetadata(name = "small-l4-x7k2", serve: Serve = listen): Promise<GcpMetadata> {
  const token = { access_token: ACCESS_TOKEN, expires_in: 3599, token_type: "Bearer" };
  const values = new Map([
    ["instance/name", name],
    ["instance/preempted", "FALSE"],
    ["instance/maintenance-event", "NONE"],
    [`${ACCOUNT}/token`, JSON.stringify(token)],
  ]);
  const asked: string[] = [];
  const server = await serve((incoming, _body, response) => {
    const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://metadata.google.internal");
    const path = pathname.replace(ROOT, "");
    const { mood } = standIn;
    if (mood !== "somebody else") response.setHeader("Metadata-Flavor", "Google");
    const answer = (status: number, text = "") => {
      asked.push(`${path} ${status}`);
      const end = () => response.writeHead(status, { "content-type": "application/text" }).end(text);
      if (mood === "slow") setTimeout(end, SLOW_MILLISECONDS).unref();
      else end();
    };
    if (pathname === "/") return answer(200, "computeMetadata/\n");
    if (incoming.method !== "GET" || incoming.headers["metadata-flavor"] !== "Google") return answer(403);
    if (mood === "silent") return void asked.push(`${path} -`);
    if (mood === "failing") return answer(503, "busy");
    if (mood === "malformed") return answer(200, "<html>TRUE TERMINATE_ON_HOST_MAINTENANCE\n$(reboot)\n");
    const audience = searchParams.get("audience");
    if (path === `${ACCOUNT}/identity` && audience !== null) return answer(200, `token-for-${audience}`);
    const tell = () => {
      const value = searchParams.get("recursive") === "true" ? below(path) : values.get(path);
      if (value === undefined) return answer(404, "not found");
      response.setHeader("ETag", etagOf(value));
      return mood === "cut off" ? cutOff(path, value, response) : answer(200, value);
    };
    if (searchParams.get("wait_for_change") !== "true") return tell();
    const known = searchParams.get("last_etag");
    const end = Date.now() + Number(searchParams.get("timeout_sec")) * 1000;
    const changed = () => known !== etagOf(values.get(path) ?? "") || standIn.mood !== mood;
    const timer = setInterval(() => {
      if (!changed() && Date.now() < end) return;
      clearInterval(timer);
      tell();
    }, TICK_MILLISECONDS);
    response.on("close", () => clearInterval(timer));
  });
  /** All values below a path that ends with `/`, as one object. */
  function below(path: string): string {
    const found = [...values].filter(([at]) => at.startsWith(path));
    return JSON.stringify(Object.fromEntries(found.map(([at, value]) => [at.slice(path.length), value])));
  }
  function cutOff(path: string, value: string, response: ServerResponse): void {
    asked.push(`${path} cut`);
    response.writeHead(200, { "content-length": "1000" }).write(value);
    setTimeout(() => response.destroy(), TICK_MILLISECONDS);
  }
  const standIn: GcpMetadata = { ...server, values, asked, mood: "well" };
  return standIn;
}

function etagOf(value: string): string {
  return createHash("sha256").update(value).digest("hex").slice(0, 16);
}
