import type { Scope } from "./permission-scopes";

/** Actions on things of a scope. */
type Grant = readonly [scope: Scope, actions: readonly string[]];

/** What Terraform does with a type of resource. */
interface TypePermissions {
  /** To see what is there. */
  readonly read: readonly Grant[];
  /** To make, change and remove it. @default - nothing */
  readonly write?: readonly Grant[];
}

const anything = (...actions: readonly string[]): Grant => ["Anything", actions];
const RULES = ["ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress"];
const REVOKE = ["ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"];
const TAGGED: Grant = ["EC2Made", ["ec2:CreateTags"]];
const UNTAGGED: Grant = ["EC2Ours", ["ec2:DeleteTags"]];

/**
 * What makes a thing of EC2 that has the fleet's tag from the start, and removes it again.
 *
 * @param change - what changes it.
 * @param place - what it is made in. @default - nothing
 */
function ec2(name: string, change: readonly string[] = [], place?: Scope): readonly Grant[] {
  const create = [`ec2:Create${name}`];
  return [
    ["EC2Made", create],
    TAGGED,
    ...(place === undefined ? [] : [[place, create] as const]),
    ["EC2Ours", [`ec2:Delete${name}`, ...change]],
    UNTAGGED,
  ];
}

/** What sees and changes one part of a bucket's configuration. */
function bucketPart(name: string, read = `s3:Get${name}`, write = `s3:Put${name}`): TypePermissions {
  return { read: [["Buckets", [read, "s3:ListBucket"]]], write: [["Buckets", [write]]] };
}

const securityGroupRule: TypePermissions = {
  read: [anything("ec2:DescribeSecurityGroupRules", "ec2:DescribeSecurityGroups")],
  write: [["EC2Made", RULES], TAGGED, ["EC2Ours", [...RULES, ...REVOKE, "ec2:ModifySecurityGroupRules"]], UNTAGGED],
};

