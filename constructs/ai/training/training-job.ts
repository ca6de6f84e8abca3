import { Annotations } from "cdktf";
import { Construct } from "constructs";
import { assertValid, formatProblem, type Problem } from "../../core/problems";
import { runtimeProblems } from "../../jobspec/program";
import { NomadJob } from "../../nomad/job";
import { patternPlace } from "../../nomad/pattern-place";
import { gpuOf } from "../../../model/hardware";
import { type Gang, gangJob, trainingMounts } from "./gang";
import type { TrainingJobProps } from "./options";
import { optionProblems } from "./problems";

/**
 * Training on one machine. A run that fails begins again from its newest checkpoint, so often and so long as the job says.
 *
 * @see https://pytorch.org/docs/stable/elastic/run.html
 */
export class TrainingJob extends Construct {
  public readonly job: NomadJob;

  constructor(scope: Construct, id: string, props: TrainingJobProps) {
    super(scope, id);
    const place = patternPlace(this, props.pool);
    assertValid(this.node.path, runtimeProblems(props.runtime));
    const gpus = props.gpus ?? Math.min(1, gpuOf(place.pool.hardware)?.count ?? 0);
    const processes = Math.max(1, gpus);
    const gang: Gang = { workers: 1, gpus, processes, timeoutSeconds: 60, spread: false, meeting: undefined };
    report(this, optionProblems(props, gang, place, "gpus"));
    this.job = new NomadJob(this, "Job", { job: gangJob(props, gang, place), mounts: trainingMounts(props) });
  }
}

/** Throws for errors, and leaves warnings at the construct. */
export function report(scope: Construct, problems: readonly Problem[]): void {
  assertValid(scope.node.path, problems);
  for (const problem of problems) Annotations.of(scope).addWarning(formatProblem(problem));
}
