import { magicDnsName } from "../../../model/names";
import type { PublicTrust } from "../../../model/trust";
import type { Fleet, OnPremSite } from "../../../model/types";
import type { SshConnection } from "../../core/terraform-data";
import { hostKeyIn } from "../host-key";

/** SSH key that a host must show: from the fleet, else from the public trust file. */
export function hostKeyOf(site: OnPremSite, host: string, trust: PublicTrust | undefined): string {
  return site.hosts[host]?.hostKey ?? hostKeyIn(trust, host);
}

/** SSH to a machine on its site's own network. */
export function connectionTo(
  fleet: Fleet,
  siteName: string,
  host: string,
  trust: PublicTrust | undefined,
): SshConnection {
  const site = fleet.sites[siteName];
  if (site?.platform !== "onprem") throw new RangeError(`site ${siteName} is not on-prem`);
  return {
    type: "ssh",
    host: site.hosts[host]?.address ?? magicDnsName(fleet, host),
    user: site.ssh?.user ?? "root",
    port: site.ssh?.port ?? 22,
    agent: "true",
    hostKey: hostKeyOf(site, host, trust),
    timeout: "2m",
  };
}
