import {
  AutoscalingGroup,
  type AutoscalingGroupConfig,
  type AutoscalingGroupLaunchTemplate,
} from "@cdktf/provider-aws/lib/autoscaling-group";
import { AutoscalingLifecycleHook } from "@cdktf/provider-aws/lib/autoscaling-lifecycle-hook";
import type { LaunchTemplate } from "@cdktf/provider-aws/lib/launch-template";
import { Construct } from "constructs";
import { AWS_DRAIN_HOOK, awsGroupName } from "../../../model/aws-names";
import { clientIdentity } from "../../../model/identities";
import type { Pool } from "../../../model/types";
import { AssumptionError } from "../../core/problems";
import { drainSeconds } from "../../machine/agent-config";
import { csiPolicies } from "./csi-policies";
import { MachineRole } from "./machine-role";
import type { AwsNetwork } from "./network";
import { poolTemplate } from "./pool-template";
import type { AwsSecrets } from "./secrets";
import { type AwsSiteProps, awsSiteOf, zonesOf } from "./site";
import { tagsFor } from "./tags";

/** Longest time that a lifecycle hook waits without a heartbeat, seconds. Machines with longer drains send them. */
const MAXIMUM_HEARTBEAT_SECONDS = 7200;

export interface AwsPoolProps extends AwsSiteProps {
  /** Name of the pool. */
  readonly pool: string;
  readonly network: AwsNetwork;
  readonly secrets: AwsSecrets;
  /** The machine bundle, as EC2 takes it. */
  readonly userData: string;
}

/**
 * A pool's machines: a launch template and an Auto Scaling group that keeps their number. A changed template rolls the pool, and a
 * machine that is to go waits until it has drained, be it for a roll or a smaller group: a hook holds it for the pool's drain
 * deadline and a minute, or as long as the machine asks for. A retired pool keeps its group, empty.
 */
export class AwsPool extends Construct {
  private readonly pool: Pool;
  /** Name of the Auto Scaling group. Shape: `example-gpu`. */
  public readonly groupName: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: AwsPoolProps,
  ) {
    super(scope, id);
    const { fleet, pool: name, secrets, network } = props;
    const pool = fleet.pools[name];
    if (pool === undefined) throw new AssumptionError(`fleet ${fleet.name} has no pool ${name}`);
    this.pool = pool;
    this.groupName = awsGroupName(fleet.name, name);
    const identity = clientIdentity(fleet, name);
    const role = new MachineRole(this, "Role", { ...props, identity, secret: secrets.of(identity) });
    const tags = tagsFor(fleet, props.site, this.groupName, { role: "client", region: pool.region, pool: name });
    const template = poolTemplate(this, "Template", {
      ...props,
      site: awsSiteOf(props),
      pool,
      name: this.groupName,
      role,
      tags,
    });
    const group = this.group(template, tags, [...network.ready, ...role.ready]);
    this.drainHook(group, role);
    for (const { policy, statements } of csiPolicies(fleet, name)) role.addStatements(policy, statements);
  }

  private group(
    template: LaunchTemplate,
    tags: Readonly<Record<string, string>>,
    dependsOn: AutoscalingGroupConfig["dependsOn"],
  ) {
    const { props, pool } = this;
    const site = awsSiteOf(props);
    const size = (pool.retired ?? site.retired) === undefined ? (pool.count ?? 0) : 0;
    return new AutoscalingGroup(this, "Resource", {
      name: this.groupName,
      minSize: size,
      maxSize: size,
      desiredCapacity: size,
      vpcZoneIdentifier: zonesOf(site).map((zone) => props.network.subnetId(zone)),
      ...this.machines({ id: template.id, version: `\${${template.fqn}.latest_version}` }),
      healthCheckType: "EC2",
      capacityRebalance: pool.spot ?? false,
      // Capacity may be short for hours: the group keeps trying, an apply does not wait for it.
      waitForCapacityTimeout: "0",
      instanceRefresh: {
        strategy: "Rolling",
        preferences: { minHealthyPercentage: 90, maxHealthyPercentage: 100, skipMatching: true },
      },
      tag: Object.entries(tags).map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
      timeouts: { delete: `${Math.ceil(drainSeconds(this.pool, "aws") / 60) + 16}m` },
      dependsOn,
    });
  }

  /** One type on demand is a plain template; more types or spot need a policy. */
  private machines(
    template: Required<Pick<AutoscalingGroupLaunchTemplate, "id" | "version">>,
  ): Pick<AutoscalingGroupConfig, "launchTemplate" | "mixedInstancesPolicy"> {
    const { machineType, alternativeTypes = [], spot = false, onDemandBase = 0 } = this.pool;
    if (!spot && alternativeTypes.length === 0) return { launchTemplate: template };
    return {
      mixedInstancesPolicy: {
        instancesDistribution: {
          onDemandAllocationStrategy: "prioritized",
          onDemandBaseCapacity: onDemandBase,
          onDemandPercentageAboveBaseCapacity: spot ? 0 : 100,
          spotAllocationStrategy: "capacity-optimized",
        },
        launchTemplate: {
          launchTemplateSpecification: { launchTemplateId: template.id, version: template.version },
          override: [machineType, ...alternativeTypes].map((instanceType) => ({ instanceType })),
        },
      },
    };
  }

  private drainHook(group: AutoscalingGroup, role: MachineRole): void {
    new AutoscalingLifecycleHook(this, "Drain", {
      name: AWS_DRAIN_HOOK,
      autoscalingGroupName: group.name,
      lifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
      heartbeatTimeout: this.heartbeatSeconds(),
      defaultResult: "CONTINUE",
    });
    role.addPolicy(
      "own-group",
      ["autoscaling:CompleteLifecycleAction", "autoscaling:RecordLifecycleActionHeartbeat"],
      [group.arn],
    );
  }

  private heartbeatSeconds(): number {
    return Math.min(drainSeconds(this.pool, "aws") + 60, MAXIMUM_HEARTBEAT_SECONDS);
  }
}
