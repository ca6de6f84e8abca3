import type { Job } from "../../../constructs/jobspec/job";
import type { PoolPlacement } from "../../../constructs/jobspec/placement/findings";
import { fitsPool } from "../../../constructs/jobspec/placement/placeable";
import { renderJob } from "../../../constructs/jobspec/render";
import type { Fleet } from "../../../model/types";
import type { NomadApi, PlacementFailure, Plan } from "../../helpers/nomad-api";

/** A job, and what it is called in messages. */
export interface Case {
  readonly name: string;
  readonly job: Job;
}

/** One group of one job in one pool: what we say, and what Nomad says. */
export interface Outcome extends Case {
  readonly ours: PoolPlacement;
  /** Undefined where all of it has a place. */
  readonly nomad: PlacementFailure | undefined;
}

/** What Nomad says where it says no more than that there is no place. */
const NOWHERE: PlacementFailure = {
  NodesEvaluated: 0,
  NodesFiltered: 0,
  NodesExhausted: 0,
  ConstraintFiltered: null,
  DimensionExhausted: null,
};
const NO_CLAIM: PlacementFailure = { ...NOWHERE, ConstraintFiltered: { "missing compatible host volumes": 1 } };

/**
 * Plans a job and compares nothing yet.
 *
 * @returns an outcome for each group, or why Nomad does not take the job at all, which is a mistake of the test.
 */
export async function outcomesOf(
  nomad: NomadApi,
  fleet: Fleet,
  { name, job }: Case,
): Promise<readonly Outcome[] | string> {
  const plan = await nomad.plan(renderJob(job)).catch((error: unknown) => String(error));
  // A sticky claim on a static volume passes the scheduler and then cannot be written down.
  const isClaim = typeof plan === "string" && plan.includes("volume claim insert failed");
  if (typeof plan === "string" && !isClaim) return `${name}: ${plan}\n${JSON.stringify(job)}`;
  return fitsPool(job, fleet, job.nodePool ?? "").map((ours, index) => {
    const group = Object.keys(job.groups)[index] ?? "";
    return {
      name: `${name}, group ${group}`,
      job,
      ours,
      nomad: typeof plan === "string" ? NO_CLAIM : answer(plan, group),
    };
  });
}

/** What Nomad says of a group; undefined where all of it has a place. */
function answer(plan: Plan, group: string): PlacementFailure | undefined {
  const { Annotations } = plan as Plan & {
    Annotations: { DesiredTGUpdates: Record<string, { Place: number }> } | null;
  };
  const failure = plan.FailedTGAllocs?.[group];
  // Of a system job in no datacenter nothing fails: there is nothing to place.
  return failure ?? ((Annotations?.DesiredTGUpdates[group]?.Place ?? 0) > 0 ? undefined : NOWHERE);
}

/** How many outcomes there are of each verdict. */
export function verdicts(outcomes: readonly Outcome[]): Readonly<Record<PoolPlacement["verdict"], number>> {
  const count = (verdict: string) => outcomes.filter(({ ours }) => ours.verdict === verdict).length;
  return { yes: count("yes"), some: count("some"), no: count("no"), perhaps: count("perhaps") };
}

/** Outcomes where we are sure and Nomad says otherwise. */
export function disagreements(outcomes: readonly Outcome[]): readonly Outcome[] {
  return outcomes.filter(
    ({ ours, nomad }) => ours.verdict !== "perhaps" && (ours.verdict === "yes") !== (nomad === undefined),
  );
}

/** An outcome for people. */
export function shown({ name, job, ours, nomad: failure }: Outcome): string {
  const reasons = ours.reasons.map(({ check, short }) => `${check}: ${short}`);
  const said = { filtered: failure?.ConstraintFiltered, exhausted: failure?.DimensionExhausted };
  const theirs = failure === undefined ? "a place" : JSON.stringify(said);
  return `${name}\n  job: ${JSON.stringify(job)}\n  ours: ${ours.verdict} ${JSON.stringify([...reasons, ...ours.doubts])}\n  nomad: ${theirs}`;
}
