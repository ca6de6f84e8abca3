import type { Fleet } from "../model/types";
import type { ExecContext } from "../ops/terraform/context";
import { providerAvailable } from "../ops/terraform/providers";
import { loadTrust } from "../ops/trust/trust";
import { labContext as contextOf } from "./deploy";
import { labSpecOf } from "./fleet-spec";
import { labState } from "./status";

/**
 * How the ordinary commands (`./steppe plan`, `apply`, `status`) reach a fleet that runs in the lab; undefined when no lab
 * runs it.
 */
export async function labContext(fleet: Fleet): Promise<ExecContext | undefined> {
  const state = await labState();
  if (state?.spec.fleet !== fleet.name) return undefined;
  const provider = (await providerAvailable("hashicorp/nomad")) !== undefined;
  return await contextOf(labSpecOf(fleet), loadTrust(fleet.name), provider, (line) =>
    process.stderr.write(`${line}\n`),
  );
}
