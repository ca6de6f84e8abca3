import type { Problem } from "../../core/problems";
import type { Allowance, Job } from "../job";
import { lintOf, lints } from "./catalogue";

/** A rule that a job breaks on purpose, and what it keeps silent. */
export interface AllowanceInForce {
  readonly rule: string;
  /** Prefix of the problems' paths; empty for the whole job. */
  readonly path: string;
  readonly reason: string;
  readonly problems: readonly Problem[];
}

/** A job's problems after its allowances, and the allowances that keep something silent. */
export interface CheckedJob {
  readonly problems: readonly Problem[];
  readonly allowances: readonly AllowanceInForce[];
}

/**
 * Takes from a job's problems those that it allows, and adds what is wrong with the allowances themselves.
 *
 * @param hasFleet - whether the problems are all that there are: without a fleet an allowance of a rule that needs one is not
 * called stale.
 */
export function settle(job: Job, found: readonly Problem[], hasFleet: boolean): CheckedJob {
  const { allow = [] } = job;
  if (allow.length === 0) return { problems: found, allowances: [] };
  const mistakes = allow.map((allowance, index) => mistakesOf(allowance, `allow.${index}`));
  const silenced = allow.map((): Problem[] => []);
  const rest: Problem[] = [];
  for (const problem of found) {
    const by = allow.findIndex((allowance, index) => mistakes[index]?.length === 0 && covers(allowance, problem));
    if (by === -1) rest.push(problem);
    else silenced[by]?.push(problem);
  }
  const allowances: AllowanceInForce[] = [];
  allow.forEach(({ rule, reason, path = "" }, index) => {
    rest.push(...(mistakes[index] ?? []));
    const problems = silenced[index] ?? [];
    if (problems.length > 0) allowances.push({ rule, path, reason, problems });
    else if (mistakes[index]?.length === 0 && (hasFleet || lintOf(rule)?.needs !== "fleet")) {
      rest.push({
        path: `allow.${index}`,
        rule: "allows nothing: the job keeps this rule there",
        got: rule,
        fix: "remove the allowance",
        severity: "warning",
      });
    }
  });
  return { problems: rest, allowances };
}

function mistakesOf({ rule, reason }: Allowance, at: string): Problem[] {
  const lint = lintOf(rule);
  const mistakes: Problem[] = [];
  if (lint === undefined) {
    mistakes.push({
      path: `${at}.rule`,
      rule: "must be a rule of docs/rules.md; what has no name in brackets, Nomad itself refuses, and nothing allows it",
      got: rule,
      ...nearest(rule),
    });
  } else if (lint.enforced === true) {
    mistakes.push({
      path: `${at}.rule`,
      rule: "cannot be allowed: Nomad itself enforces it",
      got: rule,
      fix: "remove the allowance, and what the rule names",
    });
  }
  if (reason.trim() === "") {
    mistakes.push({
      path: `${at}.reason`,
      rule: "must say why",
      got: reason,
      fix: "write one sentence for the reviewer",
    });
  }
  return mistakes;
}

function covers({ rule, path }: Allowance, problem: Problem): boolean {
  if (problem.name !== rule) return false;
  return path === undefined || path === "" || problem.path === path || problem.path.startsWith(`${path}.`);
}

/** The name that was probably meant: `raw_exec` for `raw-exec`, or one that holds it. */
function nearest(rule: string): { readonly fix?: string } {
  const wanted = rule.toLowerCase().replace(/[\s_]/g, "-");
  const found = Object.keys(lints).find(
    (name) => name === wanted || (wanted.length > 2 && (name.includes(wanted) || wanted.includes(name))),
  );
  return found === undefined ? {} : { fix: `did you mean ${found}?` };
}
