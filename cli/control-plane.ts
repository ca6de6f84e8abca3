import type { SelectedFleet } from "../ops/fleet";
import { type ControlPlane, controlPlaneOf } from "../ops/tailnet/control-plane";
import { plainContext } from "../ops/terraform/context";
import { type Cli, contextOf } from "./shared";

/**
 * The control plane of the chosen fleet's tailnet, with the user's credential; in the lab with the lab's own.
 *
 * @throws UserError that names the environment variables of a missing credential.
 */
export async function controlPlaneFor(cli: Cli, chosen: SelectedFleet): Promise<ControlPlane> {
  const context = (await contextOf(chosen)) ?? plainContext;
  const env = { ...cli.env, ...context.env, ...(await context.controlPlaneEnv?.()) };
  return controlPlaneOf(chosen.fleet, { prefix: context.prefix, env });
}
