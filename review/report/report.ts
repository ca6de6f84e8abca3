import type { Action, ResourceChange } from "../change/types";
import { examine } from "../findings/examine";
import type { Finding, Subject } from "../findings/types";
import type { GroupChange } from "../jobs/classify";
import type { Drift } from "../plan/drift";
import { type JudgedFinding, type Lifting, lifted } from "./lifting";
import { type Picture, pictureOf } from "./picture";

/** How often a stack's resources change, by kind. */
export type Counts = Readonly<Partial<Record<Action, number>>>;

/** What becomes of a stack. */
export interface StackReport {
  readonly stack: string;
  readonly status: "added" | "removed" | "changed" | "unchanged";
  readonly counts: Counts;
}

/** A change of a resource, without its values: what a person wants to see in a list. */
export type ChangeReport = Pick<
  ResourceChange,
  "stack" | "address" | "action" | "changed" | "replacedBy" | "previousAddress"
>;

/** A change of a job. */
export interface JobReport {
  readonly stack: string;
  readonly job: string;
  readonly namespace: string;
  readonly region?: string;
  readonly groups: readonly GroupChange[];
}

/** What becomes of a change, all in all. */
export type Verdict = "blocked" | "to be looked at" | "clear" | "no changes";

/** A review: what a change means. */
export interface Report {
  readonly formatVersion: "1.0";
  readonly fleet?: string;
  readonly source: Subject["source"];
  /** What was compared. Shape: commits, or names of what they were read from. */
  readonly base?: string;
  readonly head?: string;
  readonly verdict: Verdict;
  readonly stacks: readonly StackReport[];
  readonly findings: readonly JudgedFinding[];
  readonly jobs: readonly JobReport[];
  readonly changes: readonly ChangeReport[];
  /** Where plans differ from the change of the code. Absent where there is only one of them. */
  readonly drift?: readonly Drift[];
  /** Absent where the fleet is not known. */
  readonly picture?: Picture;
  /** What could not be judged, and why. One sentence each. */
  readonly notes: readonly string[];
}

/** What a report says besides its subject. */
export interface ReportSettings {
  readonly base?: string;
  readonly head?: string;
  readonly liftings?: readonly Lifting[];
  readonly drift?: readonly Drift[];
  readonly notes?: readonly string[];
}

/** Reviews a change. */
export function reportOn(subject: Subject, settings: ReportSettings = {}): Report {
  const { base, head, liftings = [], drift, notes = [] } = settings;
  const findings = lifted(examine(subject), [...liftings, ...ofCode(subject)]);
  const stacks = stackReports(subject);
  const fleet = subject.head?.fleet?.name ?? subject.base?.fleet?.name;
  const picture = pictureOf(subject, findings);
  return {
    formatVersion: "1.0",
    ...(fleet !== undefined && { fleet }),
    source: subject.source,
    ...(base !== undefined && { base }),
    ...(head !== undefined && { head }),
    verdict: verdictOf(findings, stacks),
    stacks,
    findings,
    jobs: subject.jobs.map(({ stack, id, namespace, region, groups }) => ({
      stack,
      job: id,
      namespace,
      ...(region !== undefined && { region }),
      groups,
    })),
    changes: subject.changes.map(({ stack, address, action, changed, replacedBy, previousAddress }) => ({
      stack,
      address,
      action,
      changed,
      replacedBy,
      ...(previousAddress !== undefined && { previousAddress }),
    })),
    ...(drift !== undefined && { drift }),
    ...(picture !== undefined && { picture }),
    notes,
  };
}

/** Findings that nobody has lifted and that must not be merged. */
export function blocking(findings: readonly JudgedFinding[]): readonly JudgedFinding[] {
  return findings.filter(({ severity, lifting }) => severity === "blocking" && lifting === undefined);
}

function verdictOf(findings: readonly JudgedFinding[], stacks: readonly StackReport[]): Verdict {
  if (blocking(findings).length > 0) return "blocked";
  if (findings.some(({ severity }: Finding) => severity !== "notice")) return "to be looked at";
  return stacks.every(({ status }) => status === "unchanged") ? "no changes" : "clear";
}

function ofCode({ head }: Subject): readonly Lifting[] {
  return (head?.fleet?.review?.accepted ?? []).map((accepted) => ({ ...accepted, by: "code" }));
}

function stackReports({ stacks, changes }: Subject): readonly StackReport[] {
  const byStack = new Map<string, Partial<Record<Action, number>>>();
  for (const { stack, action } of changes) {
    const counts = byStack.get(stack) ?? {};
    counts[action] = (counts[action] ?? 0) + 1;
    byStack.set(stack, counts);
  }
  const pairs = new Map(stacks.map((pair) => [pair.name, pair]));
  return [...new Set([...pairs.keys(), ...byStack.keys()])].map((stack) => {
    const pair = pairs.get(stack);
    const counts = byStack.get(stack) ?? {};
    const status =
      pair !== undefined && pair.before === undefined && pair.after !== undefined && pairs.size > 0
        ? "added"
        : pair !== undefined && pair.after === undefined
          ? "removed"
          : Object.keys(counts).length > 0
            ? "changed"
            : "unchanged";
    return { stack, status, counts };
  });
}
