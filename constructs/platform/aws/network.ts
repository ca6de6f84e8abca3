import { Subnet } from "@cdktf/provider-aws/lib/subnet";
import { Vpc } from "@cdktf/provider-aws/lib/vpc";
import { VpcIpv4CidrBlockAssociation } from "@cdktf/provider-aws/lib/vpc-ipv4-cidr-block-association";
import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { AwsSite } from "../../../model/aws-types";
import { AssumptionError } from "../../core/problems";
import { Endpoints } from "./endpoints";
import { FlowLogs } from "./flow-logs";
import { idOf } from "./ids";
import { MachineFirewall } from "./machine-firewall";
import { Routes } from "./routes";
import { type AwsSiteProps, awsSiteOf, zonesOf } from "./site";
import { tagsFor } from "./tags";

/**
 * The network of an AWS site: a VPC with one subnet per zone and a way to the internet, or an existing one by id. Nothing is
 * asked of AWS at plan time.
 *
 * Machines with public addresses are open for the tailnet's 41641/udp alone. An existing VPC keeps its routes and its default
 * security group.
 */
export class AwsNetwork extends Construct {
  /** Security groups of a machine. */
  public readonly securityGroupIds: string[];
  public readonly vpcId: string;
  /** Subnets that the internet reaches, one per zone. None where machines of an existing VPC have private ones. */
  public readonly publicSubnetIds: string[];
  /** Machines ask for a public IPv4 address. */
  public readonly hasPublicAddresses: boolean;
  /** What must be there before a machine boots, so that it finds the internet. */
  public readonly ready: ITerraformDependable[];
  private readonly subnets = new Map<string, string>();
  private readonly site: AwsSite;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AwsSiteProps,
  ) {
    super(scope, id);
    this.site = awsSiteOf(props);
    const { vpcId, flowLogs, egress } = this.site;
    this.hasPublicAddresses = egress === undefined || egress.kind === "public-address";
    const made = vpcId === undefined ? this.makeVpc() : this.existingVpc(vpcId);
    const firewall = new MachineFirewall(this, "Machines", { ...props, vpcId: made.vpcId });
    this.securityGroupIds = [firewall.securityGroupId];
    this.vpcId = made.vpcId;
    this.publicSubnetIds = made.publicSubnetIds;
    this.ready = [...made.ready, ...firewall.rules];
    if (made.routes !== undefined && this.site.vpcEndpoints === true)
      new Endpoints(this, "Endpoints", {
        ...props,
        vpcId: made.vpcId,
        subnetIds: [...this.subnets.values()],
        routeTableIds: made.routes.machineTableIds,
        machineGroupId: firewall.securityGroupId,
      });
    if (flowLogs !== undefined)
      new FlowLogs(this, "FlowLogs", { ...props, vpcId: made.vpcId, retentionDays: flowLogs.retentionDays });
  }

  /** Subnet of a zone. @throws AssumptionError for a zone that the site does not have. */
  public subnetId(zone: string): string {
    const found = this.subnets.get(zone) ?? this.site.zones[zone]?.subnetId;
    if (found === undefined) throw new AssumptionError(`site ${this.props.site} has no zone ${zone}`);
    return found;
  }

  private existingVpc(vpcId: string): MadeVpc {
    const subnetIds = zonesOf(this.site).map((zone) => this.subnetId(zone));
    return { vpcId, publicSubnetIds: this.hasPublicAddresses ? subnetIds : [], ready: [] };
  }

  private makeVpc(): MadeVpc {
    const { fleet, site } = this.props;
    const [primary, ...others] = this.site.networks;
    const vpc = new Vpc(this, "Vpc", {
      cidrBlock: primary,
      enableDnsSupport: true,
      enableDnsHostnames: true,
      tags: tagsFor(fleet, site, `${fleet.name}-${site}`),
    });
    // Nothing uses it; closed it stays of no use to whoever forgets to name a group.
    new DefaultSecurityGroup(this, "DefaultSecurityGroup", {
      vpcId: vpc.id,
      tags: tagsFor(fleet, site, `${fleet.name}-${site}-closed`),
    });
    const ranges = others.map(
      (cidrBlock) => new VpcIpv4CidrBlockAssociation(this, `Range-${idOf(cidrBlock)}`, { vpcId: vpc.id, cidrBlock }),
    );
    const zones = Object.entries(this.site.zones).map(([name, { cidr, natCidr }]) => {
      const zone = new Construct(this, name);
      const subnet = (kind: "Machines" | "Nat", cidrBlock: string) =>
        new Subnet(zone, kind, {
          vpcId: vpc.id,
          availabilityZone: name,
          cidrBlock,
          tags: tagsFor(fleet, site, `${fleet.name}-${name}-${kind.toLowerCase()}`),
          ...(ranges.length === 0 ? {} : { dependsOn: ranges }),
        }).id;
      const subnetId = subnet("Machines", cidr);
      this.subnets.set(name, subnetId);
      return { name, subnetId, ...(natCidr === undefined ? {} : { natSubnetId: subnet("Nat", natCidr) }) };
    });
    const routes = new Routes(this, "Routes", { ...this.props, vpcId: vpc.id, zones });
    const publicSubnetIds = zones.map(({ subnetId, natSubnetId }) => natSubnetId ?? subnetId);
    return { vpcId: vpc.id, publicSubnetIds, routes, ready: routes.ready };
  }
}

interface MadeVpc {
  readonly vpcId: string;
  readonly publicSubnetIds: string[];
  readonly routes?: Routes;
  readonly ready: readonly ITerraformDependable[];
}
