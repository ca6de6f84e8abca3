import type { Caller, LanHost } from "./tailnet-types";
import type { Fleet } from "./types";

/** A LAN host by where the fleet names it. */
export interface NamedLanHost {
  readonly site: string;
  readonly name: string;
  readonly host: LanHost;
}

/** LAN hosts of other sites that machines call: those to which they need a route through the tailnet. */
export function lanHostsCalledFrom(fleet: Fleet, home: string, caller: Caller): readonly NamedLanHost[] {
  return Object.entries(fleet.sites)
    .filter(([site]) => site !== home)
    .flatMap(([site, found]) =>
      Object.entries(found.platform === "onprem" ? (found.lanHosts ?? {}) : {})
        .filter(([, { services }]) => Object.values(services).some(({ callers }) => callers.includes(caller)))
        .map(([name, host]) => ({ site, name, host })),
    );
}
