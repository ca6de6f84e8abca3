import { DEFAULT_ACCESS_PORT, externalAccessOf, globalPartOf } from "../model/access";
import { authoritativeRegion } from "../model/names";
import type { Fleet } from "../model/types";
import { UserError } from "./errors";

/** How to call Nomad from outside the tailnet. */
export interface ExternalAddress {
  /** Shape: `https://nomad.example.com:4646`. */
  readonly address: string;
  /** Name that the certificate of whoever answers carries. */
  readonly serverName: string;
}

/**
 * Where callers outside the tailnet find Nomad.
 *
 * @param regionName - a region; left out, the fleet's global name, or the authoritative region where it has none.
 * @throws UserError where nobody is reached that way.
 */
export function externalAddress(fleet: Fleet, regionName: string | undefined): ExternalAddress {
  if (regionName === undefined && fleet.globalAccess !== undefined) {
    const { domain } = fleet.globalAccess;
    // All of its regions have one port; which of them answers is not known beforehand.
    const part = accessible(fleet).find(({ region }) => globalPartOf(fleet, region) !== undefined);
    return { address: urlOf(domain, part?.port), serverName: domain };
  }
  const name = regionName ?? authoritativeRegion(fleet);
  const access = externalAccessOf(fleet, name);
  const named = accessible(fleet).flatMap(({ region, domain }) => (domain === undefined ? [] : [region]));
  const hints = named.length === 0 ? [] : [`give --region: ${named.join(", ")} can be reached`];
  if (access === undefined)
    throw new UserError(`region ${name} cannot be reached from outside the tailnet`, [
      `give it externalAccess in the fleet`,
      ...hints,
    ]);
  if (access.domain === undefined)
    throw new UserError(`region ${name} has no name of its own outside the tailnet`, [
      `give it externalAccess.domain in the fleet`,
      ...hints,
    ]);
  return { address: urlOf(access.domain, access.port), serverName: `server.${name}.nomad` };
}

function accessible(fleet: Fleet) {
  return Object.keys(fleet.regions).flatMap((region) => {
    const access = externalAccessOf(fleet, region);
    return access === undefined ? [] : [{ region, ...access }];
  });
}

function urlOf(domain: string, port = DEFAULT_ACCESS_PORT): string {
  return `https://${domain}:${port}`;
}
