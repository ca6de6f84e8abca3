import type { Construct } from "constructs";
import { siteOf, stackNames } from "../model/names";
import { ValidationError } from "../constructs/core/problems";
import { AwsMachines } from "../constructs/platform/aws/machines";
import { OnPremMachines } from "../constructs/platform/onprem/site";
import { JoinIdentities } from "../constructs/tailnet/join-identities";
import { FleetStack, type FleetStackProps } from "./base";

/** A site: what its machines join the tailnet with, its servers and the machines of its pools. */
export class SiteStack extends FleetStack {
  constructor(scope: Construct, site: string, props: FleetStackProps) {
    super(scope, stackNames.site(props.fleet.name, site), props);
    const { fleet } = props;
    const join = new JoinIdentities(this, "Join", { fleet, site });
    const { platform } = siteOf(fleet, site);
    switch (platform) {
      case "onprem":
        new OnPremMachines(this, "Machines", { ...props, site });
        return;
      case "aws":
        new AwsMachines(this, "Machines", { ...props, site, join });
        return;
      case "gcp":
        throw new ValidationError(`fleet ${fleet.name}`, [
          {
            path: `sites.${site}.platform`,
            rule: "must be onprem or aws: machines of GCP sites cannot be made yet",
            got: platform,
            fix: "leave the site out for now",
          },
        ]);
    }
  }
}
