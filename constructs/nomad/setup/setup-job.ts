import { dependable, TerraformResource, TerraformStack } from "cdktf";
import { Construct, type IConstruct } from "constructs";
import { terraformLiteral } from "../../core/literal";
import { assertValid, type Problem } from "../../core/problems";
import { shellWord } from "../../core/shell-word";
import { type SshConnection, TerraformData } from "../../core/terraform-data";
import { type Duration, parseDuration } from "../../jobspec/duration";
import type { Job } from "../../jobspec/job";
import { NomadJob, type NomadJobProps } from "../job";
import type { JobMount } from "../job-mounts";
import { ReadinessGate } from "../readiness-gate";
import { setupProblems, setupTemplate } from "./setup-template";

/** Where the machine bundle of servers puts the script that runs a set-up. */
const SETUP_SCRIPT = "/usr/local/lib/steppe/setup";
/** How long after its own deadline the script is stopped from outside, seconds: it stops the run, and says where that was. */
const GRACE_SECONDS = 120;

export interface SetupJobProps extends Omit<NomadJobProps, "job" | "detach"> {
  /** A batch job that can run again: after a failure it begins anew. */
  readonly job: Job;
  /** How long a run may take, all its retries and the pulling of images included; it is stopped then. 1 s to 24 h. @default "10m" */
  readonly timeout?: Duration;
  /**
   * What the set-up depends on beside its job. It runs again when one changes.
   *
   * Shape: `["schema 7"]`, or the text of a file. Never a secret.
   *
   * @default []
   */
  readonly inputs?: readonly string[];
  /** SSH to a server of the region. @default - that of the stack's readiness gate */
  readonly connection?: SshConnection;
}

/**
 * A batch job that must have succeeded before something else comes, such as a migration before its service.
 *
 * It runs when it is new or has changed, and again after it failed, each time before what follows is touched; an apply that changes nothing
 * of it runs nothing. A run that fails or takes too long fails the apply, and what follows stays as it was. The job is registered as a
 * template and each run is a dispatch of it, so that a run that is over, and collected by Nomad, is no difference in a plan.
 *
 * @example
 * const migrate = new SetupJob(scope, "Migrate", { job, timeout: "5m" });
 * migrate.then(new NomadJob(scope, "api", { job: api }));
 */
export class SetupJob extends Construct {
  /** The registered template. */
  public readonly template: NomadJob;
  /** Changes with the job and its inputs. */
  public readonly hash: string;
  /** The run and the wait for its success, as Terraform has them. */
  public readonly success: TerraformData;

  /** @throws ValidationError when the job is no set-up, or there is no server on which to wait. */
  constructor(scope: Construct, id: string, props: SetupJobProps) {
    super(scope, id);
    const { job, timeout = "10m", inputs = [], connection = ReadinessGate.of(this)?.connection, ...rest } = props;
    const seconds = Math.round((parseDuration(timeout) ?? 0) / 1e9);
    assertValid(this.node.path, [
      ...setupProblems(job, inputs),
      ...timeoutProblems(timeout, seconds),
      ...connectionProblems(connection),
    ]);
    const { job: template, hash, allocations } = setupTemplate(job, [...inputs, ...mountsOf(props.mounts ?? [])]);
    this.hash = hash;
    this.template = new NomadJob(this, "Template", { ...rest, job: template });
    const words = [SETUP_SCRIPT, String(seconds), job.namespace ?? "default", job.id, hash, String(allocations)];
    this.success = new TerraformData(this, "Success", {
      triggersReplace: [hash],
      dependsOn: [this.template.resource],
      provisioners: [
        {
          type: "remote-exec",
          connection: connection as SshConnection,
          inline: [
            `$([ "$(id -u)" = 0 ] || echo sudo) timeout ${seconds + GRACE_SECONDS} ${words.map(shellWord).join(" ")}`,
          ].map(terraformLiteral),
        },
      ],
    });
  }

  /**
   * Lets something come after the set-up has succeeded, and go before it is taken away.
   *
   * @param next - a job, another set-up, or any construct: everything of Terraform that it holds by now waits.
   * @returns what was given, so that set-ups can be strung together: `schema.then(seed).then(api)`.
   * @throws ValidationError when it holds nothing, is in another stack, or is the set-up's own job.
   */
  public then<T extends IConstruct>(next: T): T {
    assertValid(this.node.path, this.followProblems(next));
    for (const resource of resourcesOf(next))
      resource.dependsOn = [...(resource.dependsOn ?? []), dependable(this.success)];
    return next;
  }

  private followProblems(next: IConstruct): Problem[] {
    // Whoever awaits a set-up calls this method with a function.
    if (!Construct.isConstruct(next))
      return [{ path: "then", rule: "must be given a construct", fix: "a set-up cannot be awaited: leave out await" }];
    const problems: Problem[] = [];
    const { path } = next.node;
    const resources = resourcesOf(next);
    if (resources.length === 0)
      problems.push({ path: "then", rule: "must be given a construct that holds a resource", got: path });
    if (TerraformStack.of(next) !== TerraformStack.of(this))
      problems.push({
        path: "then",
        rule: `must be given a construct of the stack ${TerraformStack.of(this).node.id}`,
        got: path,
        fix: "stacks follow each other as a whole; put the set-up beside what follows",
      });
    if (resources.includes(this.success))
      problems.push({
        path: "then",
        rule: "must be given a construct without the set-up itself: it would wait for its own end",
        got: path,
      });
    const mine = identityOf(this.template.job);
    if (
      next.node
        .findAll()
        .some((found) => found instanceof NomadJob && found !== this.template && identityOf(found.job) === mine)
    )
      problems.push({
        path: "then",
        rule: "must be another job than the set-up: both have the same id and namespace",
        got: this.template.job.id,
        fix: "give the set-up an id of its own, such as migrate-<service>",
      });
    return problems;
  }
}

/** Mounts as text, by the names of their volumes. */
function mountsOf(mounts: readonly JobMount[]): string[] {
  return mounts.map(({ volume, ...rest }) =>
    JSON.stringify([typeof volume === "string" ? volume : volume.volumeName, rest]),
  );
}

function resourcesOf(construct: IConstruct): TerraformResource[] {
  return construct.node.findAll().filter((found) => TerraformResource.isTerraformResource(found));
}

function identityOf({ id, namespace = "default" }: Job): string {
  return JSON.stringify([namespace, id]);
}

function timeoutProblems(got: string, seconds: number): Problem[] {
  if (seconds >= 1 && seconds <= 86_400) return [];
  return [{ path: "timeout", rule: "must be a duration from 1s to 24h", got, fix: 'write, for example, "15m"' }];
}

function connectionProblems(connection: SshConnection | undefined): Problem[] {
  if (connection !== undefined) return [];
  return [
    {
      path: "connection",
      rule: "must be given in a stack without a readiness gate: the wait is on a server of the region",
      fix: "put the set-up into the workloads of a fleet, or say how a server is reached",
    },
  ];
}
