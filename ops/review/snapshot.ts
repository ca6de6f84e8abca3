import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { isError, type Problem } from "../../constructs/core/problems";
import type { Fleet } from "../../model/types";
import { validateFleet } from "../../model/validate";
import { isRecord, type Json, object } from "../../review/json";
import type { Snapshot, StackDocument } from "../../review/source/snapshot";
import { FLEET_FILE } from "../../scripts/fleet-file";
import { isMissing, messageOf, UserError } from "../errors";
import { isInside } from "../project";

/** The largest file that is read, bytes: thousands of jobs are a tenth of it. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;
/** The deepest nesting that is read. Synthesized documents have about 20. */
const MAX_DEPTH = 200;

/**
 * Reads a directory of synthesized stacks that anybody may have written: nothing outside of it is read.
 *
 * @throws UserError with everything that is wrong with it.
 */
export function readSnapshot(directory: string): Snapshot {
  const problems: Problem[] = [];
  const entries = Object.entries(object(object(readJson(join(directory, "manifest.json"), directory))["stacks"]));
  const stacks = entries.flatMap(([name, entry]): readonly StackDocument[] => {
    const { synthesizedStackPath: path, dependencies } = object(entry);
    if (typeof path !== "string" || !isListOfText(dependencies)) {
      problems.push({ path: `manifest.json: ${name}`, rule: "must have a synthesizedStackPath and dependencies" });
      return [];
    }
    const document = readJson(resolve(directory, path), directory);
    if (!isRecord(document)) {
      problems.push({ path: `${name}: ${path}`, rule: "must be a JSON object" });
      return [];
    }
    return [{ name, document, dependencies }];
  });
  if (problems.length > 0) throw new UserError(`${directory} is not what a fleet synthesizes`, [], problems);
  const fleet = readFleet(directory);
  return { stacks, ...(fleet !== undefined && { fleet }) };
}

/**
 * Parses JSON of anybody.
 *
 * @param within - directory that the file must lie in, also when links are followed.
 * @throws UserError for what is no JSON, is too large, too deep or elsewhere.
 */
export function readJson(path: string, within: string): unknown {
  const refused = (rule: string) => new UserError(`${path} ${rule}`);
  if (!isInside(path, within)) throw refused(`lies outside of ${within}`);
  try {
    if (statSync(path).size > MAX_FILE_BYTES) throw refused(`is larger than ${MAX_FILE_BYTES / 1024 / 1024} MiB`);
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (isDeeper(value, MAX_DEPTH)) throw refused(`is nested deeper than ${MAX_DEPTH} levels`);
    return value;
  } catch (error) {
    if (isMissing(error)) throw refused("does not exist");
    if (error instanceof SyntaxError) throw refused(`is no JSON: ${messageOf(error)}`);
    throw error;
  }
}

/** Without recursion, which such a value would exhaust. */
function isDeeper(value: unknown, depth: number): boolean {
  let level: unknown[] = [value];
  for (let at = 0; at <= depth; at++) {
    level = level.flatMap((item) => (typeof item === "object" && item !== null ? Object.values(item as Json) : []));
    if (level.length === 0) return false;
  }
  return true;
}

function readFleet(directory: string): Fleet | undefined {
  const path = join(directory, FLEET_FILE);
  if (!existsSync(path)) return undefined;
  const fleet = readJson(path, directory);
  const bad = (problems: readonly Problem[]) => new UserError(`${path} is no valid fleet`, [], problems);
  let problems: readonly Problem[];
  try {
    problems = validateFleet(fleet as Fleet).filter(isError);
  } catch (error) {
    // Rules take the shape of a fleet for granted, which the compiler has checked of every other one.
    throw bad([{ path: FLEET_FILE, rule: `has not the shape of a fleet: ${messageOf(error)}` }]);
  }
  if (problems.length > 0) throw bad(problems);
  return fleet as Fleet;
}

function isListOfText(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
