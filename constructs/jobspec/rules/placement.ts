import { parseSize } from "../size";
import type { JobType } from "../job";
import type { Affinity, Constraint, DeviceAffinity, DeviceConstraint, Spread } from "../placement";
import { attributeTrouble } from "./attributes";
import { isVersionConstraint, regexpTrouble } from "./expressions";
import { isKnown, isLiteral, type Report } from "./report";

const sets = ["set_contains", "set_contains_all", "set_contains_any"];
const comparisons = ["=", "!=", ">", ">=", "<", "<="];
const presence = ["is_set", "is_not_set"];
const affinityOperators = [...comparisons, "regexp", ...sets, "version", "semver"];
const constraintOperators = [...affinityOperators, ...presence, "distinct_hosts", "distinct_property"];

interface Placed {
  readonly constraints?: readonly (Constraint | DeviceConstraint)[];
  readonly affinities?: readonly (Affinity | DeviceAffinity)[];
  readonly spreads?: readonly Spread[];
}

type Level = "job" | "group" | "task" | "device";

/** What constraints and affinities have, whatever their kind. */
interface Rule {
  readonly attribute?: string;
  readonly operator?: string;
  readonly value?: string;
}

/** Constraints, affinities and spreads of a job, a group, a task or a device. */
export function placementRules(report: Report, path: string, placed: Placed, type: JobType, level: Level): void {
  placed.constraints?.forEach((constraint, index) => {
    constraintRule(report, `${path}constraints.${index}`, constraint, level);
  });
  const isSystem = type === "system";
  if (isSystem && level !== "device" && (placed.affinities?.length ?? 0) > 0) {
    report.error(`${path}affinities`, "must not be set on a system job", undefined, "use a constraint");
  } else {
    placed.affinities?.forEach((affinity, index) => {
      affinityRule(report, `${path}affinities.${index}`, affinity, level);
    });
  }
  if (isSystem && (placed.spreads?.length ?? 0) > 0) {
    report.error(`${path}spreads`, "must not be set on a system job", undefined, "remove it: it runs on every node");
  } else {
    placed.spreads?.forEach((spread, index) => spreadRule(report, `${path}spreads.${index}`, spread));
  }
}

function constraintRule(report: Report, path: string, constraint: Rule, level: Level): void {
  const { operator = "=", attribute = "", value = "" } = constraint;
  report.oneOf(`${path}.operator`, operator, constraintOperators);
  if ((level === "task" || level === "device") && operator.startsWith("distinct_")) {
    report.error(`${path}.operator`, `must not be used on a ${level}`, operator, "move it to the group");
  }
  if (operator === "distinct_hosts") {
    if (isKnown(value) && !["", "true", "false"].includes(value)) {
      report.lint("unknown-value", `${path}.value`, "must be true or false", value, "remove it: true is the default");
    }
    return;
  }
  if (attribute === "") {
    const fix = "name an attribute, such as ${node.class}";
    report.error(`${path}.attribute`, `is needed by ${operator}`, undefined, fix);
  } else {
    attributeRule(report, `${path}.attribute`, attribute, true);
  }
  if (presence.includes(operator)) {
    if (value !== "") report.error(`${path}.value`, `must not be set with ${operator}`, value, "remove it");
  } else if (operator === "distinct_property") {
    if (value !== "" && isKnown(value) && (!/^\d+$/.test(value) || Number(value) < 1)) {
      report.error(`${path}.value`, "must be a whole number of at least 1", value);
    }
  } else {
    valueRules(report, path, constraint);
  }
}

function affinityRule(report: Report, path: string, affinity: Affinity | DeviceAffinity, level: Level): void {
  const { operator = "=", weight } = affinity;
  report.oneOf(`${path}.operator`, operator, affinityOperators);
  report.wholeNumber(`${path}.weight`, weight, -100, 100);
  if (weight === 0) report.error(`${path}.weight`, "must not be 0", 0, "remove the affinity");
  if ((affinity.attribute as string) === "") {
    const example = level === "device" ? "${device.model}" : "${node.class}";
    report.error(`${path}.attribute`, `is needed by ${operator}`, undefined, `name an attribute, such as ${example}`);
  } else {
    attributeRule(report, `${path}.attribute`, affinity.attribute, false);
  }
  valueRules(report, path, affinity);
}

/** Attributes that Nomad does not resolve; in constraints it refuses the roots that it does not know. */
function attributeRule(report: Report, path: string, attribute: string, isConstraint: boolean): void {
  const trouble = attributeTrouble(attribute);
  if (trouble === undefined) return;
  if (trouble.isRefused && isConstraint) report.error(path, trouble.rule, attribute, trouble.fix);
  else report.lint("unknown-attribute", path, trouble.rule, attribute, trouble.fix);
}

/** Right sides of comparisons, by operator. */
function valueRules(report: Report, path: string, { operator = "=", value = "" }: Rule): void {
  const at = `${path}.value`;
  if (operator === "regexp") {
    const trouble = isKnown(value) ? regexpTrouble(value) : undefined;
    if (trouble === "broken") {
      const fix = 'write ".*" for anything, and \\ before special characters';
      report.error(at, "must be a regular expression", value, fix);
    } else if (trouble === "beyond go") {
      const rule = "must be a regular expression of Go: without lookaround and backreferences";
      report.error(at, rule, value, "use several constraints, or operator != beside it");
    }
    return;
  }
  if (operator === "version" || operator === "semver") {
    if (isKnown(value) && !isVersionConstraint(value, operator)) {
      const others =
        operator === "semver" && value.includes("~>") ? "use operator version for ~>" : 'write ">= 1.2, < 2"';
      report.error(at, "must be a list of version constraints", value, others);
    }
    return;
  }
  if (value === "" && (comparisons.includes(operator) || sets.includes(operator))) {
    report.error(at, `is needed by ${operator}`, undefined, "add a value");
  }
  comparisonLints(report, path, operator, value);
}

function comparisonLints(report: Report, path: string, operator: string, value: string): void {
  if (operator === "set_contains" && value.includes(",")) {
    report.lint(
      "set-contains",
      `${path}.operator`,
      "wants all of the listed members at once",
      value,
      "write set_contains_any for one of them, or set_contains_all if all are meant",
    );
  }
  if (!/^[<>]/.test(operator) || value === "" || !isLiteral(value)) return;
  if (!Number.isNaN(Number(value)) || parseSize(value) !== undefined || /^[\d.]+ ?[A-Za-z]+$/.test(value)) return;
  const fix = /^v?\d+(\.\d+)+/.test(value) ? "use operator version" : "compare with a number, or use regexp";
  report.lint("text-comparison", `${path}.operator`, "compares as text here", value, fix);
}

function spreadRule(report: Report, path: string, spread: Spread): void {
  if ((spread.attribute as string) === "") {
    report.error(`${path}.attribute`, "must not be empty", undefined, "name an attribute, such as ${node.datacenter}");
  } else {
    attributeRule(report, `${path}.attribute`, spread.attribute, false);
  }
  report.wholeNumber(`${path}.weight`, spread.weight, 1, 100);
  const percents = Object.entries(spread.targets ?? {});
  for (const [value, percent] of percents) report.wholeNumber(`${path}.targets.${value}`, percent, 0, 100);
  const sum = percents.reduce((total, [, percent]) => total + percent, 0);
  if (sum > 100) report.error(`${path}.targets`, "must sum up to at most 100", sum, "lower them");
}
