import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { isMissing, UserError } from "../errors";
import { type Environment, isInside, projectDirectory, repositoryOf, xdgDirectory } from "../project";

/**
 * Directory of a fleet's trust: `$STEPPE_TRUST_DIR/<fleet>`, else `~/.local/share/steppe/trust/<fleet>`.
 *
 * @throws UserError when it lies inside the repository, where the next `git add` would publish it.
 */
export function trustDirectory(fleet: string, env: Environment, project: string = projectDirectory): string {
  const given = env["STEPPE_TRUST_DIR"];
  if (given !== undefined && given !== "" && !isAbsolute(given))
    throw new UserError(`STEPPE_TRUST_DIR must be an absolute path, got ${JSON.stringify(given)}`);
  const base = given !== undefined && given !== "" ? given : join(xdgDirectory("DATA", env), "steppe", "trust");
  const directory = join(base, fleet);
  const repository = repositoryOf(project);
  if (isInside(directory, repository))
    throw new UserError(`the trust directory ${directory} lies inside the repository ${repository}`, [
      "set STEPPE_TRUST_DIR to a directory outside of it",
    ]);
  return directory;
}

/**
 * Refuses a trust directory that others may read.
 *
 * @throws UserError that names every directory and file with wider permissions than the owner's.
 */
export function assertPrivate(directory: string): void {
  const wide: string[] = [];
  const foreign: string[] = [];
  const uid = process.getuid?.();
  for (const path of [directory, ...filesBelow(directory)]) {
    const stat = lstatSync(path);
    if (stat.isSymbolicLink()) continue;
    if ((stat.mode & 0o077) !== 0) wide.push(`${path} (${(stat.mode & 0o777).toString(8).padStart(4, "0")})`);
    if (uid !== undefined && stat.uid !== uid) foreign.push(path);
  }
  if (wide.length > 0)
    throw new UserError(`others than you may read the trust: ${wide.join(", ")}`, [
      "if nobody else can have read it: chmod -R go= " + quoted(directory),
      "else replace it: it is no longer a secret",
    ]);
  if (foreign.length > 0)
    throw new UserError(`the trust belongs to another user: ${foreign.join(", ")}`, [
      "run as that user, or set STEPPE_TRUST_DIR",
    ]);
}

/** Text quoted for a shell. */
export function quoted(text: string): string {
  return /^[A-Za-z0-9_./:=@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** Makes a directory that only its owner may enter. */
export function makePrivateDirectory(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
}

/** Writes a file that only its owner may read, whole or not at all. Leaves an equal file alone. */
export function writePrivate(path: string, text: string): boolean {
  if (readOptional(path) === text) return false;
  makePrivateDirectory(dirname(path));
  const temporary = `${path}.${process.pid}.new`;
  rmSync(temporary, { force: true });
  const file = openSync(temporary, "wx", 0o600);
  try {
    writeSync(file, text);
  } finally {
    closeSync(file);
  }
  chmodSync(temporary, 0o600);
  renameSync(temporary, path);
  return true;
}

/** Text of a file, or nothing where there is none. */
export function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Holds a lock while it works, so that two runs at once do not make two authorities.
 *
 * @throws UserError while another living process holds it.
 */
export async function withLock<T>(directory: string, work: () => Promise<T>): Promise<T> {
  const path = join(directory, ".lock");
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      const file = openSync(path, "wx", 0o600);
      writeSync(file, String(process.pid));
      closeSync(file);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const holder = readOptional(path);
      if (holder !== undefined && holder !== "" && !isAlive(Number(holder))) rmSync(path, { force: true });
      else if (Date.now() > deadline)
        throw new UserError(`another process (${holder ?? "unknown"}) is changing the trust in ${directory}`, [
          "wait for it to end",
          `if there is none: rm ${quoted(path)}`,
        ]);
      else await new Promise((done) => setTimeout(done, 50));
    }
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    return entry.isDirectory() ? [path, ...filesBelow(path)] : [path];
  });
}
