import { describeAcceleration, probeAcceleration } from "./machine/accelerator";
import { cachedMachineImage } from "./machine/image";
import { canInstall, findCommand, MACHINE_COMMANDS, missingPackages, NEEDED_COMMANDS } from "./packages";
import type { NeededCommand } from "./packages";
import { assertRoot, machineObstacles } from "./preflight";
import { messageOf } from "./errors";

/** What stands in the way of a lab here, and what else is worth knowing. Lines for a person. */
export interface LabDiagnosis {
  readonly obstacles: readonly string[];
  readonly remarks: readonly string[];
  /** What stands in the way of hosts that are machines, beside the obstacles of every lab. */
  readonly machineObstacles: readonly string[];
  readonly machineRemarks: readonly string[];
}

/** Looks at this machine and changes nothing. Where the machines' image is in the cache, KVM is tried with its kernel. */
export async function labDoctor(): Promise<LabDiagnosis> {
  const packages = packageLines(NEEDED_COMMANDS);
  const machinePackages = packageLines(MACHINE_COMMANDS);
  return {
    obstacles: [...rootLines(), ...packages.obstacles],
    remarks: packages.remarks,
    machineObstacles: [...machineObstacles(), ...machinePackages.obstacles],
    machineRemarks: [...machinePackages.remarks, ...(await accelerationLines())],
  };
}

function rootLines(): string[] {
  try {
    assertRoot();
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}

function packageLines(needed: readonly NeededCommand[]): Pick<LabDiagnosis, "obstacles" | "remarks"> {
  const missing = missingPackages((command) => findCommand(command) !== undefined, needed).join(" ");
  if (missing === "") return { obstacles: [], remarks: [] };
  return canInstall()
    ? { obstacles: [], remarks: [`to be installed with apt when they are first needed: ${missing}`] }
    : { obstacles: [`these Debian packages are missing: ${missing}`], remarks: [] };
}

async function accelerationLines(): Promise<string[]> {
  const image = await cachedMachineImage();
  if (image === undefined) return ["their image is not built yet, so KVM was not tried"];
  if (findCommand("qemu-system-x86_64") === undefined) return [];
  return [`they run with ${describeAcceleration(await probeAcceleration(image.kernel))}`];
}
