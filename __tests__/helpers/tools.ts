/* eslint-disable jest/no-export, jest/valid-describe-callback, jest/valid-title, jest/no-disabled-tests -- a helper that defines suites for others */
import { accessSync, constants, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

/** Finds a tool on PATH or among the tools that the lab has built; undefined where there is none. */
export function findTool(name: string): string | undefined {
  const built = join(homedir(), ".cache", "steppe", "tools");
  const directories = [...(process.env["PATH"] ?? "").split(delimiter), built, ...subdirectories(built)];
  return directories.map((directory) => join(directory, name)).find(isExecutable);
}

function subdirectories(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(directory, entry.name));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * A `describe` that needs a tool of the machine. Where the tool is missing the tests count as skipped, and the title says
 * which tool would make them run.
 */
export function describeWithTool(name: string, title: string, tests: (path: string) => void): void {
  const path = findTool(name);
  if (path === undefined)
    describe.skip(`${title} [skipped: no ${name} on PATH or built by the lab]`, () => tests(name));
  else describe(title, () => tests(path));
}
