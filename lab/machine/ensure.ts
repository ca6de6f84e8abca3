import { ensurePackages, MACHINE_COMMANDS } from "../packages";
import type { Progress } from "../run";
import type { LabSpec } from "../spec";
import type { LabMachines } from "../state";
import { describeAcceleration, probeAcceleration } from "./accelerator";
import { ensureMachineImage } from "./image";

/** Gets what the machines of a spec are made from and run on, and says how they will run. @returns nothing for a spec without machines. */
export async function ensureMachines(
  spec: LabSpec,
  progress: Progress,
  signal?: AbortSignal,
): Promise<LabMachines | undefined> {
  if (spec.hosts.every(({ machine }) => machine === undefined)) return undefined;
  await ensurePackages(MACHINE_COMMANDS, progress, signal);
  const image = await ensureMachineImage(progress, signal);
  const acceleration = await probeAcceleration(image.kernel, signal);
  progress(`machines: run with ${describeAcceleration(acceleration)}`);
  return { image, acceleration };
}
