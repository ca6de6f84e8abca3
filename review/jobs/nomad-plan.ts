import { list, object } from "../json";
import type { JobChange } from "./changes";
import type { GroupVerdict } from "./classify";

/** How many allocations of a group Nomad would treat in which way. */
interface Desired {
  readonly Ignore: number;
  readonly Place: number;
  readonly InPlaceUpdate: number;
  readonly DestructiveUpdate: number;
  readonly Canary: number;
}

const COUNTS = ["Ignore", "Place", "InPlaceUpdate", "DestructiveUpdate", "Canary"] as const;

/**
 * Takes Nomad's word for what becomes of a job's groups.
 *
 * @param answer - of `/v1/job/:id/plan`; one that is no plan changes nothing.
 * @see https://developer.hashicorp.com/nomad/api-docs/jobs#create-job-plan
 */
export function withNomadsWord(change: JobChange, answer: unknown): JobChange {
  const annotations = object(object(answer)["Annotations"]);
  if (!("DesiredTGUpdates" in annotations)) return change;
  const desired = object(annotations["DesiredTGUpdates"]);
  const isSystem = ["system", "sysbatch"].includes(String((change.after ?? change.before)?.["Type"]));
  const has = (job: JobChange["after"], group: string) =>
    list(job?.TaskGroups).some((one) => object(one)["Name"] === group);
  return {
    ...change,
    decidedBy: "nomad",
    groups: change.groups.map((group) => {
      const isThere = { before: has(change.before, group.group), after: has(change.after, group.group) };
      const counts = desired[group.group];
      return {
        ...group,
        verdict: nomadsVerdict(isSystem, counts === undefined ? undefined : desiredOf(counts), isThere),
      };
    }),
  };
}

/** Nomad's verdict on a group in our words. */
export function nomadsVerdict(
  isSystem: boolean,
  desired: Desired | undefined,
  isThere: { readonly before: boolean; readonly after: boolean },
): GroupVerdict {
  if (desired === undefined) return "unchanged";
  if (!isThere.before) return "create";
  if (!isThere.after) return "destroy";
  if (desired.Canary > 0) return "canary";
  if (desired.DestructiveUpdate > 0) return "destructive";
  // New allocations come first, within `maxParallel`; the old ones are left for later, which those that go on are not.
  if (!isSystem && desired.Place > 0 && desired.Ignore > 0 && desired.InPlaceUpdate === 0) return "destructive";
  return desired.InPlaceUpdate > 0 ? "in-place" : "unchanged";
}

function desiredOf(counts: unknown): Desired {
  const of = object(counts);
  return Object.fromEntries(COUNTS.map((key) => [key, Number(of[key] ?? 0)])) as unknown as Desired;
}
