import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";
import { UserError } from "./errors";
import { cacheDirectory, type Environment } from "./project";

/**
 * Finds nomad: `STEPPE_NOMAD`, else `nomad` on the path, else the one that the lab has built.
 *
 * @throws UserError when there is none.
 */
export function findNomad(env: Environment): string {
  const chosen = env["STEPPE_NOMAD"] ?? "";
  if (chosen !== "") {
    if (isExecutable(chosen)) return chosen;
    throw new UserError(`STEPPE_NOMAD names no program: ${chosen}`);
  }
  const built = join(cacheDirectory(env), "tools");
  const places = [...(env["PATH"] ?? "").split(delimiter), ...subdirectories(built)];
  const found = places.map((place) => join(place, "nomad")).find(isExecutable);
  if (found !== undefined) return found;
  throw new UserError("nomad is needed to read HCL, and there is none on the path", [
    "install it from https://developer.hashicorp.com/nomad/install, or set STEPPE_NOMAD to its path",
    "or give the output of nomad job run -output, a .json file",
  ]);
}

function subdirectories(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name.startsWith("nomad-"))
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
