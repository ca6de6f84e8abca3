import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PublicTrust } from "../model/trust";

/** Path of a fleet's public trust file, relative to the project. */
export function publicTrustPath(fleetName: string): string {
  return join("fleets", `${fleetName}.trust.json`);
}

/** The committed half of a fleet's trust; undefined before `./steppe trust init`. */
export function readPublicTrust(fleetName: string): PublicTrust | undefined {
  const path = publicTrustPath(fleetName);
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as PublicTrust) : undefined;
}
