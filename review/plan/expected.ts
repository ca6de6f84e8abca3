import type { Problem } from "../../constructs/core/problems";
import { isEqual, type Json, object } from "../json";
import { differences, type NormalizedChange, type NormalizedPlan } from "./normalize";
import type { PlannedStack } from "./plans-index";

/** A plan that was reviewed, or is made now. */
export interface ComparedPlan extends Pick<PlannedStack, "stack" | "status" | "normalized"> {
  /** Absent where only the index is at hand. */
  readonly plan?: NormalizedPlan;
}

/** How much of two values is shown, characters. */
const SHOWN = 60;

/**
 * Where plans are not those that were reviewed.
 *
 * @param isWhole - false where only some stacks were planned again; the others are not looked at.
 */
export function unexpected(
  reviewed: readonly ComparedPlan[],
  now: readonly ComparedPlan[],
  isWhole: boolean,
): readonly Problem[] {
  const was = new Map(reviewed.map((plan) => [plan.stack, plan]));
  const is = new Map(now.map((plan) => [plan.stack, plan]));
  const gone = isWhole ? reviewed.filter(({ stack, status }) => !is.has(stack) && status !== "unchanged") : [];
  return [
    ...now.flatMap((plan) => unexpectedIn(was.get(plan.stack), plan)),
    ...gone.map(({ stack }) => ({ path: stack, rule: "was reviewed, and has no plan now" })),
  ];
}

function unexpectedIn(was: ComparedPlan | undefined, now: ComparedPlan): readonly Problem[] {
  const path = now.stack;
  if (was === undefined)
    return now.status === "unchanged" ? [] : [{ path, rule: `was not reviewed, and is ${now.status} now` }];
  if (was.normalized !== now.normalized || was.normalized === undefined) {
    if (was.plan === undefined || now.plan === undefined) {
      if (was.status === now.status && was.normalized === now.normalized) return [];
      const same =
        was.status === now.status
          ? "another plan than the reviewed one"
          : `${now.status}, and was reviewed as ${was.status}`;
      return [{ path, rule: `is ${same}` }];
    }
    return differences(was.plan, now.plan).map(({ address, reviewed, now: recent }) => ({
      path: `${path}: ${address}`,
      rule:
        reviewed === undefined
          ? `was not reviewed, and would be: ${said(recent)}`
          : recent === undefined
            ? `was reviewed (${said(reviewed)}), and is not planned now`
            : `is not as reviewed: ${between(reviewed, recent).join("; ")}`,
    }));
  }
  return [];
}

function said(change: NormalizedChange | undefined): string {
  return (change?.actions ?? []).join(" and ");
}

function between(was: NormalizedChange, is: NormalizedChange): readonly string[] {
  const plain = (["actions", "replacedBy", "id", "imported", "previousAddress"] as const).filter(
    (key) => !isEqual(was[key], is[key]),
  );
  return [
    ...plain.map((key) => `${key} ${both(was[key], is[key])}`),
    ...attributes("before", was.before, is.before),
    ...attributes("after", was.after, is.after),
  ];
}

function attributes(side: string, was: Json | undefined, is: Json | undefined): readonly string[] {
  const [old, now] = [object(was), object(is)];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])]
    .filter((key) => !isEqual(old[key], now[key]))
    .map((key) => `${side} ${key} ${both(old[key], now[key])}`);
}

/** Both values, from a little before the place where they part. */
function both(was: unknown, is: unknown): string {
  const [old, now] = [was, is].map((value) => (value === undefined ? "unset" : JSON.stringify(value)));
  const [left, right] = [old ?? "", now ?? ""];
  let at = 0;
  while (at < left.length && left[at] === right[at]) at += 1;
  const from = left.length <= SHOWN && right.length <= SHOWN ? 0 : Math.max(0, at - SHOWN / 3);
  const part = (text: string) =>
    `${from > 0 ? "…" : ""}${text.slice(from, from + SHOWN)}${text.length > from + SHOWN ? "…" : ""}`;
  return `${part(left)} → ${part(right)}`;
}
