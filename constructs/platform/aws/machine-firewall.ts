import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { AwsSiteProps } from "./site";
import { tagsFor } from "./tags";

/** Port on which tailscaled finds its peers. @see https://tailscale.com/kb/1082/firewall-ports */
const TAILNET_UDP_PORT = 41641;

export interface MachineFirewallProps extends AwsSiteProps {
  readonly vpcId: string;
}

/**
 * Who reaches a machine past the tailnet: everybody its 41641/udp, where tailscaled takes nothing from whom it does not know,
 * and nobody anything else. SSH and Nomad come through the tailnet.
 */
export class MachineFirewall extends Construct {
  public readonly securityGroupId: string;
  public readonly rules: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, { fleet, site, vpcId }: MachineFirewallProps) {
    super(scope, id);
    const name = `${fleet.name}-${site}-machines`;
    const tags = tagsFor(fleet, site, name);
    const group = new SecurityGroup(this, "Resource", {
      name,
      description: "Tailnet only",
      vpcId,
      tags,
    });
    this.securityGroupId = group.id;
    this.rules = [
      new VpcSecurityGroupIngressRule(this, "Tailnet", {
        securityGroupId: group.id,
        description: "Tailnet peers, directly instead of through relays",
        ipProtocol: "udp",
        fromPort: TAILNET_UDP_PORT,
        toPort: TAILNET_UDP_PORT,
        cidrIpv4: "0.0.0.0/0",
        tags,
      }),
      new VpcSecurityGroupEgressRule(this, "Out", {
        securityGroupId: group.id,
        description: "Packages, images, the tailnet",
        ipProtocol: "-1",
        cidrIpv4: "0.0.0.0/0",
        tags,
      }),
    ];
  }
}
