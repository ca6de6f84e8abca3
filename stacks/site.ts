import { Lazy } from "cdktf";
import type { Construct } from "constructs";
import type { MachineIdentity } from "../model/identities";
import { siteOf, stackNames } from "../model/names";
import { gcpPoolStartup, gcpServerStartup } from "../constructs/machine/gcp-startup";
import { AwsMachines } from "../constructs/platform/aws/machines";
import { GcpMachines } from "../constructs/platform/gcp/machines";
import { OnPremMachines } from "../constructs/platform/onprem/site";
import { JoinIdentities } from "../constructs/tailnet/join-identities";
import { FleetStack, type FleetStackProps } from "./base";

/** A site: what its machines join the tailnet with, its servers and the machines of its pools. */
export class SiteStack extends FleetStack {
  constructor(scope: Construct, site: string, props: FleetStackProps) {
    super(scope, stackNames.site(props.fleet.name, site), props);
    switch (siteOf(props.fleet, site).platform) {
      case "onprem":
        this.join(site);
        new OnPremMachines(this, "Machines", { ...props, site });
        return;
      case "aws":
        new AwsMachines(this, "Machines", { ...props, site, join: this.join(site) });
        return;
      case "gcp": {
        // The machines are made after what they join with, and Google makes up who they are.
        const subjectOf = (identity: MachineIdentity) =>
          Lazy.stringValue({ produce: () => machines.accountOf(identity).uniqueId });
        const machines: GcpMachines = new GcpMachines(this, "Machines", {
          ...props,
          site,
          join: this.join(site, subjectOf),
          startup: { server: gcpServerStartup, pool: gcpPoolStartup },
        });
      }
    }
  }

  private join(site: string, subjectOf?: (identity: MachineIdentity) => string): JoinIdentities {
    const { fleet } = this.props;
    return new JoinIdentities(this, "Join", { fleet, site, ...(subjectOf === undefined ? {} : { subjectOf }) });
  }
}
