import {
  ComputeRegionInstanceGroupManager,
  type ComputeRegionInstanceGroupManagerConfig,
} from "@cdktf/provider-google/lib/compute-region-instance-group-manager";
import type { ComputeRegionInstanceTemplate } from "@cdktf/provider-google/lib/compute-region-instance-template";
import { Construct } from "constructs";
import { hasGpus } from "../../../model/gcp-gpus";
import { gcpGroupName } from "../../../model/gcp-names";
import { clientIdentity, type MachineIdentity } from "../../../model/identities";
import type { Pool } from "../../../model/types";
import { AssumptionError } from "../../core/problems";
import { labelsFor } from "./labels";
import { MachineAccount } from "./machine-account";
import type { GcpNetwork } from "./network";
import { poolTemplate } from "./pool-template";
import type { GcpSecrets } from "./secrets";
import { type GcpSiteProps, gcpSiteOf } from "./site";

export interface GcpPoolProps extends GcpSiteProps {
  /** Name of the pool. */
  readonly pool: string;
  readonly network: GcpNetwork;
  readonly secrets: GcpSecrets;
  /** The machine bundle, as what machines run at every boot. */
  readonly startupScript: string;
}

/**
 * A pool's machines: an instance template and a regional managed instance group that keeps their number. Another template rolls
 * the pool; a machine that is to go is shut down, which drains it as far as Google waits. A retired pool keeps its group, empty.
 */
export class GcpPool extends Construct {
  private readonly pool: Pool;
  /** Name of the managed instance group. Shape: `example-gpu`. */
  public readonly groupName: string;
  /** Who its machines are. */
  public readonly identity: MachineIdentity;
  public readonly account: MachineAccount;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: GcpPoolProps,
  ) {
    super(scope, id);
    const { fleet, pool: name, secrets, network, startupScript } = props;
    const pool = fleet.pools[name];
    if (pool === undefined) throw new AssumptionError(`fleet ${fleet.name} has no pool ${name}`);
    this.pool = pool;
    this.groupName = gcpGroupName(fleet.name, name);
    this.identity = clientIdentity(fleet, name);
    const account = new MachineAccount(this, "Account", {
      ...props,
      identity: this.identity,
      secret: secrets.of(this.identity),
    });
    this.account = account;
    const template = poolTemplate(this, "Template", {
      site: gcpSiteOf(props),
      pool,
      name: this.groupName,
      network,
      account,
      startupScript,
      labels: labelsFor(props, { role: "client", region: pool.region, pool: name }),
    });
    this.group(template, [...network.ready, ...account.ready]);
  }

  private group(
    template: ComputeRegionInstanceTemplate,
    dependsOn: ComputeRegionInstanceGroupManagerConfig["dependsOn"],
  ): void {
    const site = gcpSiteOf(this.props);
    const zones = this.pool.zones ?? site.zones;
    const size = (this.pool.retired ?? site.retired) === undefined ? (this.pool.count ?? 0) : 0;
    new ComputeRegionInstanceGroupManager(this, "Resource", {
      project: site.project,
      region: site.gcpRegion,
      name: this.groupName,
      baseInstanceName: this.groupName,
      targetSize: size,
      version: [{ instanceTemplate: template.selfLink }],
      distributionPolicyZones: [...zones],
      // Where there is capacity; spread as far as that lets, but for machines that Google takes back.
      distributionPolicyTargetShape: this.pool.spot === true ? "ANY" : "BALANCED",
      ...this.alternatives(),
      // A machine made in place of a broken one is of the newest template.
      instanceLifecyclePolicy: { defaultActionOnFailure: "REPAIR", forceUpdateOnRepair: "YES" },
      updatePolicy: this.updatePolicy(size, zones.length),
      // Capacity may be short for hours: the group keeps trying, an apply does not wait for it.
      waitForInstances: false,
      dependsOn,
    });
  }

  /** Types that will do as well, taken in this order. */
  private alternatives(): Pick<ComputeRegionInstanceGroupManagerConfig, "instanceFlexibilityPolicy"> {
    const { machineType, alternativeTypes = [] } = this.pool;
    if (machineType === undefined || alternativeTypes.length === 0) return {};
    return {
      instanceFlexibilityPolicy: {
        instanceSelections: [machineType, ...alternativeTypes].map((type, rank) => ({
          name: type,
          machineTypes: [type],
          rank: rank + 1,
        })),
      },
    };
  }

  /**
   * Machines are replaced by new ones, a tenth of them at a time, but one per zone at least, for Google takes no less. New machines
   * come first; GPUs are not to be had twice, so that there old ones go first.
   *
   * @see https://cloud.google.com/compute/docs/instance-groups/rolling-out-updates-to-managed-instance-groups
   */
  private updatePolicy(size: number, zones: number) {
    const atOnce = Math.max(zones, Math.ceil(size / 10));
    const isScarce = hasGpus(this.pool.machineType ?? "", this.pool.hardware);
    return {
      type: "PROACTIVE",
      minimalAction: "REPLACE",
      mostDisruptiveAllowedAction: "REPLACE",
      replacementMethod: "SUBSTITUTE",
      instanceRedistributionType: "NONE",
      maxSurgeFixed: isScarce ? 0 : atOnce,
      maxUnavailableFixed: isScarce ? atOnce : 0,
    };
  }
}
