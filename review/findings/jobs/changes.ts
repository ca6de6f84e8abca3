import type { Finding, Severity, Subject } from "../types";
import { isEqual, text } from "../../json";
import type { JobChange } from "../../jobs/changes";
import type { GroupChange, GroupVerdict } from "../../jobs/classify";
import { named, short, some } from "../words";
import { type Differences, differencesOf } from "./differences";
import { replacementOf } from "./replaced";

/** What a change of a job does to what runs: one finding for the job, and one for the images that it runs from then on. */
export function examineJobChanges({ jobs }: Subject): readonly Finding[] {
  return jobs.flatMap((change) => {
    const differences =
      change.before === undefined || change.after === undefined
        ? { parts: [], images: [] }
        : differencesOf(change.before, change.after);
    return [...changeOf(change, differences), ...imagesOf(change, differences)];
  });
}

type Told = Pick<Finding, "id" | "severity" | "about" | "reason" | "fix">;

function finding({ stack, address }: JobChange, told: Told): Finding {
  return { stack, resource: address, ...told };
}

function changeOf(change: JobChange, differences: Differences): readonly Finding[] {
  const { id, before, after, groups } = change;
  if (before === undefined) return [created(change)];
  if (after === undefined) return [removed(change)];
  const refused = refusedBy(change);
  if (refused !== undefined) return [refused];
  if (before.ID !== after.ID || (before["Namespace"] ?? "default") !== (after["Namespace"] ?? "default"))
    return [identityChanged(change)];
  if (groups.every(({ verdict }) => verdict === "unchanged")) return [];
  const told = ofGroups(change);
  const why = differences.parts.length === 0 ? "" : ` (${some(differences.parts)})`;
  return [finding(change, { ...told, about: `job ${short(id)}`, reason: `${told.reason}${why}` })];
}

function created(change: JobChange): Finding {
  const { id, namespace, groups } = change;
  const counts = groups.map(({ group, count }) => `${short(group)} × ${count.after}`);
  return finding(change, {
    id: "jobs/created",
    severity: "notice",
    reason: `is a new job: ${short(id)} in namespace ${short(namespace)}, ${some(counts)}`,
    fix: "nothing, if it is meant",
  });
}

function removed(change: JobChange): Finding {
  const running = change.groups.filter(({ count }) => count.before > 0).map(({ group }) => short(group));
  const what = running.length === 0 ? "" : ` and stops ${named("group", running)}`;
  return finding(change, {
    id: "jobs/removed",
    severity: "warning",
    reason: `removes job ${short(change.id)}${what}`,
    fix: "make sure that nobody calls it any more",
  });
}

/** What Nomad does not allow of a job that is there. */
function refusedBy(change: JobChange): Finding | undefined {
  const { before, after, id } = change;
  const typeOf = (job: JobChange["before"]) => text(job?.["Type"]) ?? "service";
  const has = (job: JobChange["before"], key: string) => job?.[key] !== undefined && job[key] !== null;
  const kinds = [
    ...(typeOf(before) === typeOf(after) ? [] : [`from type ${short(typeOf(before))} to ${short(typeOf(after))}`]),
    ...["Periodic", "ParameterizedJob"]
      .filter((key) => has(before, key) !== has(after, key))
      .map((key) => `${has(after, key) ? "to" : "from"} ${key === "Periodic" ? "periodic" : "parameterized"}`),
  ];
  if (kinds.length === 0 || before?.ID !== after?.ID) return undefined;
  return finding(change, {
    id: "jobs/refused",
    severity: "blocking",
    reason: `changes job ${short(id)} ${some(kinds)}, which Nomad refuses of a job that is there`,
    fix: "give the job another id, or remove it in a change of its own first",
  });
}

function identityChanged(change: JobChange): Finding {
  const { before, after } = change;
  const name = (job: JobChange["before"]) =>
    `${short(job?.ID ?? "")} in namespace ${short(text(job?.["Namespace"]) ?? "default")}`;
  return finding(change, {
    id: "jobs/removed",
    severity: "warning",
    reason: `removes job ${name(before)} and registers ${name(after)}: to Nomad it is another job`,
    fix: "keep id and namespace, or expect that nothing of it runs in between and that its history ends",
  });
}

