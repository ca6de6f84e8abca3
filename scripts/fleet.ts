import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "cdktf";
import type { Fleet } from "../model/types";
import { FLEET_FILE } from "./fleet-file";

/** Writes what the fleet is, so that a review knows quorums and capacities, which Terraform does not. */
export function writeFleet(app: App, fleet: Fleet): void {
  writeFileSync(join(app.outdir, FLEET_FILE), `${JSON.stringify(fleet, undefined, 2)}\n`);
}
