import { tags } from "../../../model/names";
import type { LanHost } from "../../../model/tailnet-types";
import type { Fleet } from "../../../model/types";
import type { GrantRule } from "../language/policy-file";
import { portsOf } from "./ports";
import type { NamedRules, Reasoned } from "./reasoned";
import { callerSubjects, callerWords, listed } from "./subjects";

interface Place {
  readonly name: string;
  readonly site: string;
  readonly host: LanHost;
  readonly from: string;
}

/** LAN hosts of all sites; their names are unique in a fleet. */
function lanHosts(fleet: Fleet): readonly Place[] {
  return Object.entries(fleet.sites).flatMap(([site, place]) =>
    Object.entries((place.platform === "onprem" ? place.lanHosts : undefined) ?? {}).map(([name, host]) => ({
      name,
      site,
      host,
      from: `sites.${site}.lanHosts.${name}`,
    })),
  );
}

/** Addresses by name, so that rules say `nas`. */
export function lanHostNames(fleet: Fleet): NamedRules<string> {
  return Object.fromEntries(
    lanHosts(fleet).map(({ name, site, host, from }) => [
      name,
      { rule: host.address, reason: `on the LAN of site ${site}`, from: `${from}.address` },
    ]),
  );
}

/** Callers of what the hosts offer. */
export function lanHostGrants(fleet: Fleet): Reasoned<GrantRule>[] {
  return lanHosts(fleet).flatMap(({ name, host, from }) =>
    Object.entries(host.services).flatMap(([service, endpoint]) =>
      endpoint.callers.length === 0
        ? []
        : [
            {
              rule: { src: callerSubjects(fleet, endpoint.callers), dst: [name], ip: portsOf(endpoint) },
              reason: `${callerWords(endpoint.callers)} may use ${service} of ${name}`,
              from: `${from}.services.${service}`,
            },
          ],
    ),
  );
}

/** Routes that subnet routers may advertise: one address each. @see https://tailscale.com/kb/1337/policy-syntax#autoapprovers */
export function lanHostRoutes(fleet: Fleet): NamedRules<readonly string[]> {
  return Object.fromEntries(
    lanHosts(fleet).map(({ name, host, from }) => [
      `${host.address}/32`,
      {
        rule: host.routers.map((pool) => tags.pool(pool)),
        reason: `machines of ${listed(host.routers.map((pool) => `pool ${pool}`))} are the way to ${name}, and to no other address`,
        from: `${from}.routers`,
      },
    ]),
  );
}