/** The worst of what happens to groups, told for all of them. */
function ofGroups(change: JobChange): Told {
  const of = (...verdicts: GroupVerdict[]) => change.groups.filter(({ verdict }) => verdicts.includes(verdict));
  if (isForNextRuns(change))
    return {
      id: "jobs/in-place",
      severity: "notice",
      reason: "is changed for its next runs; those that run go on",
      fix: "nothing, if it is meant",
    };
  const [gone, replaced, first] = [of("destroy"), of("destructive"), of("canary")];
  const sentences = [
    ...(gone.length === 0 ? [] : [`loses ${groupNames(gone)}`]),
    ...stopped(change).map((group) => `stops ${groupNames([group])} (count ${group.count.before} → 0)`),
    ...replaced.filter(isRunning).map((group) => {
      return `stops and starts ${replacementOf(change, group).how}, in ${groupNames([group])}`;
    }),
    ...(first.length === 0 ? [] : [`starts canaries of ${groupNames(first)} first`]),
    ...(of("create").length === 0 ? [] : [`gets ${groupNames(of("create"))}`]),
    ...inPlace(of("in-place").filter(isRunning)),
  ];
  const abrupt = replaced.filter(isRunning).some((group) => replacementOf(change, group).isAbrupt);
  const base = { reason: sentences.length === 0 ? "is changed; nothing of it runs" : sentences.join("; ") };
  if (gone.length > 0 || stopped(change).length > 0)
    return { ...base, id: "jobs/removed", severity: "warning", fix: "make sure that nobody needs what stops" };
  if (replaced.length > 0) {
    const severity: Severity = abrupt ? "warning" : "notice";
    const fix = abrupt
      ? "expect the gap, or give the job an update strategy with canaries and more than one allocation"
      : "watch the deployment";
    return { ...base, id: "jobs/destructive", severity, fix };
  }
  if (first.length > 0)
    return { ...base, id: "jobs/canary", severity: "notice", fix: "look at the canaries, then promote them" };
  if (change.groups.some(isMuchFewer))
    return {
      ...base,
      id: "jobs/scaled-down",
      severity: "warning",
      fix: "make sure that what stays can carry the load, and that one may fail",
    };
  return { ...base, id: "jobs/in-place", severity: "notice", fix: "nothing, if it is meant" };
}

/** Half of the allocations or fewer are left, or a single one. */
function isMuchFewer({ count, verdict }: GroupChange): boolean {
  const { before, after } = count;
  return verdict === "in-place" && after > 0 && after < before && (after === 1 || after * 2 <= before);
}

function inPlace(groups: readonly GroupChange[]): readonly string[] {
  if (groups.length === 0) return [];
  const scaled = groups.filter(({ count }) => count.before !== count.after);
  const counts = scaled.map(({ group, count }) => `${short(group)} ${count.before} → ${count.after}`);
  return [scaled.length === 0 ? `changes ${groupNames(groups)} in place` : `scales ${some(counts)}; what runs goes on`];
}

/** Groups of which nothing is left running. */
function stopped({ groups }: JobChange): readonly GroupChange[] {
  return groups.filter(({ verdict, count }) => verdict !== "destroy" && count.before > 0 && count.after === 0);
}

function isRunning({ count }: GroupChange): boolean {
  return count.after > 0;
}

function groupNames(groups: readonly GroupChange[]): string {
  return named(
    "group",
    groups.map(({ group }) => short(group)),
  );
}

/** A periodic or parameterized job runs nothing itself: what it has started keeps the version that it was started with. */
function isForNextRuns({ after }: JobChange): boolean {
  return [after?.["Periodic"], after?.["ParameterizedJob"]].some((block) => block !== undefined && block !== null);
}

function imagesOf(change: JobChange, { images }: Differences): readonly Finding[] {
  if (images.length === 0 || isEqual(change.before, change.after)) return [];
  return [
    finding(change, {
      id: "jobs/image-changed",
      severity: "notice",
      about: `job ${short(change.id)}`,
      reason: `runs another image: ${some(images)}`,
      fix: "make sure that the image is in the registry and is the one that was tested",
    }),
  ];
}
