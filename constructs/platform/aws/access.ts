import { Lb } from "@cdktf/provider-aws/lib/lb";
import { LbListener } from "@cdktf/provider-aws/lib/lb-listener";
import { LbTargetGroup } from "@cdktf/provider-aws/lib/lb-target-group";
import { LbTargetGroupAttachment } from "@cdktf/provider-aws/lib/lb-target-group-attachment";
import { TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import { ACCESS_HEALTH_PORT, DEFAULT_ACCESS_PORT, externalAccessOf } from "../../../model/access";
import type { ExternalAccess } from "../../../model/access-types";
import { awsLoadBalancerName } from "../../../model/aws-names";
import { regionOf } from "../../../model/names";
import type { Fleet } from "../../../model/types";
import { AssumptionError } from "../../core/problems";
import { ACCESS_PORT } from "../../machine/access-ports";
import { AccessFirewall } from "./access-firewall";
import { accessRecords } from "./access-records";
import type { AwsNetwork } from "./network";
import type { AwsServers } from "./servers";
import { type Tags, tagsFor } from "./tags";

/** Time that a server gets to answer the load balancer, seconds; it answers after 4 at the latest. */
const HEALTH_TIMEOUT_SECONDS = 6;

export interface AwsExternalAccessProps {
  readonly fleet: Fleet;
  /** A region whose home site is on AWS. */
  readonly region: string;
  readonly network: AwsNetwork;
  readonly servers: AwsServers;
}

/**
 * Nomad's API of a region for callers outside the tailnet: a Network Load Balancer in front of its servers, for the fleet's
 * allowed ranges alone, and its DNS records. Nothing where the fleet gives the region no external access; of one that is retired
 * the bare load balancer, which may then be destroyed.
 *
 * It passes TCP on and sees no plain text: TLS and the client certificates that Nomad requires are between caller and Nomad.
 * Servers see the load balancer's address instead of the caller's, so that no answer takes a route of the tailnet.
 */
export class AwsExternalAccess extends Construct {
  private readonly name: string;
  private readonly tags: Tags;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AwsExternalAccessProps,
  ) {
    super(scope, id);
    const { fleet, region, network } = props;
    const { externalAccess, site } = regionOf(fleet, region);
    this.name = awsLoadBalancerName(fleet.name, region);
    this.tags = tagsFor(fleet, site, this.name, { region });
    if (externalAccess === undefined) return;
    const firewall = new AccessFirewall(this, "Firewall", { vpcId: network.vpcId, name: this.name, tags: this.tags });
    const balancer = this.balancer(externalAccess, firewall);
    const access = externalAccessOf(fleet, region);
    if (access !== undefined) this.open(access, balancer, firewall);
  }

  private open(access: ExternalAccess, balancer: Lb, firewall: AccessFirewall): void {
    const { fleet, region, servers } = this.props;
    const { allowedCidrs, port = DEFAULT_ACCESS_PORT } = access;
    servers.addSecurityGroup(firewall.open({ allowedCidrs, port }));
    new LbListener(this, "Listener", {
      loadBalancerArn: balancer.arn,
      protocol: "TCP",
      port,
      defaultAction: [{ type: "forward", targetGroupArn: this.targets().arn }],
      tags: this.tags,
      dependsOn: firewall.rules,
    });
    accessRecords(this, { fleet, region, access, balancer });
    new TerraformOutput(this, "Address", {
      value: balancer.dnsName,
      description: `Load balancer in front of region ${region}`,
    }).overrideLogicalId(`external-access-${region}`);
  }

  private balancer({ subnetIds }: ExternalAccess, firewall: AccessFirewall): Lb {
    const { fleet, region, network } = this.props;
    const subnets = subnetIds === undefined ? network.publicSubnetIds : [...subnetIds];
    if (subnets.length === 0) throw new AssumptionError(`region ${region} has no public subnet`);
    const inService = externalAccessOf(fleet, region) !== undefined;
    return new Lb(this, "Resource", {
      name: this.name,
      loadBalancerType: "network",
      internal: false,
      ipAddressType: "ipv4",
      subnets,
      securityGroups: [firewall.balancerGroupId],
      enableCrossZoneLoadBalancing: true,
      enableDeletionProtection: inService && !("disposable" in regionOf(fleet, region).servers),
      tags: this.tags,
      // There must be a way to the internet first, and it must go last.
      dependsOn: [...network.ready],
    });
  }

  private targets(): LbTargetGroup {
    const { network, servers } = this.props;
    const group = new LbTargetGroup(this, "Targets", {
      name: this.name,
      vpcId: network.vpcId,
      targetType: "instance",
      protocol: "TCP",
      port: ACCESS_PORT,
      preserveClientIp: "false",
      // A caller that waits for a change asks again, of another server.
      deregistrationDelay: "30",
      connectionTermination: true,
      healthCheck: {
        protocol: "HTTP",
        path: "/v1/agent/health",
        port: String(ACCESS_HEALTH_PORT),
        matcher: "200",
        interval: 10,
        timeout: HEALTH_TIMEOUT_SECONDS,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
      },
      tags: this.tags,
    });
    for (const { name, instance } of servers.machines)
      new LbTargetGroupAttachment(this, `Target-${name}`, { targetGroupArn: group.arn, targetId: instance.id });
    return group;
  }
}
