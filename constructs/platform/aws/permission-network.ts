import { anything, ec2, REVOKE, TAGGED, type TypePermissions, UNTAGGED } from "./permission-grants";

const RULES = ["ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress"];

const securityGroupRule: TypePermissions = {
  read: [anything("ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups")],
  write: [["EC2Made", RULES], TAGGED, ["EC2Ours", [...RULES, ...REVOKE, "ec2:ModifySecurityGroupRules"]], UNTAGGED],
};

/** What Terraform does with networks, the load balancer before servers, and names. By type of resource. */
export const NETWORK_PERMISSIONS: Readonly<Record<string, TypePermissions>> = {
  aws_default_security_group: {
    read: [anything("ec2:DescribeSecurityGroups")],
    // AWS made it, without the fleet's tag.
    write: [["EC2Parts", REVOKE], TAGGED, UNTAGGED],
  },
  aws_eip: {
    read: [anything("ec2:DescribeAddresses", "ec2:DescribeAddressesAttribute")],
    write: [
      ["EC2Made", ["ec2:AllocateAddress"]],
      TAGGED,
      ["EC2Ours", ["ec2:DisassociateAddress", "ec2:ReleaseAddress"]],
      UNTAGGED,
    ],
  },
  aws_flow_log: {
    read: [anything("ec2:DescribeFlowLogs")],
    write: [
      ["EC2Made", ["ec2:CreateFlowLogs"]],
      TAGGED,
      ["EC2InVpc", ["ec2:CreateFlowLogs"]],
      ["EC2Ours", ["ec2:DeleteFlowLogs"]],
      UNTAGGED,
      ["PassRoles", ["iam:PassRole"]],
      anything(
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
      ),
    ],
  },
  aws_internet_gateway: {
    read: [anything("ec2:DescribeInternetGateways")],
    write: ec2("InternetGateway", ["ec2:AttachInternetGateway", "ec2:DetachInternetGateway"]),
  },
  aws_lb: {
    read: [
      anything(
        "elasticloadbalancing:DescribeCapacityReservation",
        "elasticloadbalancing:DescribeLoadBalancerAttributes",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTags",
      ),
    ],
    write: [
      anything("ec2:DescribeAccountAttributes", "ec2:DescribeNetworkInterfaces"),
      ["LoadBalancersMade", ["elasticloadbalancing:AddTags", "elasticloadbalancing:CreateLoadBalancer"]],
      [
        "LoadBalancers",
        [
          "elasticloadbalancing:DeleteLoadBalancer",
          "elasticloadbalancing:ModifyLoadBalancerAttributes",
          "elasticloadbalancing:RemoveTags",
          "elasticloadbalancing:SetSecurityGroups",
          "elasticloadbalancing:SetSubnets",
        ],
      ],
      ["ServiceRoles", ["iam:CreateServiceLinkedRole"]],
    ],
  },
  aws_lb_listener: {
    read: [
      anything(
        "elasticloadbalancing:DescribeListenerAttributes",
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeTags",
      ),
    ],
    write: [
      ["LoadBalancersMade", ["elasticloadbalancing:AddTags"]],
      [
        "LoadBalancers",
        [
          "elasticloadbalancing:CreateListener",
          "elasticloadbalancing:DeleteListener",
          "elasticloadbalancing:ModifyListener",
          "elasticloadbalancing:ModifyListenerAttributes",
          "elasticloadbalancing:RemoveTags",
        ],
      ],
    ],
  },
  aws_lb_target_group: {
    read: [
      anything(
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTargetGroups",
      ),
    ],
    write: [
      ["LoadBalancersMade", ["elasticloadbalancing:AddTags", "elasticloadbalancing:CreateTargetGroup"]],
      [
        "LoadBalancers",
        [
          "elasticloadbalancing:DeleteTargetGroup",
          "elasticloadbalancing:ModifyTargetGroup",
          "elasticloadbalancing:ModifyTargetGroupAttributes",
          "elasticloadbalancing:RemoveTags",
        ],
      ],
    ],
  },
  aws_lb_target_group_attachment: {
    read: [anything("elasticloadbalancing:DescribeTargetHealth")],
    write: [["LoadBalancers", ["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"]]],
  },
  aws_nat_gateway: { read: [anything("ec2:DescribeNatGateways")], write: ec2("NatGateway", [], "EC2InSubnets") },
  aws_route: {
    read: [anything("ec2:DescribeRouteTables")],
    write: [["EC2Ours", ["ec2:CreateRoute", "ec2:DeleteRoute", "ec2:ReplaceRoute"]]],
  },
  aws_route53_record: {
    read: [["Zones", ["route53:GetHostedZone", "route53:ListResourceRecordSets"]]],
    write: [
      ["Zones", ["route53:ChangeResourceRecordSets"]],
      ["ZoneChanges", ["route53:GetChange"]],
    ],
  },
  aws_route_table: { read: [anything("ec2:DescribeRouteTables")], write: ec2("RouteTable", [], "EC2InVpc") },
  aws_route_table_association: {
    read: [anything("ec2:DescribeRouteTables")],
    write: [["EC2Ours", ["ec2:AssociateRouteTable", "ec2:DisassociateRouteTable", "ec2:ReplaceRouteTableAssociation"]]],
  },
  aws_security_group: {
    read: [anything("ec2:DescribeNetworkInterfaces", "ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups")],
    // A new group allows everything outward until Terraform has taken that away.
    write: [...ec2("SecurityGroup", [], "EC2InVpc"), ["EC2Ours", REVOKE]],
  },
  aws_subnet: {
    read: [anything("ec2:DescribeSubnets")],
    write: [
      ...ec2("Subnet", ["ec2:ModifySubnetAttribute"], "EC2InVpc"),
      // Interfaces that functions of AWS leave behind keep a subnet.
      anything("ec2:DescribeNetworkInterfaces"),
    ],
  },
  aws_vpc: {
    read: [
      anything(
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeVpcs",
      ),
    ],
    write: ec2("Vpc", ["ec2:ModifyVpcAttribute"]),
  },
  aws_vpc_endpoint: {
    read: [anything("ec2:DescribePrefixLists", "ec2:DescribeVpcEndpoints")],
    write: [
      ["EC2Made", ["ec2:CreateVpcEndpoint"]],
      TAGGED,
      ["EC2InSubnets", ["ec2:CreateVpcEndpoint"]],
      ["EC2Ours", ["ec2:DeleteVpcEndpoints", "ec2:ModifyVpcEndpoint"]],
      UNTAGGED,
    ],
  },
  aws_vpc_ipv4_cidr_block_association: {
    read: [anything("ec2:DescribeVpcs")],
    write: [["EC2Ours", ["ec2:AssociateVpcCidrBlock", "ec2:DisassociateVpcCidrBlock"]]],
  },
  aws_vpc_security_group_egress_rule: securityGroupRule,
  aws_vpc_security_group_ingress_rule: securityGroupRule,
};
