import type { Construct } from "constructs";
import { siteOf, stackNames } from "../model/names";
import { ValidationError } from "../constructs/core/problems";
import { OnPremMachines } from "../constructs/platform/onprem/site";
import { JoinIdentities } from "../constructs/tailnet/join-identities";
import { FleetStack, type FleetStackProps } from "./base";

/** A site: what its machines join the tailnet with, its servers and the machines of its pools. */
export class SiteStack extends FleetStack {
  constructor(scope: Construct, site: string, props: FleetStackProps) {
    super(scope, stackNames.site(props.fleet.name, site), props);
    new JoinIdentities(this, "Join", { fleet: props.fleet, site });
    const { platform } = siteOf(props.fleet, site);
    if (platform !== "onprem")
      throw new ValidationError(`fleet ${props.fleet.name}`, [
        {
          path: `sites.${site}.platform`,
          rule: "must be onprem: machines of AWS and GCP sites cannot be made yet",
          got: platform,
          fix: "leave the site out for now",
        },
      ]);
    new OnPremMachines(this, "Machines", { ...props, site });
  }
}
