import { activeServerNames, regionOf, siteOf, stackNames } from "../../model/names";
import type { Fleet } from "../../model/types";
import { UserError } from "../errors";
import type { Stack } from "../terraform/stack";
import type { ServerOfRegion } from "./gate";
import { type ServerResources, serverResources } from "./resources";

/** A server, and where it is made. */
export interface ServerTarget extends ServerOfRegion {
  readonly site: string;
  /** The machine is the user's: Terraform makes none. */
  readonly isOnPrem: boolean;
  /** The stack of its site. */
  readonly stack: Stack;
  readonly resources: ServerResources;
}

/**
 * Finds a server of a fleet by its name.
 *
 * @throws UserError that lists the servers there are; and where it is retired.
 */
export function serverTarget(fleet: Fleet, stacks: readonly Stack[], server: string): ServerTarget {
  const byRegion = Object.keys(fleet.regions).map((region) => [region, activeServerNames(fleet, region)] as const);
  const [region, servers] = byRegion.find(([, names]) => names.includes(server)) ?? [];
  if (region === undefined || servers === undefined)
    throw new UserError(`fleet ${fleet.name} has no server ${server} in service`, [
      `use one of: ${byRegion.flatMap(([, names]) => names).join(", ")}`,
    ]);
  const { site } = regionOf(fleet, region);
  const isOnPrem = siteOf(fleet, site).platform === "onprem";
  const stack = stacks.find(({ name }) => name === stackNames.site(fleet.name, site));
  const resources = stack === undefined ? undefined : serverResources(stack, server, isOnPrem);
  if (stack === undefined || resources === undefined)
    throw new UserError(`server ${server} has no machine: its region or site is retired`);
  return { server, region, servers, site, isOnPrem, stack, resources };
}
