import { messageOf, UserError } from "../errors";
import { run } from "../process";
import type { Environment } from "../project";

/** Where a control plane's API is, and how it is reached. */
export interface ApiAccess {
  /** Shape: `https://api.tailscale.com`; without a path. */
  readonly baseUrl: string;
  /** Put before the command that asks, where the API is not reachable from here. @default [] */
  readonly prefix?: readonly string[];
  /** @default process.env */
  readonly env?: Environment;
  /** Of one attempt. @default 15000 */
  readonly timeoutMilliseconds?: number;
  /** Pause before the second attempt; doubled before each further one. @default 500 */
  readonly pauseMilliseconds?: number;
}

/** One request. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** Begins with a slash. */
  readonly path: string;
  /** Holds the credential. */
  readonly headers: Readonly<Record<string, string>>;
  /** Text of the body. */
  readonly body?: string;
  /** Says that an answer beyond 2xx is an answer too, such as "there is none". */
  readonly isAnswer?: (answer: ApiAnswer) => boolean;
}

/** An answer; its status is from 200 to 299, unless the request takes others. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What to do about a refusal, by status. */
export type Advice = Readonly<Record<number, readonly string[]>>;

const ATTEMPTS = 4;
/** Longest that `Retry-After` is heeded. */
const LONGEST_PAUSE_MILLISECONDS = 10_000;
const TRANSIENT = [429, 500, 502, 503, 504];

/** An answer as it came, or why there was none. */
type RawAnswer = ApiAnswer | { readonly failure: string };

/**
 * Asks the API of a control plane. What may be repeated is tried again after 429, 5xx and a broken connection; what makes
 * something only after 429, since otherwise it may be made already.
 *
 * @throws UserError with path, status, the server's own words without credentials, and what to do.
 */
export async function apiRequest(access: ApiAccess, request: ApiRequest, advice: Advice = {}): Promise<ApiAnswer> {
  let answer: RawAnswer;
  for (let attempt = 1; ; attempt++) {
    answer = await once(access, request);
    if (attempt === ATTEMPTS || isTaken(request, answer) || !mayRepeat(request, answer)) break;
    await new Promise((done) => setTimeout(done, pauseOf(access, answer, attempt)));
  }
  const name = `${request.method} ${access.baseUrl}${request.path}`;
  if ("failure" in answer)
    throw new UserError(`${name} got no answer: ${redacted(answer.failure, request)}`, [
      `see that ${new URL(access.baseUrl).host} can be reached from here, then run it again`,
    ]);
  if (isTaken(request, answer)) return answer;
  const said = redacted(wordsOf(answer.body), request);
  throw new UserError(`${name} was refused with HTTP ${answer.status}${said === "" ? "" : `: ${said}`}`, [
    ...(advice[answer.status] ?? (answer.status >= 500 || answer.status === 429 ? ["run it again later"] : [])),
  ]);
}

/**
 * Reads an answer as JSON.
 *
 * @throws UserError where it is none, as when the address is not that of an API.
 */
export function jsonOf(access: ApiAccess, path: string, answer: ApiAnswer): unknown {
  try {
    return JSON.parse(answer.body) as unknown;
  } catch {
    throw new UserError(`${access.baseUrl}${path} answers with something that is no JSON`, [
      "see that the address is that of the control plane's API",
    ]);
  }
}

function isTaken({ isAnswer }: ApiRequest, answer: RawAnswer): boolean {
  return "status" in answer && ((answer.status >= 200 && answer.status < 300) || isAnswer?.(answer) === true);
}

function mayRepeat({ method }: ApiRequest, answer: RawAnswer): boolean {
  const isRepeatable = method !== "POST";
  if ("failure" in answer) return isRepeatable;
  return answer.status === 429 || (isRepeatable && TRANSIENT.includes(answer.status));
}

function pauseOf(access: ApiAccess, answer: RawAnswer, attempt: number): number {
  const seconds = "failure" in answer ? NaN : Number(answer.headers["retry-after"] ?? NaN);
  const pause = Number.isFinite(seconds) ? seconds * 1000 : (access.pauseMilliseconds ?? 500) * 2 ** (attempt - 1);
  return Math.min(pause, LONGEST_PAUSE_MILLISECONDS);
}

/** Asks once. Reads the request from standard input, since a credential has no place among the arguments. */
const CLIENT = `
const { url, method, headers, body, timeout } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
fetch(url, { method, headers, body, redirect: "error", signal: AbortSignal.timeout(timeout) })
  .then(async (response) => ({
    status: response.status, headers: Object.fromEntries(response.headers), body: await response.text(),
  }))
  .catch((error) => ({ failure: error.cause?.message || error.cause?.code || error.message }))
  .then((answer) => process.stdout.write(JSON.stringify(answer)));
`;

async function once(access: ApiAccess, request: ApiRequest): Promise<RawAnswer> {
  const { prefix = [], baseUrl, timeoutMilliseconds: timeout = 15_000 } = access;
  const { method, headers, body } = request;
  const url = `${baseUrl}${request.path}`;
  if (prefix.length === 0) {
    try {
      const signal = AbortSignal.timeout(timeout);
      const response = await fetch(url, {
        method,
        headers,
        redirect: "error",
        signal,
        ...(body !== undefined && { body }),
      });
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      };
    } catch (error) {
      return { failure: causeOf(error) };
    }
  }
  const { code, stdout, stderr } = await run([...prefix, process.execPath, "-e", CLIENT], {
    env: access.env ?? process.env,
    input: JSON.stringify({ url, method, headers, body, timeout }),
  });
  try {
    if (code === 0) return JSON.parse(stdout) as RawAnswer;
  } catch (error) {
    return { failure: messageOf(error) };
  }
  return { failure: stderr.trim().split("\n").at(-1) ?? `exit code ${code}` };
}

/** What lies behind "fetch failed". */
function causeOf(error: unknown): string {
  const { cause, message } = error as Error & { readonly cause?: Partial<NodeJS.ErrnoException> };
  const said = cause?.message ?? "";
  return said === "" ? (cause?.code ?? message) : said;
}

/** The server's own words: both control planes answer errors with `{ message }`. */
function wordsOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { readonly message?: unknown };
    if (typeof message === "string") return message.trim();
  } catch {
    // Plain text, as a proxy answers.
  }
  return body.trim().slice(0, 200);
}

/** Text without keys, and without anything that the request's headers or body hold as a credential. */
function redacted(text: string, { headers, body }: ApiRequest): string {
  const own = [headers["authorization"]?.split(" ")[1], new URLSearchParams(body).get("client_secret")];
  return own
    .filter((secret): secret is string => secret !== undefined && secret !== null && secret.length >= 8)
    .reduce((shown, secret) => shown.replaceAll(secret, "[credential]"), text)
    .replace(/\b(?:tskey|hskey)-[A-Za-z0-9_-]+/g, "[key]");
}
