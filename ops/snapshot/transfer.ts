import { createHash } from "node:crypto";
import { createReadStream, lstatSync, renameSync, rmSync, statSync } from "node:fs";
import { messageOf, UserError } from "../errors";
import { failureOf, healthyServer, type NomadAccess } from "../nomad-api";
import { type Interrupts, run } from "../process";
import { nomadFiles } from "../trust/secrets";

/** Told how many bytes have gone over so far. */
export type Transferred = (bytes: number) => void;

/** How a transfer is watched and stopped. */
export interface TransferOptions {
  readonly interrupts: Interrupts;
  readonly onProgress?: Transferred;
  /** Longest silence on the line. Nomad answers a restore only when it is done. @default 600 */
  readonly idleSeconds?: number;
}

/**
 * Runs where the fleet can be reached. Reads the secrets from files, and what it transfers goes past this process: a
 * snapshot may be larger than its memory. Ends with one line of JSON; lines before that are numbers of bytes.
 */
const CLIENT = `
const { createReadStream, createWriteStream, readFileSync } = require("node:fs");
const { request } = require("node:https");
const { pipeline } = require("node:stream");
const { ca, certificate, key, token, url, method, file, timeout } = JSON.parse(readFileSync(0, "utf8"));
const tls = { ca: readFileSync(ca), cert: readFileSync(certificate), key: readFileSync(key) };
const headers = { "X-Nomad-Token": readFileSync(token, "utf8").trim() };
const end = (result) => process.stdout.write("\\n" + JSON.stringify(result) + "\\n", () => process.exit(0));
const fail = (error) => end({ status: 0, failure: error.message || error.code || String(error) });
let [bytes, told] = [0, 0];
const count = (chunk) => {
  bytes += chunk.length;
  if (Date.now() - told < 1000) return;
  told = Date.now();
  process.stdout.write(bytes + "\\n");
};
const call = request(url, { ...tls, method, headers, agent: false }, (response) => {
  const status = response.statusCode;
  if (method === "GET" && status === 200) {
    response.on("data", count);
    pipeline(response, createWriteStream(file, { flags: "wx", mode: 0o600, flush: true }), (error) =>
      error ? fail(error) : end({ status, bytes, digest: response.headers.digest }));
    return;
  }
  const chunks = [];
  response.on("data", (chunk) => chunks.push(chunk));
  response.on("end", () => end({ status, bytes, body: Buffer.concat(chunks).toString("utf8") }));
  response.on("error", fail);
});
call.setTimeout(timeout, () => call.destroy(new Error("nothing came for " + timeout / 1000 + " s")));
call.on("error", fail);
if (method === "GET") call.end();
else {
  const source = createReadStream(file);
  source.on("data", count);
  source.on("error", (error) => call.destroy(error));
  source.pipe(call);
}
`;

interface Outcome {
  readonly status: number;
  readonly failure?: string;
  readonly bytes?: number;
  readonly digest?: string;
  readonly body?: string;
}

/** A snapshot that was saved. */
export interface Saved {
  readonly file: string;
  readonly bytes: number;
}

/**
 * Saves a snapshot of a region's state to a file that its owner alone may read. What is there is never overwritten, and a
 * file under this name is whole: its digest is the one that Nomad told.
 *
 * @throws UserError when there is such a file, when the region does not answer, and after Ctrl-C.
 */
export async function saveSnapshot(
  access: NomadAccess,
  region: string,
  file: string,
  options: TransferOptions,
): Promise<Saved> {
  if (exists(file)) throw new UserError(`${file} is there already`, ["give another name, or move it away"]);
  const partial = `${file}.partial`;
  if (exists(partial))
    throw new UserError(`${partial} is there already: another run saves to it, or was cut off`, [
      `if there is none: rm ${partial}`,
    ]);
  const url = `${await serverOf(access, region)}/v1/operator/snapshot?region=${region}`;
  let isDone = false;
  try {
    const outcome = await transfer(access, { url, method: "GET", file: partial }, options);
    if (outcome.status !== 200) throw new UserError(`region ${region} gave no snapshot: ${reasonOf(outcome)}`);
    const digest = `sha-256=${await sha256(partial)}`;
    if (outcome.digest !== digest)
      throw new UserError(`the snapshot of region ${region} did not come over whole`, ["save it again"]);
    renameSync(partial, file);
    isDone = true;
    return { file, bytes: statSync(file).size };
  } finally {
    if (!isDone) rmSync(partial, { force: true });
  }
}

/**
 * Puts a snapshot into the place of a region's state. Nomad checks its checksums before it changes anything.
 *
 * @throws UserError when Nomad refuses it, and after Ctrl-C.
 */
export async function restoreSnapshot(
  access: NomadAccess,
  region: string,
  file: string,
  options: TransferOptions,
): Promise<void> {
  const url = `${await serverOf(access, region)}/v1/operator/snapshot?region=${region}`;
  const outcome = await transfer(access, { url, method: "PUT", file }, options);
  if (outcome.status !== 200)
    throw new UserError(`region ${region} did not restore the snapshot: ${reasonOf(outcome)}`);
}

async function serverOf(access: NomadAccess, region: string): Promise<string> {
  const server = await healthyServer(access, region);
  if ("address" in server) return server.address;
  throw new UserError(
    `region ${region} has no server that answers and knows a leader`,
    [],
    [...server.failures.map((failure) => ({ path: region, rule: failure }))],
  );
}

async function transfer(
  access: NomadAccess,
  request: { readonly url: string; readonly method: "GET" | "PUT"; readonly file: string },
  { interrupts, onProgress, idleSeconds = 600 }: TransferOptions,
): Promise<Outcome> {
  const { stdout, stderr, code } = await run([...access.prefix, process.execPath, "-e", CLIENT], {
    env: access.env,
    input: JSON.stringify({ ...nomadFiles(access.trust), ...request, timeout: idleSeconds * 1000 }),
    interrupts,
    onLine: (line) => {
      if (/^\d+$/.test(line)) onProgress?.(Number(line));
    },
  });
  if (interrupts.interrupted)
    throw new UserError(
      "interrupted",
      request.method === "GET"
        ? ["nothing was saved"]
        : ["Nomad restores a snapshot only when it has come whole: look at the region before you try again"],
      [],
      130,
    );
  try {
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Outcome;
  } catch (error) {
    return { status: 0, failure: stderr.trim().split("\n").at(-1) ?? `exit code ${code}: ${messageOf(error)}` };
  }
}

function reasonOf({ status, failure, body = "" }: Outcome): string {
  return failureOf(failure === undefined ? { status, body } : { status: 0, failure });
}

function exists(file: string): boolean {
  return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("base64");
}
