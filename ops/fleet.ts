import { existsSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import type { Fleet } from "../model/types";
import type { PublicTrust } from "../model/trust";
import { validFleet } from "../model/validate";
import { messageOf, UserError } from "./errors";
import { type Environment, projectDirectory } from "./project";
import { publicTrustPath, readPublicTrust } from "./trust/public";
import { type TrustSpec, trustSpecOf } from "./trust/spec";

/** The fleet that a command works on. */
export interface SelectedFleet {
  /** What the user chose: a name or a path. */
  readonly selected: string;
  readonly fleet: Fleet;
  readonly spec: TrustSpec;
  readonly publicTrustPath: string;
  /** The public half of its trust in the repository. */
  readonly committed?: PublicTrust;
}

/** Names of the fleets in the checkout. */
export function fleetNames(project: string = projectDirectory): string[] {
  const directory = join(project, "fleets");
  return existsSync(directory)
    ? readdirSync(directory)
        .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
        .map((file) => basename(file, ".ts"))
        .sort()
    : [];
}

/**
 * The fleet chosen by `--fleet` or STEPPE_FLEET: a name of a file in `fleets/`, or a path to one.
 *
 * @throws UserError when none is chosen or there is none of that name; ValidationError when it is not valid.
 */
export function selectFleet(
  option: string | undefined,
  env: Environment,
  project: string = projectDirectory,
): SelectedFleet {
  const selected = option ?? env["STEPPE_FLEET"] ?? "";
  const known = fleetNames(project).join(", ");
  if (selected === "")
    throw new UserError("no fleet is chosen", [`give --fleet or set STEPPE_FLEET; fleets/ has: ${known}`]);
  const path = selected.endsWith(".ts") ? resolve(selected) : join(project, "fleets", `${selected}.ts`);
  if (!existsSync(path)) throw new UserError(`there is no fleet ${selected}`, [`fleets/ has: ${known}`]);
  const fleet = validFleet(load(path));
  const trustPath = publicTrustPath(fleet.name, project);
  const committed = readPublicTrust(trustPath);
  return {
    selected: selected.endsWith(".ts") ? path : selected,
    fleet,
    spec: trustSpecOf(fleet),
    publicTrustPath: trustPath,
    ...(committed !== undefined && { committed }),
  };
}

function load(path: string): Fleet {
  let exported: { fleet?: Fleet };
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the path is the user's choice
    exported = require(path) as { fleet?: Fleet };
  } catch (error) {
    throw new UserError(`${path} cannot be loaded: ${messageOf(error)}`, ["npm run typecheck shows where"]);
  }
  if (exported.fleet === undefined)
    throw new UserError(`${path} exports no fleet`, ["export const fleet = defineFleet({ ... })"]);
  return exported.fleet;
}
