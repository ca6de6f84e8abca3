import type { PermissionSubject } from "./permission-subject";

/** On what actions are allowed; the name is the statement's in the document. */
export type Scope = keyof ReturnType<typeof scopes>;

/**
 * Resources and conditions of each scope; one without resources is not needed. AWS asks for making a thing once for what is
 * made and once for what it is made in, and conditions of the one do not fit the other.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
export function scopes({ fleet, partition, zoneIds, bucketNames }: PermissionSubject) {
  const arn = (rest: string) => `arn:${partition}:${rest}`;
  const ec2 = (...types: string[]) => types.map((type) => arn(`ec2:*:*:${type}/*`));
  const ours = { StringEquals: { "aws:ResourceTag/steppe:fleet": fleet } };
  const made = { StringEquals: { "aws:RequestTag/steppe:fleet": fleet } };
  return {
    /** What cannot be limited: above all lists and descriptions. */
    Anything: { Resource: ["*"] },
    /** Things of EC2 as they are made: they get the fleet's tag in the same call. */
    EC2Made: { Resource: [arn("ec2:*:*:*/*")], Condition: made },
    /** Where parts of a network are made, which may be an existing VPC. */
    EC2InVpc: { Resource: ec2("vpc") },
    EC2InSubnets: { Resource: ec2("elastic-ip", "route-table", "security-group", "subnet", "vpc") },
    /** What machines are made in and from, and what comes with them. */
    EC2Launch: {
      Resource: [
        ...ec2("launch-template", "network-interface", "security-group", "subnet", "volume"),
        arn("ec2:*::image/*"),
        arn("ec2:*::snapshot/*"),
      ],
    },
    /** Things of EC2 that carry the fleet's tag. */
    EC2Ours: { Resource: [arn("ec2:*:*:*/*")], Condition: ours },
    /** The default security group, which AWS makes by itself, without tags. */
    EC2Parts: { Resource: ec2("security-group") },
    Groups: { Resource: [arn(`autoscaling:*:*:autoScalingGroup:*:autoScalingGroupName/${fleet}-*`)] },
    Roles: { Resource: [arn(`iam::*:role/${fleet}-*`)] },
    Profiles: { Resource: [arn(`iam::*:instance-profile/${fleet}-*`)] },
    PassRoles: {
      Resource: [arn(`iam::*:role/${fleet}-*`)],
      Condition: { StringEquals: { "iam:PassedToService": ["ec2.amazonaws.com", "vpc-flow-logs.amazonaws.com"] } },
    },
    /** Roles of AWS's own services, which the first group or load balancer of an account makes. */
    ServiceRoles: {
      Resource: [arn("iam::*:role/aws-service-role/*")],
      Condition: {
        StringEquals: {
          "iam:AWSServiceName": [
            "autoscaling.amazonaws.com",
            "elasticloadbalancing.amazonaws.com",
            "spot.amazonaws.com",
          ],
        },
      },
    },
    Secrets: { Resource: [arn(`secretsmanager:*:*:secret:${fleet}/*`)] },
    Logs: { Resource: [arn(`logs:*:*:log-group:/steppe/${fleet}/*`)] },
    Buckets: { Resource: [`${fleet}-*`, ...bucketNames].map((name) => arn(`s3:::${name}`)) },
    LoadBalancers: { Resource: [arn("elasticloadbalancing:*:*:*/*")], Condition: ours },
    LoadBalancersMade: { Resource: [arn("elasticloadbalancing:*:*:*/*")], Condition: made },
    Zones: { Resource: zoneIds.map((id) => arn(`route53:::hostedzone/${id}`)) },
    /** How a change of a zone goes; it has an id of its own. */
    ZoneChanges: { Resource: zoneIds.length === 0 ? [] : [arn("route53:::change/*")] },
  };
}
