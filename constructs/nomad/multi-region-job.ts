import { TerraformStack } from "cdktf";
import type { Construct, IConstruct } from "constructs";
import { assertValid } from "../core/problems";
import type { Job } from "../jobspec/job";
import { inRegions, type RegionOverrides } from "../jobspec/regions";
import { NomadJob, type NomadJobProps } from "./job";
import { RegionProvider } from "./region-provider";

export interface MultiRegionJobProps extends Omit<NomadJobProps, "job" | "region" | "detach"> {
  /** Without `region`. */
  readonly job: Job;
  /** What differs by region, in the order of the rollout. */
  readonly regions: Readonly<Record<string, RegionOverrides>>;
}

/**
 * One job in several regions, as one Nomad job per region: what Nomad Enterprise's `multiregion` does, for Community Edition.
 *
 * Put it into the jobs stack of each of its regions with {@link deploy}. The stacks are applied in the order of `regions`; a
 * region begins once the deployment of the one before is healthy, and a failure leaves the regions after it as they are.
 *
 * @example
 * const web = new MultiRegionJob({ job, regions: { east: { count: 1 }, west: { count: 5, nodePool: "edge" } } });
 * export const workloads = { east: (scope) => web.deploy(scope), west: (scope) => web.deploy(scope) };
 */
export class MultiRegionJob {
  /** The jobs by region, in the order of the rollout. */
  public readonly jobs: Readonly<Record<string, Job>>;
  private readonly placed = new WeakMap<IConstruct, Map<string, TerraformStack>>();

  /** @throws ValidationError as {@link inRegions} does. */
  constructor(private readonly props: MultiRegionJobProps) {
    this.jobs = inRegions(props.job, props.regions);
  }

  /**
   * Puts the region's job into its stack, and the stack after those of the regions before.
   *
   * @param scope - in the jobs stack of one of the job's regions.
   * @throws ValidationError when the stack is of another region, or another job asks for the opposite order.
   */
  public deploy(scope: Construct): NomadJob {
    const { job, regions, ...rest } = this.props;
    const region = RegionProvider.of(scope)?.region;
    const regional = region === undefined ? undefined : this.jobs[region];
    if (region === undefined || regional === undefined) {
      assertValid(`job ${job.id} in several regions`, [
        {
          path: "regions",
          rule: "must name the region of the stack",
          got: region,
          fix: `add it, or deploy only in: ${Object.keys(regions).join(", ")}`,
        },
      ]);
    }
    const made = new NomadJob(scope, job.id, { ...rest, job: regional as Job, detach: false });
    this.order(scope, region as string);
    return made;
  }

  private order(scope: Construct, region: string): void {
    const stack = TerraformStack.of(scope);
    const placed = this.placed.get(stack.node.root) ?? new Map<string, TerraformStack>();
    this.placed.set(stack.node.root, placed.set(region, stack));
    const names = Object.keys(this.jobs);
    const at = names.indexOf(region);
    const before = names.slice(0, at).flatMap((name) => placed.get(name) ?? []);
    const after = names.slice(at + 1).flatMap((name) => placed.get(name) ?? []);
    const previous = before.at(-1);
    if (previous !== undefined) this.follow(stack, previous);
    const [next] = after;
    if (next !== undefined) this.follow(next, stack);
    scope.node.addValidation({
      validate: () =>
        names
          .filter((name) => !placed.has(name))
          .map((name) => `job ${this.props.job.id}: regions.${name}: must be deployed too; call deploy() there`),
    });
  }

  private follow(later: TerraformStack, earlier: TerraformStack): void {
    if (earlier === later) return;
    if (earlier.dependsOn(later)) {
      assertValid(`job ${this.props.job.id} in several regions`, [
        {
          path: "regions",
          rule: `must not be rolled out to ${earlier.node.id} before ${later.node.id}: another job wants the opposite`,
          fix: "use one order for all jobs",
        },
      ]);
    }
    later.addDependency(earlier);
  }
}
