import { Construct } from "constructs";
import { assertValid } from "../../core/problems";
import { wholeNumberProblems } from "../../core/whole-number";
import { runtimeProblems } from "../../jobspec/program";
import { NomadJob } from "../../nomad/job";
import { patternPlace } from "../../nomad/pattern-place";
import { gpuOf } from "../../../model/hardware";
import { type Gang, gangJob, trainingMounts } from "./gang";
import type { DistributedTrainingProps } from "./options";
import { gangProblems, optionProblems } from "./problems";
import { report } from "./training-job";

/**
 * Training with PyTorch over several machines. Its workers start when all are there, and when one fails all begin again from the
 * newest checkpoint. Ranks, world size and master are derived; the script uses `torch.distributed` as under any torchrun.
 *
 * @see https://pytorch.org/docs/stable/elastic/run.html
 */
export class DistributedTraining extends Construct {
  public readonly job: NomadJob;
  /** Processes of the whole run. */
  public readonly worldSize: number;

  constructor(scope: Construct, id: string, props: DistributedTrainingProps) {
    super(scope, id);
    const place = patternPlace(this, props.pool);
    assertValid(this.node.path, runtimeProblems(props.runtime));
    const gpus = props.gpusPerWorker ?? gpuOf(place.pool.hardware)?.count ?? 0;
    const gang: Gang = {
      workers: props.workers,
      gpus,
      processes: gpus === 0 ? (props.processesPerWorker ?? 1) : gpus,
      timeoutSeconds: Math.round((props.gangTimeoutMinutes ?? 15) * 60),
      spread: props.spread ?? false,
      meeting: { service: props.service ?? props.name, hostNetwork: props.network ?? "tailscale" },
    };
    const job = gangJob(props, gang, place);
    report(this, [
      ...wholeNumberProblems("gangTimeoutMinutes", props.gangTimeoutMinutes, 1),
      ...optionProblems(props, gang, place, "gpusPerWorker"),
      ...gangProblems(job, gang, place),
    ]);
    this.worldSize = gang.workers * gang.processes;
    this.job = new NomadJob(this, "Job", { job, mounts: trainingMounts(props) });
  }
}
