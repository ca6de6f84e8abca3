import { UserError } from "../ops/errors";
import type { SelectedFleet } from "../ops/fleet";
import type { NomadAccess } from "../ops/nomad-api";
import { runOf } from "../ops/terraform/context";
import { nomadAccess } from "../ops/terraform/region";
import { loadTrust } from "../ops/trust/trust";
import { type Cli, settingsOf } from "./shared";

/**
 * How to ask the Nomad of a region.
 *
 * @throws UserError for a region that the fleet does not have, and without the fleet's trust.
 */
export async function regionAccess(cli: Cli, chosen: SelectedFleet, region: string): Promise<NomadAccess> {
  const names = chosen.spec.regions.map(({ name }) => name);
  if (!names.includes(region))
    throw new UserError(`fleet ${chosen.fleet.name} has no region ${JSON.stringify(region)}`, [
      `use one of: ${names.join(", ")}`,
    ]);
  loadTrust(chosen.fleet.name, { env: cli.env, project: cli.project });
  const access = nomadAccess(runOf(await settingsOf(cli, chosen, [])));
  if (access !== undefined) return access;
  throw new UserError(`the trust of fleet ${chosen.fleet.name} lacks its management token or its own certificate`, [
    `run ./steppe trust show --fleet ${chosen.fleet.name} to see what is missing`,
  ]);
}
