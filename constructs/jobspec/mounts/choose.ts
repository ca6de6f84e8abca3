import type { VolumeAccessMode, VolumeAttachmentMode } from "../../../model/volume-types";
import type { Job } from "../job";
import { isLiteral, type Report } from "../rules/report";
import { chooseMode, csiModeAllows, hostModeAllows, type Use } from "./access";
import type { Ask } from "./ask";
import { type Demand, demandOf } from "./demand";
import type { FoundVolume } from "./found";
import { grouped } from "./grouped";
import {
  allocationsProblem,
  capabilityProblem,
  modesAs,
  namespaceProblem,
  offerProblems,
  reachOf,
  readsOnlyProblem,
} from "./offer";
import type { MountContext, Place } from "./places";

/** How a job uses a volume: in one way throughout, since Nomad lets a claimed volume be used in one way only. */
export interface Way {
  readonly accessMode: VolumeAccessMode;
  readonly attachmentMode: VolumeAttachmentMode;
}

/** What one group wants of a volume: all mounts of its tasks together. */
interface Wish {
  readonly first: Place;
  readonly readOnly: boolean;
  readonly demand: Demand;
}

/**
 * Chooses how a job uses a volume.
 *
 * @param places - its mounts.
 * @returns undefined where there is no way; the report says why.
 */
export function wayFor(
  report: Report,
  job: Job,
  found: FoundVolume,
  places: readonly [Place, ...Place[]],
  context: MountContext,
): Way | undefined {
  const before = report.problems.length;
  const wishes = wishesOf(job, places, context);
  const [first] = places;
  const { accessMode, attachmentMode = "file-system" } = first.mount;
  sameRules(report, places, ["accessMode", "attachmentMode"]);
  for (const { first: place, readOnly, demand } of wishes) {
    const { path, mount } = place;
    const ask: Ask = {
      path,
      nameAt: "volume",
      readOnly,
      // It follows from the volume.
      perAlloc: found.volume.perAlloc !== undefined,
      sticky: mount.sticky === true,
      demand,
      ...(mount.accessMode === undefined ? {} : { accessMode: mount.accessMode }),
      attachmentMode: mount.attachmentMode ?? "file-system",
    };
    report.all([
      ...offerProblems(found, ask),
      namespaceProblem(found, ask, job),
      readsOnlyProblem(found, ask),
      capabilityProblem(found, ask),
    ]);
    if (demand.allocations > (found.volume.perAlloc ?? Infinity)) report.all([allocationsProblem(found, ask)]);
    if (found.volume.perAlloc !== undefined) perAllocRules(report, job, place, demand);
  }
  reachRules(report, job, found, wishes, context);
  if (report.problems.length > before) return undefined;
  const modes = accessMode === undefined ? modesAs(found.volume, attachmentMode) : [accessMode];
  const mode = chosen(report, found, wishes, modes);
  return mode === undefined ? undefined : { accessMode: mode, attachmentMode };
}

/** Mounts of one volume say the same. */
export function sameRules(
  report: Report,
  places: readonly Place[],
  properties: readonly ("accessMode" | "attachmentMode" | "sticky" | "mountOptions")[],
): void {
  const [first, ...rest] = places;
  for (const { path, mount } of rest) {
    for (const name of properties) {
      if (first === undefined || JSON.stringify(mount[name]) === JSON.stringify(first.mount[name])) continue;
      const rule = `must be that of ${first.path}, which mounts the same volume`;
      report.error(`${path}.${name}`, rule, mount[name], "write the same in both");
    }
  }
}

function wishesOf(job: Job, places: readonly Place[], { fleet }: MountContext): readonly Wish[] {
  return [...grouped(places, ({ mount }) => mount.group)].map(([name, ofGroup]) => {
    const [first] = ofGroup;
    const readOnly = ofGroup.every(({ mount }) => mount.readOnly === true);
    return { first, readOnly, demand: demandOf(job, name, first.group, fleet) };
  });
}

