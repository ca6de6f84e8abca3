import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { createInterface } from "node:readline";
import { isMissing, UserError } from "../errors";
import { run } from "../process";
import type { Environment } from "../project";

/** What a snapshot holds, as Nomad reads it. */
export interface SnapshotContents {
  readonly file: string;
  readonly bytes: number;
  /** Raft index up to which it goes. */
  readonly index: number;
  /** When it was taken, ISO 8601. */
  readonly taken: string;
  /** Objects by kind. Shape: `{ Job: 12, ACLToken: 3 }`. */
  readonly objects: Readonly<Record<string, number>>;
  /** Servers of the region at that time. Shape: `100.64.0.1:4647`. */
  readonly servers: readonly string[];
  /** Regions that its jobs name; empty where there are none. */
  readonly regions: readonly string[];
  /** The fleet's management token is among its tokens. */
  readonly knowsToken: boolean;
}

interface Inspected {
  readonly Meta: {
    readonly ID: string;
    readonly Index: number;
    readonly Configuration: { readonly Servers: readonly { readonly Address: string }[] };
  };
  readonly Stats: readonly { readonly Name: string; readonly Count: number }[];
}

/**
 * Reads a snapshot with the nomad command, which checks its checksums.
 *
 * @param token - the fleet's management token, looked for among the snapshot's; never shown.
 * @throws UserError when there is no such file, or Nomad cannot read it.
 */
export async function snapshotContents(
  nomad: string,
  file: string,
  token: string | undefined,
  env: Environment,
): Promise<SnapshotContents> {
  const bytes = sizeOf(file);
  const { code, stdout, stderr } = await run([nomad, "operator", "snapshot", "inspect", "-json", file], { env });
  if (code !== 0) throw unreadable(file, stderr);
  const { Meta, Stats } = JSON.parse(stdout) as Inspected;
  const identity = await identityOf(nomad, file, token, env);
  return {
    file,
    bytes,
    index: Meta.Index,
    taken: new Date(Number(Meta.ID.split("-").at(-1))).toISOString(),
    objects: Object.fromEntries(Stats.map(({ Name, Count }) => [Name, Count])),
    servers: Meta.Configuration.Servers.map(({ Address }) => Address),
    ...identity,
  };
}

/** Whose a snapshot is: Nomad's dump of its state, read line by line, for it is many times as large as the snapshot. */
async function identityOf(
  nomad: string,
  file: string,
  token: string | undefined,
  env: Environment,
): Promise<Pick<SnapshotContents, "regions" | "knowsToken">> {
  const child = spawn(nomad, ["operator", "snapshot", "state", file], { env, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
  const ended = new Promise<number | null>((done, failed) => child.on("close", done).on("error", failed));
  const regions = new Set<string>();
  let table = "";
  let knowsToken = false;
  for await (const line of createInterface({ input: child.stdout })) {
    table = /^ {2}"(\w+)": \[/.exec(line)?.[1] ?? table;
    const [, name, value = ""] = /^ {6}"(Region|SecretID)": "([^"]*)"/.exec(line) ?? [];
    if (name === "Region" && /^Job(s|Versions)$/.test(table)) regions.add(value);
    if (name === "SecretID" && table === "ACLTokens" && value === token) knowsToken = true;
  }
  if ((await ended) !== 0) throw unreadable(file, said);
  return { regions: [...regions].sort(), knowsToken };
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch (error) {
    if (isMissing(error)) throw new UserError(`there is no file ${file}`);
    throw error;
  }
}

function unreadable(file: string, said: string): UserError {
  return new UserError(`${file} is no snapshot that Nomad can read: ${said.trim().split("\n").at(-1) ?? ""}`);
}
