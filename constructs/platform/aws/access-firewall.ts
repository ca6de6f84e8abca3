import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcSecurityGroupEgressRule } from "@cdktf/provider-aws/lib/vpc-security-group-egress-rule";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { ACCESS_HEALTH_PORT } from "../../../model/access";
import { ACCESS_PORT } from "../../machine/access-ports";
import { idOf } from "./ids";
import type { Tags } from "./tags";

export interface AccessFirewallProps {
  readonly vpcId: string;
  /** Of the load balancer. */
  readonly name: string;
  readonly tags: Tags;
}

/**
 * Who reaches the load balancer: nobody until it is opened, then the allowed ranges at its one port. Whom it reaches: the servers,
 * the port that they forward and the one of their health. Who reaches these: the load balancer alone.
 */
export class AccessFirewall extends Construct {
  public readonly balancerGroupId: string;
  public readonly rules: ITerraformDependable[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AccessFirewallProps,
  ) {
    super(scope, id);
    this.balancerGroupId = this.group("Balancer", "callers", "Callers from outside the tailnet");
  }

  /** Lets callers in. @returns the security group that servers need for it. */
  public open({ allowedCidrs, port }: { readonly allowedCidrs: readonly string[]; readonly port: number }): string {
    const servers = this.group("Servers", "servers", "What the load balancer reaches");
    for (const cidrIpv4 of allowedCidrs)
      this.rules.push(
        new VpcSecurityGroupIngressRule(this, `From-${idOf(cidrIpv4)}`, {
          ...this.tcp(port),
          securityGroupId: this.balancerGroupId,
          cidrIpv4,
        }),
      );
    this.between("Api", ACCESS_PORT, servers);
    this.between("Health", ACCESS_HEALTH_PORT, servers);
    return servers;
  }

  /** Lets the load balancer out to the servers on a port, and in there. */
  private between(id: string, port: number, servers: string): void {
    this.rules.push(
      new VpcSecurityGroupEgressRule(this, `To${id}`, {
        ...this.tcp(port),
        securityGroupId: this.balancerGroupId,
        referencedSecurityGroupId: servers,
      }),
      new VpcSecurityGroupIngressRule(this, id, {
        ...this.tcp(port),
        securityGroupId: servers,
        referencedSecurityGroupId: this.balancerGroupId,
      }),
    );
  }

  private tcp(port: number) {
    return { ipProtocol: "tcp", fromPort: port, toPort: port, tags: this.props.tags };
  }

  private group(id: string, suffix: string, description: string): string {
    const { vpcId, name, tags } = this.props;
    return new SecurityGroup(this, id, {
      name: `${name}-${suffix}`,
      description,
      vpcId,
      tags: { ...tags, Name: `${name}-${suffix}` },
    }).id;
  }
}
