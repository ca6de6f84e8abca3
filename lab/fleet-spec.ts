import { identitiesOf, tagsOf } from "../model/identities";
import type { Fleet } from "../model/types";
import { controlUrl } from "./control";
import { LabError } from "./errors";
import type { LabMachine, LabSpec } from "./spec";

/** Hosts that are machines of their own, by name. */
export type LabMachineHosts = Readonly<Record<string, LabMachine>>;

/**
 * What the lab needs to know of a fleet.
 *
 * @param machines - a fleet does not say what its hosts are in the lab: all others are containers.
 * @throws LabError for a fleet that no lab can carry: with cloud sites, several networks in a site, or another control
 * server; and for a machine that is no host of the fleet.
 */
export function labSpecOf(fleet: Fleet, machines: LabMachineHosts = {}): LabSpec {
  const sites = Object.entries(fleet.sites).map(([name, site]) => {
    const [cidr, ...more] = site.networks;
    if (site.platform !== "onprem" || cidr === undefined || more.length > 0)
      throw new LabError(`fleet ${fleet.name} cannot run in the lab: site ${name} is not one on-prem network`, [
        "choose a fleet of on-prem sites with one network each, like lab",
      ]);
    return { name, cidr, hosts: site.hosts };
  });
  const names = sites.flatMap(({ hosts }) => Object.keys(hosts));
  const unknown = Object.keys(machines).filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new LabError(`fleet ${fleet.name} has no host ${unknown.join(", ")}`, [`use one of: ${names.join(", ")}`]);
  const spec: LabSpec = {
    fleet: fleet.name,
    tailnetDomain: fleet.tailnet.domain,
    sites: sites.map(({ name, cidr }) => ({ name, cidr })),
    hosts: sites.flatMap((site) =>
      Object.entries(site.hosts).map(([name, { address }]) => ({
        name,
        site: site.name,
        address,
        ...(machines[name] !== undefined && { machine: machines[name] }),
      })),
    ),
    identities: identitiesOf(fleet).map((identity) => ({
      name: identity.name,
      tags: [...tagsOf(identity)],
      ephemeral: identity.role === "client" && identity.ephemeral,
    })),
  };
  const control = controlUrl(spec);
  if (fleet.tailnet.controlServer !== control)
    throw new LabError(
      `fleet ${fleet.name} joins ${fleet.tailnet.controlServer ?? "Tailscale"}, not the lab's control server`,
      [`set tailnet.controlServer to "${control}" in a copy of the fleet`],
    );
  return spec;
}
