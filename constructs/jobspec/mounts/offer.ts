import type { Volume, VolumeAccessMode, VolumeAttachmentMode, VolumeCapability } from "../../../model/volume-types";
import { capabilitiesOf } from "../../../model/volumes";
import type { Problem } from "../../core/problems";
import type { Job } from "../job";
import { isKnown, isLiteral } from "../rules/report";
import { writes } from "./access";
import type { Ask } from "./ask";
import type { FoundVolume } from "./found";

/** What keeps a group from using a volume, whatever pool it runs in. */
export function offerProblems(found: FoundVolume, ask: Ask): readonly Problem[] {
  const { volume, where, name } = found;
  const problems: Problem[] = [];
  if (volume.retired !== undefined) {
    const rule = `is retired: ${where}.retired is set`;
    problems.push({ path: at(ask), rule, got: name, fix: "use another volume, or take retired away" });
  }
  if (ask.sticky && volume.kind !== "dynamic-host") {
    const rule = `is for dynamic host volumes: ${where} is a CSI volume, which follows the job to any machine of its plugin`;
    problems.push({ path: `${ask.path}.sticky`, rule, got: true, fix: "remove it" });
  }
  return problems;
}

/** Jobs see the volumes of their own namespace. */
export function namespaceProblem({ volume, where, name }: FoundVolume, ask: Ask, job: Job): Problem | undefined {
  const { namespace = "default" } = volume;
  const jobs = job.namespace ?? "default";
  if (!isKnown(jobs) || namespace === jobs) return undefined;
  const rule = `is in namespace ${namespace} (${where}.namespace), and the job in ${jobs}`;
  const fix = `run the job in ${namespace}, or give the volume namespace: ${JSON.stringify(jobs)}`;
  return { path: at(ask), rule, got: name, fix };
}

/** One volume, or one for each allocation: the job must say the same. */
export function perAllocProblem({ volume, where }: FoundVolume, ask: Ask): Problem | undefined {
  const path = `${ask.path}.perAlloc`;
  if (volume.perAlloc === undefined) {
    if (!ask.perAlloc) return undefined;
    const fix = volume.kind === "dynamic-host" ? "remove it" : `remove it, or set perAlloc at ${where}`;
    return { path, rule: `must not be true: ${where} is one volume, under its own id`, got: true, fix };
  }
  if (ask.perAlloc) return undefined;
  const rule = `must be true: ${where} has a volume for each of ${volume.perAlloc} allocations`;
  return { path, rule, got: false, fix: "add perAlloc: true" };
}

/** There must be a volume for each allocation. */
export function allocationsProblem({ volume, where, name }: FoundVolume, ask: Ask): Problem {
  const rule = `has a volume for each of ${volume.perAlloc ?? 1} allocations (${where}.perAlloc), but ${ask.demand.because}`;
  return { path: at(ask), rule, got: name, fix: `raise ${where}.perAlloc, or ask for fewer allocations` };
}

/** Nomad claims a volume only in a mode that it has, to the letter. */
export function capabilityProblem(found: FoundVolume, ask: Ask): Problem | undefined {
  const { accessMode, attachmentMode, path } = ask;
  const offered = capabilitiesOf(found.volume);
  if (!isLiteral(attachmentMode)) return undefined;
  const fitting = offered.filter((each) => each.attachmentMode === attachmentMode);
  const rule = `must be a way in which ${found.where} is offered: ${shown(offered)}`;
  const add = (mode: VolumeAccessMode | undefined) =>
    mode === undefined ? "" : `, or add { ${capability({ accessMode: mode, attachmentMode })} } to its capabilities`;
  if (fitting.length === 0) {
    const fix = `ask for ${offered[0]?.attachmentMode ?? "what it has"}${add(accessMode ?? offered[0]?.accessMode)}`;
    return { path: `${path}.attachmentMode`, rule, got: attachmentMode, fix };
  }
  if (accessMode === undefined || !isLiteral(accessMode)) return undefined;
  if (fitting.some((each) => each.accessMode === accessMode)) return undefined;
  const modes = fitting.map((each) => each.accessMode).join(" or ");
  return { path: `${path}.accessMode`, rule, got: accessMode, fix: `ask for ${modes}${add(accessMode)}` };
}

/** What nobody can write, no job may ask to write. */
export function readsOnlyProblem({ volume, where }: FoundVolume, ask: Ask): Problem | undefined {
  if (ask.readOnly || capabilitiesOf(volume).some(({ accessMode }) => writes(accessMode))) return undefined;
  const rule = `must be true: ${where} is offered for reading alone (${shown(capabilitiesOf(volume))})`;
  return { path: `${ask.path}.readOnly`, rule, got: false, fix: "add readOnly: true, or a capability to write" };
}

function at({ path, nameAt }: Ask): string {
  return `${path}.${nameAt}`;
}

function capability({ accessMode, attachmentMode }: Required<VolumeCapability>): string {
  const attachment = attachmentMode === "file-system" ? "" : `, attachmentMode: ${JSON.stringify(attachmentMode)}`;
  return `accessMode: ${JSON.stringify(accessMode)}${attachment}`;
}

/** Capabilities for people: `single-node-writer as block-device`. */
export function shown(capabilities: readonly Required<VolumeCapability>[]): string {
  return capabilities.map(({ accessMode, attachmentMode }) => `${accessMode} as ${attachmentMode}`).join(", ");
}

/** Modes in which a volume is offered one way. */
export function modesAs(volume: Volume, attachmentMode: VolumeAttachmentMode): readonly VolumeAccessMode[] {
  return capabilitiesOf(volume).flatMap((each) => (each.attachmentMode === attachmentMode ? [each.accessMode] : []));
}

/** Pools that can mount a volume, as the fleet says it, and how another comes among them. */
export function reachOf(
  region: string,
  { volume, where }: FoundVolume,
  pool: string,
): { readonly rule: string; readonly fix: string } {
  if (volume.kind === "dynamic-host") {
    return { rule: `is in pool ${volume.pool} alone (${where}.pool)`, fix: `run the job in ${volume.pool}` };
  }
  const plugin = `regions.${region}.storage.plugins.${volume.plugin}`;
  return {
    rule: `is served by CSI plugin ${volume.plugin} (${where}.plugin), which does not run in pool ${pool}`,
    fix: `add ${JSON.stringify(pool)} to ${plugin}.pools`,
  };
}
