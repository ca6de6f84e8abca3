import { anything, ec2, TAGGED, type TypePermissions, UNTAGGED } from "./permission-grants";

/** What Terraform does with machines, what they are made from and who they are. By type of resource. */
export const MACHINE_PERMISSIONS: Readonly<Record<string, TypePermissions>> = {
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
  aws_launch_template: {
    read: [anything("ec2:DescribeLaunchTemplateVersions", "ec2:DescribeLaunchTemplates")],
    write: ec2("LaunchTemplate", ["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"]),
  },
  aws_volume_attachment: {
    read: [anything("ec2:DescribeInstances", "ec2:DescribeVolumes")],
    write: [["EC2Ours", ["ec2:AttachVolume", "ec2:DetachVolume", "ec2:StartInstances", "ec2:StopInstances"]]],
  },
};
