import { Annotations, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { assertValid, formatProblem, type Problem } from "../core/problems";
import { jobFitsFleet } from "../jobspec/fleet-fit";
import type { Job } from "../jobspec/job";
import { renderJob } from "../jobspec/render";
import { jobFitsVersion } from "../jobspec/rules/versions";
import { type AllowanceInForce, checkJob } from "../jobspec/validate";
import type { Fleet } from "../../model/types";
import { dependencies } from "./dependencies";
import { HclJob, type HclJobProps } from "./hcl-job";
import { type JobMount, mountedInStack } from "./job-mounts";
import { JobResource } from "./job-resource";
import { jobspecText } from "./jobspec-text";
import { RegionProvider } from "./region-provider";

export interface NomadJobProps {
  readonly job: Job;
  /** Region that runs the job. @default - the region of the stack's provider */
  readonly region?: string;
  /** Fleet that the job must fit. @default - the fleet of the stack's provider; without one the job is checked alone */
  readonly fleet?: Fleet;
  /** Volumes of its tasks: adds what group and task must have for each. @default [] */
  readonly mounts?: readonly JobMount[];
  /** Return once the job is registered; else wait until its deployment is healthy. @default true - the provider's */
  readonly detach?: boolean;
  /**
   * An apply keeps the counts that it finds, as `nomad job scale` or the Autoscaler left them; those of the job are for its first start.
   * The stack then needs a newer provider, see `NOMAD_PROVIDER_SCALING_VERSION`.
   *
   * @default false - the counts of the job
   */
  readonly preserveCounts?: boolean;
  /** @default - the stack's readiness gate, which is always waited for */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** What the rules say of a job that they let pass. */
export interface JobCheck {
  readonly warnings: readonly Problem[];
  readonly allowances: readonly AllowanceInForce[];
}

/**
 * A job in a region. Its jobspec enters Terraform as one finished JSON string, which plans show as a structured diff.
 *
 * @see https://registry.terraform.io/providers/hashicorp/nomad/2.5.2/docs/resources/job
 */
export class NomadJob extends Construct {
  /** Hands an existing jobspec in HCL to the provider unchanged. */
  public static fromHcl(scope: Construct, id: string, props: HclJobProps): HclJob {
    return new HclJob(scope, id, props);
  }

  /** The job as given, with its region and its mounts. */
  public readonly job: Job;
  /** What the rules say of it; an error would have been thrown. */
  public readonly checked: JobCheck;
  /** The Terraform resource, for settings that have no property here yet. */
  public readonly resource: JobResource;

  constructor(scope: Construct, id: string, props: NomadJobProps) {
    super(scope, id);
    const provider = RegionProvider.of(this);
    const region = props.region ?? provider?.region;
    const fleet = props.fleet ?? provider?.fleet;
    const job = region === undefined || props.job.region !== undefined ? props.job : { ...props.job, region };
    const mounted = mountedInStack(this, job, props.mounts ?? [], region, fleet);
    this.job = mounted.job;
    this.checked = this.check(region, mounted.fleet, mounted.problems);
    this.resource = new JobResource(this, "Resource", {
      json: true,
      jobspec: jobspecText(renderJob(this.job)),
      detach: props.detach,
      dependsOn: dependencies(this, [...(props.dependsOn ?? []), ...mounted.dependsOn]),
    });
    if (props.preserveCounts === true) {
      // Newer than the binding.
      this.resource.addOverride("preserve_counts", true);
      provider?.keepsCounts();
    }
  }

  /** @returns warnings, and the rules that the job breaks on purpose. */
  private check(region: string | undefined, fleet: Fleet | undefined, ofMounts: readonly Problem[]): JobCheck {
    const { job } = this;
    const find = (): Problem[] => [
      ...ofMounts,
      ...(fleet === undefined ? [] : [...jobFitsFleet(job, fleet), ...jobFitsVersion(job, fleet.versions ?? {})]),
      ...(region === undefined || job.region === region ? [] : [otherRegion(region, job.region)]),
    ];
    const { problems, allowances } = checkJob(job, { ...(fleet === undefined ? {} : { fleet }), find });
    assertValid(this.node.path, problems);
    for (const problem of problems) Annotations.of(this).addWarning(formatProblem(problem));
    return { warnings: problems, allowances };
  }
}

function otherRegion(region: string, got: unknown): Problem {
  return {
    path: "region",
    rule: `must be ${region}, the region of the stack`,
    got,
    fix: "leave it out, or put the job into that region's stack",
  };
}
