import type { Problem } from "../../constructs/core/problems";
import { holderOf } from "../volumes/findings";
import type { Claim, NomadVolume } from "../volumes/types";
import { claimProblems, jobsIn, type StateResource, type StateVolume, volumesIn } from "./destroy-gates";
import { allBefore } from "./destroy-order";
import type { PlannedChanges } from "./execute";
import type { Json, Stack } from "./stack";

/** Volumes, and jobs of CSI plugins: what the jobs of a region stand on. */
const STOOD_ON: ReadonlySet<string> = new Set([
  "nomad_csi_volume",
  "nomad_csi_volume_registration",
  "nomad_dynamic_host_volume",
  "nomad_job",
]);

/** What a plan takes away from under jobs. */
export interface Taking {
  /** Volumes that go, and do not come back. */
  readonly gone: readonly StateVolume[];
  /** Volumes that are made anew under the same id. */
  readonly anew: readonly StateVolume[];
}

interface ResourceChange {
  readonly address: string;
  readonly type: string;
  readonly change: { readonly actions: readonly string[]; readonly before: Json | null; readonly after: Json | null };
}

/** Stacks of jobs that stand on what a stack has: those of its region that come after it. */
export function stacksOn(stack: Stack, stacks: readonly Stack[]): readonly Stack[] {
  const needs = new Map(stacks.map(({ name, dependencies }) => [name, dependencies]));
  return stacks.filter(
    ({ name, nomadRegion }) =>
      nomadRegion !== undefined && nomadRegion === stack.nomadRegion && allBefore(needs, name).includes(stack.name),
  );
}

/** Whether a plan takes volumes or plugins away, for good or to make them anew. */
export function takes(changes: PlannedChanges | undefined, ...actions: readonly ("delete" | "replace")[]): boolean {
  return (changes?.resources ?? []).some(
    ({ address, action }) => actions.some((each) => each === action) && STOOD_ON.has(address.split(".")[0] ?? ""),
  );
}

/** Addresses of what a plan makes or changes: all but what goes, or is forgotten. */
export function madeBy({ resources }: PlannedChanges): readonly string[] {
  return resources
    .filter(({ action }) => action === "create" || action === "update" || action === "replace")
    .map(({ address }) => address);
}

/** Volumes that a plan takes away. @param plan - as `terraform show -json` has it. */
export function takingOf(plan: Json): Taking {
  const taken = changesOf(plan).filter(({ change }) => change.actions.includes("delete"));
  const volumes = (those: readonly ResourceChange[]) => volumesIn(those.map(before));
  return {
    gone: volumes(taken.filter(({ change }) => !change.actions.includes("create"))),
    anew: volumes(taken.filter(({ change }) => change.actions.includes("create"))),
  };
}

/** Jobs that let go of volumes when a plan is applied, as `<namespace>/<id>`: they are deleted, or changed and mount none of them. */
export function lettingGo(plan: Json, volumes: readonly StateVolume[]): readonly string[] {
  const names = new Set(volumes.map(({ name }) => name.replace(/\[\d+\]$/, "")));
  const changed = changesOf(plan).filter(
    ({ change: { actions, after } }) =>
      (actions.includes("delete") || actions.includes("update")) && !sourcesOf(after).some((name) => names.has(name)),
  );
  return jobsIn(changed.map(before));
}

/**
 * Volumes to be taken away that somebody holds who does not let go by himself.
 *
 * @param held - the volumes with their claims.
 * @param leaving - jobs that let go in the same apply.
 * @param jobs - stacks of the jobs that could; those that are not applied with it.
 */
export function holdProblems(
  stack: Stack,
  { anew }: Taking,
  held: readonly NomadVolume[],
  leaving: readonly string[],
  jobs: readonly Stack[],
): Problem[] {
  const isMadeAnew = ({ id, namespace }: NomadVolume) =>
    anew.some((volume) => volume.id === id && volume.namespace === namespace);
  const stop = ({ namespace, job = "" }: Claim) =>
    `stop it (nomad job stop -namespace=${namespace} ${job}) and apply again`;
  const others = jobs.map(({ name }) => name).join(" ");
  return [
    ...claimProblems(stack, held.filter(isMadeAnew), new Set(), (claim) => ({
      rule: `is made anew, and mounted by ${holderOf(claim)}`,
      fix: stop(claim),
    })),
    ...claimProblems(
      stack,
      held.filter((volume) => !isMadeAnew(volume)),
      new Set(leaving),
      (claim) => ({
        rule: `would be taken away, and is mounted by ${holderOf(claim)}, which stays as it is`,
        fix:
          others === ""
            ? stop(claim)
            : `apply its jobs too (./steppe apply ${stack.name} ${others}), or ${stop(claim)}`,
      }),
    ),
  ];
}

/** Ends the sentence "lab-storage-east: ...". */
export function takenText({ gone }: Taking, jobs: readonly Stack[]): string {
  const what =
    gone.length === 0
      ? "plugins go"
      : `${gone.map(({ name }) => `volume ${name}`).join(", ")} ${gone.length === 1 ? "goes" : "go"}`;
  return `${what} after ${jobs.map(({ name }) => name).join(", ")}, once nothing holds ${gone.length === 1 ? "it" : "them"}`;
}

function changesOf(plan: Json): readonly ResourceChange[] {
  return (plan["resource_changes"] ?? []) as readonly ResourceChange[];
}

function before({ address, type, change }: ResourceChange): StateResource {
  return { address, type, values: change.before ?? {} };
}

interface GroupAttributes {
  readonly volumes?: readonly { readonly source?: string }[] | null;
}

/** Volumes that a job mounts, by the provider's reading of it. */
function sourcesOf(job: Json | null): readonly string[] {
  const groups = (job?.["task_groups"] ?? []) as readonly GroupAttributes[];
  return groups.flatMap(({ volumes }) =>
    (volumes ?? []).flatMap(({ source }) => (source === undefined ? [] : [source])),
  );
}
