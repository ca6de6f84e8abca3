import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import { Construct } from "constructs";
import { type AwsSiteProps, awsSiteOf } from "./site";
import { tagsFor } from "./tags";

export interface EndpointsProps extends AwsSiteProps {
  readonly vpcId: string;
  /** One subnet per zone. */
  readonly subnetIds: string[];
  /** Route tables of the machines' subnets. */
  readonly routeTableIds: string[];
  /** Security group of the machines, which alone reach the endpoints. */
  readonly machineGroupId: string;
}

/** Secrets Manager and S3 inside the VPC: secrets and backups do not cross the internet. */
export class Endpoints extends Construct {
  constructor(scope: Construct, id: string, props: EndpointsProps) {
    super(scope, id);
    const { fleet, site, vpcId, subnetIds, routeTableIds, machineGroupId } = props;
    const { awsRegion } = awsSiteOf(props);
    const tags = (name: string) => tagsFor(fleet, site, `${fleet.name}-${site}-${name}`);
    const group = new SecurityGroup(this, "SecurityGroup", {
      name: `${fleet.name}-${site}-endpoints`,
      description: "HTTPS from the machines",
      vpcId,
      tags: tags("endpoints"),
    });
    new VpcSecurityGroupIngressRule(this, "Https", {
      securityGroupId: group.id,
      referencedSecurityGroupId: machineGroupId,
      ipProtocol: "tcp",
      fromPort: 443,
      toPort: 443,
      tags: tags("endpoints"),
    });
    new VpcEndpoint(this, "SecretsManager", {
      vpcId,
      vpcEndpointType: "Interface",
      serviceName: `com.amazonaws.${awsRegion}.secretsmanager`,
      privateDnsEnabled: true,
      subnetIds,
      securityGroupIds: [group.id],
      tags: tags("secretsmanager"),
    });
    new VpcEndpoint(this, "S3", {
      vpcId,
      vpcEndpointType: "Gateway",
      serviceName: `com.amazonaws.${awsRegion}.s3`,
      routeTableIds,
      tags: tags("s3"),
    });
  }
}