/** By type of resource, every one that Steppe makes on AWS: a test holds that none is missing. */
export const PERMISSIONS: Readonly<Record<string, TypePermissions>> = {
  aws_autoscaling_group: {
    read: [anything("autoscaling:DescribeAutoScalingGroups", "ec2:DescribeLaunchTemplateVersions")],
    write: [
      anything(
        "autoscaling:DescribeInstanceRefreshes",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeWarmPool",
      ),
      [
        "Groups",
        [
          "autoscaling:CancelInstanceRefresh",
          "autoscaling:CreateAutoScalingGroup",
          "autoscaling:CreateOrUpdateTags",
          "autoscaling:DeleteAutoScalingGroup",
          "autoscaling:DeleteTags",
          "autoscaling:SetInstanceProtection",
          "autoscaling:StartInstanceRefresh",
          "autoscaling:UpdateAutoScalingGroup",
        ],
      ],
      // AWS asks whether the maker of a group may start what its template says.
      ["EC2Made", ["ec2:RunInstances", "ec2:CreateTags"]],
      ["EC2Launch", ["ec2:RunInstances"]],
      ["PassRoles", ["iam:PassRole"]],
      ["ServiceRoles", ["iam:CreateServiceLinkedRole"]],
    ],
  },
  aws_autoscaling_lifecycle_hook: {
    read: [anything("autoscaling:DescribeLifecycleHooks")],
    write: [["Groups", ["autoscaling:DeleteLifecycleHook", "autoscaling:PutLifecycleHook"]]],
  },
  aws_cloudwatch_log_group: {
    read: [anything("logs:DescribeLogGroups"), ["Logs", ["logs:ListTagsForResource"]]],
    write: [
      [
        "Logs",
        [
          "logs:CreateLogGroup",
          "logs:DeleteLogGroup",
          "logs:DeleteRetentionPolicy",
          "logs:PutRetentionPolicy",
          "logs:TagResource",
          "logs:UntagResource",
        ],
      ],
    ],
  },
  aws_default_security_group: {
    read: [anything("ec2:DescribeSecurityGroups")],
    // AWS made it, without the fleet's tag.
    write: [["EC2Parts", REVOKE], TAGGED, UNTAGGED],
  },
  aws_ebs_volume: {
    read: [anything("ec2:DescribeVolumes")],
    write: [
      ...ec2("Volume", ["ec2:ModifyVolume", "ec2:CreateSnapshot"]),
      anything("ec2:DescribeSnapshots", "ec2:DescribeVolumesModifications"),
      // The snapshot that a volume leaves.
      ["EC2Made", ["ec2:CreateSnapshot"]],
    ],
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
  aws_iam_instance_profile: {
    read: [["Profiles", ["iam:GetInstanceProfile"]]],
    write: [
      [
        "Profiles",
        [
          "iam:AddRoleToInstanceProfile",
          "iam:CreateInstanceProfile",
          "iam:DeleteInstanceProfile",
          "iam:RemoveRoleFromInstanceProfile",
          "iam:TagInstanceProfile",
          "iam:UntagInstanceProfile",
        ],
      ],
      ["PassRoles", ["iam:PassRole"]],
    ],
  },
  aws_iam_role: {
    read: [["Roles", ["iam:GetRole", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"]]],
    write: [
      [
        "Roles",
        [
          "iam:CreateRole",
          "iam:DeleteRole",
          "iam:ListInstanceProfilesForRole",
          "iam:TagRole",
          "iam:UntagRole",
          "iam:UpdateAssumeRolePolicy",
          "iam:UpdateRole",
          "iam:UpdateRoleDescription",
        ],
      ],
    ],
  },
  aws_iam_role_policy: {
    read: [["Roles", ["iam:GetRolePolicy"]]],
    write: [["Roles", ["iam:DeleteRolePolicy", "iam:PutRolePolicy"]]],
  },
  aws_instance: {
    read: [
      anything(
        "ec2:DescribeInstanceAttribute",
        "ec2:DescribeInstanceCreditSpecifications",
        "ec2:DescribeInstanceTypes",
        "ec2:DescribeInstances",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeTags",
        "ec2:DescribeVolumes",
      ),
    ],
    write: [
      anything("ec2:DescribeIamInstanceProfileAssociations", "ec2:DescribeImages"),
      ["EC2Made", ["ec2:RunInstances"]],
      ["EC2Launch", ["ec2:RunInstances"]],
      TAGGED,
      [
        "EC2Ours",
        [
          "ec2:AssociateIamInstanceProfile",
          "ec2:DisassociateIamInstanceProfile",
          "ec2:ModifyInstanceAttribute",
          "ec2:ModifyInstanceMaintenanceOptions",
          "ec2:ModifyInstanceMetadataOptions",
          "ec2:ModifyNetworkInterfaceAttribute",
          "ec2:ModifyVolume",
          "ec2:ReplaceIamInstanceProfileAssociation",
          "ec2:StartInstances",
          "ec2:StopInstances",
          "ec2:TerminateInstances",
        ],
      ],
      UNTAGGED,
      ["PassRoles", ["iam:PassRole"]],
    ],
  },
  aws_internet_gateway: {
    read: [anything("ec2:DescribeInternetGateways")],
    write: ec2("InternetGateway", ["ec2:AttachInternetGateway", "ec2:DetachInternetGateway"]),
  },
  aws_launch_template: {
    read: [anything("ec2:DescribeLaunchTemplateVersions", "ec2:DescribeLaunchTemplates")],
    write: ec2("LaunchTemplate", ["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"]),
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
    write: [["Zones", ["route53:ChangeResourceRecordSets", "route53:GetChange"]]],
  },
  aws_route_table: { read: [anything("ec2:DescribeRouteTables")], write: ec2("RouteTable", [], "EC2InVpc") },
  aws_route_table_association: {
    read: [anything("ec2:DescribeRouteTables")],
    write: [["EC2Ours", ["ec2:AssociateRouteTable", "ec2:DisassociateRouteTable", "ec2:ReplaceRouteTableAssociation"]]],
  },
  aws_s3_bucket: {
    read: [
      [
        "Buckets",
        [
          "s3:GetAccelerateConfiguration",
          "s3:GetBucketAcl",
          "s3:GetBucketCORS",
          "s3:GetBucketLogging",
          "s3:GetBucketObjectLockConfiguration",
          "s3:GetBucketPolicy",
          "s3:GetBucketRequestPayment",
          "s3:GetBucketTagging",
          "s3:GetBucketVersioning",
          "s3:GetBucketWebsite",
          "s3:GetEncryptionConfiguration",
          "s3:GetLifecycleConfiguration",
          "s3:GetReplicationConfiguration",
          "s3:ListBucket",
          "s3:ListTagsForResource",
        ],
      ],
    ],
    write: [
      ["Buckets", ["s3:CreateBucket", "s3:DeleteBucket", "s3:PutBucketTagging", "s3:TagResource", "s3:UntagResource"]],
    ],
  },
  aws_s3_bucket_lifecycle_configuration: bucketPart("LifecycleConfiguration"),
  aws_s3_bucket_ownership_controls: bucketPart("BucketOwnershipControls"),
  aws_s3_bucket_policy: {
    read: [["Buckets", ["s3:GetBucketPolicy"]]],
    write: [["Buckets", ["s3:DeleteBucketPolicy", "s3:PutBucketPolicy"]]],
  },
  aws_s3_bucket_public_access_block: bucketPart("BucketPublicAccessBlock"),
  aws_s3_bucket_server_side_encryption_configuration: bucketPart("EncryptionConfiguration"),
  aws_s3_bucket_versioning: bucketPart("BucketVersioning"),
  aws_secretsmanager_secret: {
    read: [["Secrets", ["secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy"]]],
    write: [
      [
        "Secrets",
        [
          "secretsmanager:CreateSecret",
          "secretsmanager:DeleteSecret",
          "secretsmanager:TagResource",
          "secretsmanager:UntagResource",
          "secretsmanager:UpdateSecret",
        ],
      ],
    ],
  },
  aws_secretsmanager_secret_version: {
    read: [["Secrets", ["secretsmanager:DescribeSecret"]]],
    // The provider reads a value to see whether it is there. Whoever plans must not: such a plan does without (-refresh=false).
    write: [
      [
        "Secrets",
        [
          "secretsmanager:GetSecretValue",
          "secretsmanager:ListSecretVersionIds",
          "secretsmanager:PutSecretValue",
          "secretsmanager:UpdateSecretVersionStage",
        ],
      ],
    ],
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
  aws_volume_attachment: {
    read: [anything("ec2:DescribeInstances", "ec2:DescribeVolumes")],
    write: [["EC2Ours", ["ec2:AttachVolume", "ec2:DetachVolume", "ec2:StartInstances", "ec2:StopInstances"]]],
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
