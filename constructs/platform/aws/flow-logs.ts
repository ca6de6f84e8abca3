import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { FlowLog } from "@cdktf/provider-aws/lib/flow-log";
import { IamRole } from "@cdktf/provider-aws/lib/iam-role";
import { IamRolePolicy } from "@cdktf/provider-aws/lib/iam-role-policy";
import { Construct } from "constructs";
import { allow, assumedBy } from "./iam";
import type { AwsSiteProps } from "./site";
import { tagsFor } from "./tags";

export interface FlowLogsProps extends AwsSiteProps {
  readonly vpcId: string;
  /** How long the records are kept, days. */
  readonly retentionDays: number;
}

/** Records of who talked to whom in a VPC, in a log group of its own. */
export class FlowLogs extends Construct {
  constructor(scope: Construct, id: string, { fleet, site, vpcId, retentionDays }: FlowLogsProps) {
    super(scope, id);
    const tags = tagsFor(fleet, site, `${fleet.name}-${site}-flow-logs`);
    const group = new CloudwatchLogGroup(this, "Group", {
      name: `/steppe/${fleet.name}/${site}/flow-logs`,
      retentionInDays: retentionDays,
      tags,
    });
    const role = new IamRole(this, "Role", {
      name: `${fleet.name}-${site}-flow-logs`,
      assumeRolePolicy: assumedBy("vpc-flow-logs.amazonaws.com"),
      tags,
    });
    const policy = new IamRolePolicy(this, "Policy", {
      name: "write",
      role: role.id,
      policy: allow({
        actions: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        resources: [group.arn, `${group.arn}:*`],
      }),
    });
    new FlowLog(this, "Resource", {
      vpcId,
      trafficType: "ALL",
      logDestinationType: "cloud-watch-logs",
      logDestination: group.arn,
      iamRoleArn: role.arn,
      tags,
      dependsOn: [policy],
    });
  }
}
