import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Problem } from "../../constructs/core/problems";
import type { Stack } from "./stack";

/** Kinds of stacks, as their names follow the fleet's. Told apart from another fleet called `<fleet>-something`. */
const KINDS = /^(tailnet|control|(site|storage|jobs)-.+)$/;

/**
 * Stacks that have state and are no longer in the data: their machines would stay, unmanaged and unseen.
 *
 * Only local state can be listed. Of a remote backend the review sees a removed stack instead.
 */
export function removalProblems(stacks: readonly Stack[], fleet: string): Problem[] {
  const known = new Set(stacks.flatMap(({ backend }) => (backend.path === undefined ? [] : [backend.path])));
  const directories = new Set([...known].map((path) => dirname(path)));
  return [...directories].flatMap((directory) =>
    stateFiles(directory)
      .filter((path) => !known.has(path) && belongsTo(path, fleet))
      .flatMap((path) => {
        const count = readState(path)?.resources ?? 0;
        if (count === 0) return [];
        return [
          {
            path: basename(path, ".tfstate"),
            rule: `is no longer in the data but has state (${count} ${count === 1 ? "resource" : "resources"})`,
            fix: "put it back with retired: { reason }, apply, then delete the line",
          },
        ];
      }),
  );
}

/** What a state file says about itself. */
export interface StateSummary {
  readonly serial: number;
  readonly resources: number;
  readonly changed: Date;
}

/** Reads a local state file; nothing where there is none. Values of resources are not looked at. */
export function readState(path: string): StateSummary | undefined {
  if (!existsSync(path)) return undefined;
  const { serial, resources } = JSON.parse(readFileSync(path, "utf8")) as {
    serial?: number;
    resources?: readonly { readonly instances?: readonly unknown[]; readonly mode?: string }[];
  };
  return {
    serial: serial ?? 0,
    resources: (resources ?? [])
      .filter(({ mode }) => mode !== "data")
      .reduce((sum, { instances }) => sum + (instances?.length ?? 0), 0),
    changed: statSync(path).mtime,
  };
}

function stateFiles(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith(".tfstate"))
    .map((name) => join(directory, name))
    .sort();
}

function belongsTo(path: string, fleet: string): boolean {
  const name = basename(path, ".tfstate");
  return name.startsWith(`${fleet}-`) && KINDS.test(name.slice(fleet.length + 1));
}