function perAllocRules(report: Report, { type }: Job, { path, mount }: Place, { canaries }: Demand): void {
  const at = `${path}.volume`;
  if (type === "system" || type === "sysbatch") {
    const rule = `has a volume for each allocation of a group, which a ${type} job does not number`;
    report.error(at, rule, nameOf(mount), "use one volume, or a service job");
  }
  if (canaries > 0) {
    const rule = "has a volume for each allocation, and none for the canary that the update adds";
    report.error(at, rule, nameOf(mount), "leave canary out of the update");
  }
}

/** The pool that the job names must reach the volume; of the pool `all`, those that do are asked for. */
function reachRules(
  report: Report,
  { nodePool }: Job,
  found: FoundVolume,
  wishes: readonly Wish[],
  { fleet, region }: MountContext,
): void {
  if (nodePool === undefined || nodePool === "all" || !isLiteral(nodePool)) return;
  // A pool that is not there, or elsewhere, is an error of the job.
  if (fleet.pools[nodePool]?.region !== region || found.pools.includes(nodePool)) return;
  const { rule, fix } = reachOf(region, found, nodePool);
  for (const { first } of wishes) {
    const others = found.pools.length === 0 || found.volume.kind === "dynamic-host" ? "" : orIn(found.pools);
    report.error(`${first.path}.volume`, `${rule}; the job's nodePool is ${nodePool}`, found.name, `${fix}${others}`);
  }
}

function orIn(pools: readonly string[]): string {
  return `, or run the job in ${pools.join(" or ")}`;
}

function chosen(
  report: Report,
  found: FoundVolume,
  wishes: readonly Wish[],
  modes: readonly VolumeAccessMode[],
): VolumeAccessMode | undefined {
  const { volume, where, name } = found;
  const use = useOf(volume.perAlloc !== undefined, wishes);
  const machines = volume.kind === "dynamic-host" ? (volume.machines ?? 1) : undefined;
  const allows = (wanted: Use) => (mode: VolumeAccessMode) =>
    machines === undefined ? csiModeAllows(mode, wanted) : hostModeAllows(mode, wanted, machines);
  const mode = chooseMode(modes, use, allows(use));
  if (mode !== undefined) return mode;
  const offered = `${where} is offered for ${modes.join(", ")}`;
  const writer = wishes.find(({ readOnly }) => !readOnly);
  const { path, mount } = (writer ?? wishes[0])?.first ?? { path: "mounts", mount: undefined };
  const because = wishes.map(({ demand }) => demand.because).join(" and ");
  const others = volume.perAlloc === undefined ? "give the volume perAlloc, " : "";
  const fix = `ask for fewer allocations, ${others}or add a capability for several`;
  if (chooseMode(modes, { ...use, canaries: 0 }, allows({ ...use, canaries: 0 })) !== undefined) {
    const rule = `would keep a canary waiting for ever: ${offered}, and the allocation before it has the volume`;
    const leave = `leave canary out of the update of groups.${mount?.group ?? ""}, or add a capability for several`;
    report.error(`${path}.volume`, rule, name, leave);
  } else if (wishes.length > 1) {
    const paths = wishes.map(({ first, readOnly }) => `${first.path} ${readOnly ? "reads" : "writes"}`).join(", ");
    const rule = `cannot be used by all of ${paths} at a time (${because}): ${offered}`;
    report.error(`${path}.volume`, rule, name, fix);
  } else {
    report.error(`${path}.volume`, `cannot be shared by all allocations (${because}): ${offered}`, name, fix);
  }
  return undefined;
}

/** Of volumes for each allocation, every group has one allocation. */
function useOf(perAlloc: boolean, wishes: readonly Wish[]): Use {
  const sum = (some: readonly Wish[], of: (demand: Demand) => number) =>
    some.reduce((total, { demand }) => total + of(demand), 0);
  const allocations = (demand: Demand) => (perAlloc ? 1 : demand.allocations);
  return {
    writers: sum(
      wishes.filter(({ readOnly }) => !readOnly),
      allocations,
    ),
    readers: sum(
      wishes.filter(({ readOnly }) => readOnly),
      allocations,
    ),
    canaries: perAlloc ? 0 : sum(wishes, ({ canaries }) => canaries),
  };
}

function nameOf({ volume }: Place["mount"]): string {
  return typeof volume === "string" ? volume : volume.volumeName;
}
