import { Eip } from "@cdktf/provider-aws/lib/eip";
import { InternetGateway } from "@cdktf/provider-aws/lib/internet-gateway";
import { NatGateway } from "@cdktf/provider-aws/lib/nat-gateway";
import { Route } from "@cdktf/provider-aws/lib/route";
import { RouteTable } from "@cdktf/provider-aws/lib/route-table";
import { RouteTableAssociation } from "@cdktf/provider-aws/lib/route-table-association";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { AwsSiteProps } from "./site";
import { type Tags, tagsFor } from "./tags";

const ANYWHERE = "0.0.0.0/0";

/** Subnets of one zone. */
export interface ZoneSubnets {
  readonly name: string;
  /** Where the zone's machines are. */
  readonly subnetId: string;
  /** Where the zone's NAT gateway is. @default - machines reach the internet gateway themselves */
  readonly natSubnetId?: string;
}

export interface RoutesProps extends AwsSiteProps {
  readonly vpcId: string;
  readonly zones: readonly ZoneSubnets[];
}

/** Ways out of a VPC: the internet gateway, or a NAT gateway in each zone, so that a zone does not fall with another. */
export class Routes extends Construct {
  /** Route tables of the machines' subnets. */
  public readonly machineTableIds: string[];
  public readonly ready: readonly ITerraformDependable[];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RoutesProps,
  ) {
    super(scope, id);
    const { vpcId, zones } = props;
    const gateway = new InternetGateway(this, "Gateway", { vpcId, tags: this.tags("gateway") });
    const open = this.table(this, "Public", "public");
    const toInternet = new Route(this, "PublicDefault", {
      routeTableId: open.id,
      destinationCidrBlock: ANYWHERE,
      gatewayId: gateway.id,
    });
    const machineTables = new Set<RouteTable>();
    const ready: ITerraformDependable[] = [toInternet];
    for (const { name, subnetId, natSubnetId } of zones) {
      const zone = new Construct(this, name);
      const nat = natSubnetId === undefined ? undefined : this.nat(zone, natSubnetId, open, toInternet);
      const table = nat?.table ?? open;
      machineTables.add(table);
      ready.push(...(nat === undefined ? [] : [nat.route]), this.associate(zone, "Machines", subnetId, table));
    }
    this.machineTableIds = [...machineTables].map((table) => table.id);
    this.ready = ready;
  }

  private nat(zone: Construct, natSubnetId: string, open: RouteTable, toInternet: Route) {
    const name = zone.node.id;
    const association = this.associate(zone, "NatSubnet", natSubnetId, open);
    const address = new Eip(zone, "NatAddress", { domain: "vpc", tags: this.tags(`${name}-nat`) });
    const gateway = new NatGateway(zone, "Nat", {
      allocationId: address.allocationId,
      subnetId: natSubnetId,
      tags: this.tags(`${name}-nat`),
      dependsOn: [toInternet, association],
    });
    const table = this.table(zone, "Private", name);
    const route = new Route(zone, "PrivateDefault", {
      routeTableId: table.id,
      destinationCidrBlock: ANYWHERE,
      natGatewayId: gateway.id,
    });
    return { table, route };
  }

  private table(scope: Construct, id: string, name: string): RouteTable {
    return new RouteTable(scope, id, { vpcId: this.props.vpcId, tags: this.tags(name) });
  }

  private associate(zone: Construct, id: string, subnetId: string, table: RouteTable): RouteTableAssociation {
    return new RouteTableAssociation(zone, id, { subnetId, routeTableId: table.id });
  }

  private tags(name: string): Tags {
    const { fleet, site } = this.props;
    return tagsFor(fleet, site, `${fleet.name}-${site}-${name}`);
  }
}
