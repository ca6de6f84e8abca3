import { messageOf } from "./errors";
import { run } from "./process";
import type { Environment } from "./project";
import { nomadFiles } from "./trust/secrets";
import type { TrustSpec } from "./trust/spec";
import type { Trust } from "./trust/trust";

/** Who asks, from where. */
export interface NomadAccess {
  readonly trust: Trust;
  readonly spec: TrustSpec;
  readonly prefix: readonly string[];
  readonly env: Environment;
  /** @default 5000 */
  readonly timeoutMilliseconds?: number;
}

/** An answer of Nomad's HTTP API, or why there was none. */
export type NomadAnswer =
  { readonly status: number; readonly body: unknown } | { readonly status: 0; readonly failure: string };

/** Runs where the fleet can be reached, so the request cannot be made in this process. Reads the secrets from files. */
const CLIENT = `
const { readFileSync } = require("node:fs");
const { request } = require("node:https");
const { ca, certificate, key, token, urls, method, timeout, body: sent } = JSON.parse(readFileSync(0, "utf8"));
const tls = { ca: readFileSync(ca), cert: readFileSync(certificate), key: readFileSync(key) };
const headers = { "X-Nomad-Token": readFileSync(token, "utf8").trim() };
const ask = (url) => new Promise((done) => {
  const call = request(url, { ...tls, method, headers, timeout, agent: false }, (response) => {
    const chunks = [];
    response.on("data", (chunk) => chunks.push(chunk));
    response.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      let body = text;
      try { body = JSON.parse(text); } catch {}
      done({ status: response.statusCode, body });
    });
  });
  call.setTimeout(timeout, () => call.destroy(new Error("no answer within " + timeout / 1000 + " s")));
  call.on("error", (error) => done({ status: 0, failure: error.message || error.code || String(error) }));
  call.end(sent);
});
Promise.all(urls.map(ask)).then((answers) => process.stdout.write(JSON.stringify(answers)));
`;

/**
 * Asks several addresses at once, over mutual TLS and with the management token. Answers in the order of the addresses.
 *
 * @param body - sent as JSON; may hold secrets, since it goes to the client by its input.
 */
export async function nomadRequests(
  access: NomadAccess,
  urls: readonly string[],
  method: "GET" | "PUT" = "GET",
  body?: unknown,
): Promise<NomadAnswer[]> {
  if (urls.length === 0) return [];
  const timeout = access.timeoutMilliseconds ?? 5000;
  const { code, stdout, stderr } = await run([...access.prefix, process.execPath, "-e", CLIENT], {
    env: access.env,
    input: JSON.stringify({
      ...nomadFiles(access.trust),
      urls,
      method,
      timeout,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
  });
  try {
    if (code === 0) return JSON.parse(stdout) as NomadAnswer[];
  } catch (error) {
    return urls.map(() => ({ status: 0, failure: messageOf(error) }));
  }
  return urls.map(() => ({ status: 0, failure: stderr.trim().split("\n").at(-1) ?? `exit code ${code}` }));
}

/** Addresses of the API on a region's servers. */
export function serverAddresses(spec: TrustSpec, region: string): string[] {
  return (spec.regions.find(({ name }) => name === region)?.serverHosts ?? []).map(
    (host) => `https://${host}.${spec.domain}:4646`,
  );
}

/** A server that answers and knows a leader, or why none does. */
export type HealthyServer = { readonly address: string } | { readonly failures: readonly string[] };

/** Looks for a server of a region that can serve: it answers, and its region has a leader. */
export async function healthyServer(access: NomadAccess, region: string): Promise<HealthyServer> {
  const addresses = serverAddresses(access.spec, region);
  const answers = await nomadRequests(
    access,
    addresses.map((address) => `${address}/v1/status/leader`),
  );
  const failures: string[] = [];
  for (const [index, answer] of answers.entries()) {
    const address = addresses[index] ?? "";
    if (answer.status === 200 && typeof answer.body === "string" && answer.body !== "") return { address };
    failures.push(`${new URL(address).hostname}: ${failureOf(answer)}`);
  }
  return {
    failures: failures.length === 0 ? [`fleet ${access.spec.fleet} has no servers in region ${region}`] : failures,
  };
}

/**
 * Asks a region's API: the first of its servers that answers.
 *
 * @param path - begins with `/v1/`.
 */
export async function nomadApi(access: NomadAccess, region: string, path: string): Promise<NomadAnswer> {
  const answers = await nomadRequests(
    access,
    serverAddresses(access.spec, region).map((address) => address + path),
  );
  return (
    answers.find(({ status }) => status === 200) ??
    answers.find(({ status }) => status !== 0) ??
    answers[0] ?? { status: 0, failure: `no servers in region ${region}` }
  );
}

/** Has a region do something: by one of its servers, which hands it to the leader. */
export async function nomadPut(
  access: NomadAccess,
  region: string,
  path: string,
  body?: unknown,
): Promise<NomadAnswer> {
  const server = await healthyServer(access, region);
  if ("failures" in server) return { status: 0, failure: server.failures.join("; ") };
  const [answer] = await nomadRequests(access, [server.address + path], "PUT", body);
  return answer ?? { status: 0, failure: "no answer" };
}

/** Why an answer is none; a region without a leader among them. */
export function failureOf(answer: NomadAnswer): string {
  if ("failure" in answer) return answer.failure;
  if (answer.status === 200) return "no leader yet";
  return `HTTP ${answer.status} ${String(answer.body).trim().slice(0, 120)}`;
}
