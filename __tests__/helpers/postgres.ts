/* eslint-disable jest/no-export, jest/valid-describe-callback, jest/valid-title, jest/no-disabled-tests -- a helper that defines suites for others */
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where Debian's packages put PostgreSQL's programs, by version. */
const DEBIAN = "/usr/lib/postgresql";

/** Folder with initdb and pg_ctl of the newest PostgreSQL of the machine. */
export function postgresPrograms(): string | undefined {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN) : [];
  return versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(DEBIAN, version, "bin"))
    .find((path) => existsSync(join(path, "initdb")));
}

/** A `describe` that needs a PostgreSQL server; skipped by name where there is none. */
export function describeWithPostgres(title: string, tests: (programs: string) => void): void {
  const programs = postgresPrograms();
  const reason =
    programs === undefined
      ? "no PostgreSQL server in Debian's place"
      : process.getuid?.() === 0
        ? undefined
        : "not root";
  if (programs === undefined || reason !== undefined)
    describe.skip(`${title} [skipped: ${reason ?? ""}]`, () => tests(programs ?? ""));
  else describe(title, () => tests(programs));
}

/** A PostgreSQL server of a test, on loopback. */
export interface Postgres {
  readonly port: number;
  /** Runs SQL in a database and returns what it prints. */
  readonly sql: (database: string, text: string) => string;
  readonly stop: () => void;
}

/** Starts a server with password authentication. @param password - of user `postgres`. */
export async function startPostgres(programs: string, password: string): Promise<Postgres> {
  const directory = mkdtempSync(join(tmpdir(), "steppe-postgres-"));
  const [uid, gid] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" })));
  mkdirSync(join(directory, "data"));
  for (const path of [directory, join(directory, "data")]) chownSync(path, uid ?? 0, gid ?? 0);
  chmodSync(directory, 0o755);
  const port = await freePort();
  const as = (program: string, args: readonly string[]) =>
    execFileSync(join(programs, program), args, {
      uid,
      gid,
      cwd: directory,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], PGPASSWORD: password, LC_ALL: "C.UTF-8" },
      stdio: ["ignore", "pipe", "pipe"],
    });
  const passwordFile = join(directory, "password");
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  chownSync(passwordFile, uid ?? 0, gid ?? 0);
  as("initdb", ["-D", "data", "-A", "scram-sha-256", "-U", "postgres", "--no-sync", "--pwfile=password"]);
  const options = `-c listen_addresses=127.0.0.1 -c port=${port} -c unix_socket_directories='' -c fsync=off`;
  // Its output must not be a pipe, which the server would keep open.
  as("pg_ctl", ["-D", "data", "-w", "-t", "60", "-l", join(directory, "log"), "-o", options, "start"]);
  const login = ["-h", "127.0.0.1", "-p", String(port), "-U", "postgres", "-w", "-At"];
  return {
    port,
    sql: (database, text) => as("psql", [...login, "-v", "ON_ERROR_STOP=1", "-d", database, "-c", text]).trim(),
    stop: () => {
      as("pg_ctl", ["-D", "data", "-m", "immediate", "stop"]);
      rmSync(directory, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
