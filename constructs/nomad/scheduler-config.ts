import { SchedulerConfig } from "@cdktf/provider-nomad/lib/scheduler-config";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { dependencies } from "./dependencies";

export interface NomadSchedulerConfigProps {
  /** Pack nodes full, or use them evenly. @default "binpack" */
  readonly algorithm?: "binpack" | "spread";
  /** Let tasks use `memoryMaxMiB` above what they reserve. @default false */
  readonly memoryOversubscription?: boolean;
  /** Which kinds of jobs may stop lower ones to get room. @default - system jobs only */
  readonly preemption?: {
    /** @default true */
    readonly system?: boolean;
    /** @default false */
    readonly sysbatch?: boolean;
    /** @default false */
    readonly batch?: boolean;
    /** @default false */
    readonly service?: boolean;
  };
  /** @default - the stack's readiness gate */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * Scheduler settings of a region; one per region, since each region has its own. Removing it leaves them as they are.
 *
 * @see https://developer.hashicorp.com/nomad/api-docs/operator/scheduler
 */
export class NomadSchedulerConfig extends Construct {
  /** The Terraform resource, for settings that have no property here yet. */
  public readonly resource: SchedulerConfig;

  constructor(scope: Construct, id: string, props: NomadSchedulerConfigProps = {}) {
    super(scope, id);
    const { preemption } = props;
    this.resource = new SchedulerConfig(this, "Resource", {
      schedulerAlgorithm: props.algorithm ?? "binpack",
      memoryOversubscriptionEnabled: props.memoryOversubscription ?? false,
      // All four in full: the provider sends what is missing as false.
      preemptionConfig: {
        batch_scheduler_enabled: preemption?.batch ?? false,
        service_scheduler_enabled: preemption?.service ?? false,
        sysbatch_scheduler_enabled: preemption?.sysbatch ?? false,
        system_scheduler_enabled: preemption?.system ?? true,
      },
      dependsOn: [...dependencies(this, props.dependsOn)],
    });
  }
}
