import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { NOTHING, readAllowed } from "../../review/gate/allowed";
import { gateProblems } from "../../review/gate/gate";
import type { Allowed, DirectoryEntry, GatedDocument, Synthesized } from "../../review/gate/types";
import { type Json, object } from "../../review/json";
import { FLEET_FILE } from "../../scripts/fleet-file";
import { UserError } from "../errors";
import { readJson, readSnapshot } from "./snapshot";

/** Exit code of a gate that stays shut. */
const REFUSED = 3;
/** More than any fleet has, and few enough to be listed. */
const MAX_ENTRIES = 100_000;

interface GateSettings {
  /** What the base synthesizes; trusted. */
  readonly baseOut: string;
  /** What the change synthesizes; anybody's. */
  readonly headOut: string;
  /** File that says what may be there although the base does not have it. @default - nothing */
  readonly allow?: string;
}

/**
 * Looks whether what a change synthesizes may come near a credential.
 *
 * @returns what it synthesizes, as it was read: the files may change after this.
 * @throws UserError with everything that must not, and exit code 3.
 */
export function passGate({ baseOut, headOut, allow }: GateSettings): Synthesized {
  const allowed = allow === undefined ? NOTHING : readAllowance(allow);
  const head = readSynthesized(headOut);
  const problems = gateProblems(readSnapshot(baseOut), head, allowed);
  if (problems.length > 0) throw new UserError(`${headOut} must not come near a credential`, [], problems, REFUSED);
  return head;
}

/** Writes stacks as a synthesis would, from what was read. What the directory had goes. */
export function writeSynthesized({ manifest, stacks, fleet }: Synthesized, outdir: string): void {
  rmSync(outdir, { recursive: true, force: true });
  const write = (path: string, value: unknown) =>
    writeFileSync(join(outdir, path), `${JSON.stringify(value, undefined, 2)}\n`);
  mkdirSync(outdir, { recursive: true });
  for (const { name, document } of stacks) {
    mkdirSync(join(outdir, "stacks", name), { recursive: true });
    write(join("stacks", name, "cdk.tf.json"), document);
  }
  write("manifest.json", manifest);
  if (fleet !== undefined) write(FLEET_FILE, fleet);
}

/** A directory of anybody, with all that lies in it. Reads no document that lies elsewhere than a synthesis puts it. */
function readSynthesized(directory: string): Synthesized {
  const entries = entriesOf(directory);
  const files = new Set(entries.filter(({ kind }) => kind === "file").map(({ path }) => path));
  const manifest = object(readJson(join(directory, "manifest.json"), directory));
  const stacks = Object.keys(object(manifest["stacks"])).flatMap((name): readonly GatedDocument[] => {
    const path = `stacks/${name}/cdk.tf.json`;
    // What is not there, or is a link, is told of by the look at the entries or by the reader.
    if (entries.some((entry) => entry.path === path) && !files.has(path)) return [];
    const document = readJson(join(directory, path), directory);
    if (typeof document !== "object" || document === null || Array.isArray(document))
      throw new UserError(`${path} must be a JSON object`);
    return [{ name, document: document as Json, text: readFileSync(join(directory, path), "utf8") }];
  });
  const fleet: unknown = files.has(FLEET_FILE) ? readJson(join(directory, FLEET_FILE), directory) : undefined;
  return { entries, manifest, stacks, ...(fleet !== undefined && { fleet }) };
}

function entriesOf(directory: string): readonly DirectoryEntry[] {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new UserError(`${directory} is no directory`, [
      "give what a fleet synthesizes: CDKTF_OUTDIR of npm run synth",
    ]);
  const found: DirectoryEntry[] = [];
  const waiting = [directory];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop())
    for (const name of readdirSync(at)) {
      const path = join(at, name);
      const stat = lstatSync(path);
      const kind = stat.isSymbolicLink() ? "link" : stat.isDirectory() ? "directory" : stat.isFile() ? "file" : "other";
      found.push({ path: relative(directory, path).split(sep).join("/"), kind });
      if (found.length > MAX_ENTRIES) throw new UserError(`${directory} has more than ${MAX_ENTRIES} files`);
      if (kind === "directory") waiting.push(path);
    }
  return found.sort((left, right) => (left.path < right.path ? -1 : 1));
}

function readAllowance(path: string): Allowed {
  const read = readAllowed(readJson(path, path));
  if ("problems" in read) throw new UserError(`${path} is no list of what is allowed`, [], read.problems);
  return read.allowed;
}
