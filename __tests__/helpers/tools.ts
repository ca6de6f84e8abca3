/* eslint-disable jest/no-export, jest/valid-describe-callback, jest/valid-title, jest/no-disabled-tests -- a helper that defines suites for others */
import { findTool as findToolOf } from "../../ops/find-tool";

/** Finds a tool on PATH or among the tools that the lab has built; undefined where there is none. */
export function findTool(name: string): string | undefined {
  return findToolOf(name, process.env);
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
