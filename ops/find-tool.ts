import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { UserError } from "./errors";
import { cacheDirectory, type Environment } from "./project";

/** Finds a tool on the path, or among those that the lab has built; undefined where there is none. */
export function findTool(name: string, env: Environment): string | undefined {
  const built = join(cacheDirectory(env), "tools");
  const places = [...(env["PATH"] ?? "").split(delimiter), built, ...subdirectories(built)];
  return places.map((place) => join(place, name)).find(isExecutable);
}

/**
 * Finds nomad: `STEPPE_NOMAD`, else as {@link findTool} does.
 *
 * @throws UserError when there is none.
 */
export function findNomad(env: Environment): string {
  const chosen = env["STEPPE_NOMAD"] ?? "";
  if (chosen !== "") {
    if (isExecutable(chosen)) return chosen;
    throw new UserError(`STEPPE_NOMAD names no program: ${chosen}`, ["correct the path, or unset STEPPE_NOMAD"]);
  }
  const found = findTool("nomad", env);
  if (found !== undefined) return found;
  throw new UserError("nomad is needed to read HCL, and there is none on the path", [
    "install it from https://developer.hashicorp.com/nomad/install, or set STEPPE_NOMAD to its path",
    "or give the output of nomad job run -output, a .json file",
  ]);
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
