import type { JobType } from "../job";
import type { Affinity, Constraint, DeviceAffinity, DeviceConstraint, Spread } from "../placement";
import type { Report } from "./report";

const needsValue = new Set<string>(["=", "!=", ">", ">=", "<", "<=", "regexp", "version", "semver"]);

interface Placed {
  readonly constraints?: readonly (Constraint | DeviceConstraint)[];
  readonly affinities?: readonly (Affinity | DeviceAffinity)[];
  readonly spreads?: readonly Spread[];
}

/** Constraints, affinities and spreads of a job, a group, a task or a device. */
export function placementRules(
  report: Report,
  path: string,
  placed: Placed,
  type: JobType,
  level: "job" | "group" | "task" | "device",
): void {
  placed.constraints?.forEach((constraint, index) => {
    constraintRule(report, `${path}constraints.${index}`, constraint, level);
  });
  placed.affinities?.forEach((affinity, index) => {
    const at = `${path}affinities.${index}`;
    report.wholeNumber(`${at}.weight`, affinity.weight, -100, 100);
    if (affinity.weight === 0) report.error(`${at}.weight`, "must not be 0", 0, "remove the affinity");
    setContains(report, at, affinity);
  });
  if (type === "system" && level !== "device" && (placed.affinities?.length ?? 0) > 0) {
    report.error(`${path}affinities`, "must not be set on a system job", undefined, "use a constraint");
  }
  if (type === "system" && (placed.spreads?.length ?? 0) > 0) {
    report.error(`${path}spreads`, "must not be set on a system job", undefined, "remove it: it runs on every node");
  }
  placed.spreads?.forEach((spread, index) => {
    const at = `${path}spreads.${index}`;
    report.wholeNumber(`${at}.weight`, spread.weight, 1, 100);
    const percents = Object.entries(spread.targets ?? {});
    for (const [value, percent] of percents) report.wholeNumber(`${at}.targets.${value}`, percent, 0, 100);
    const sum = percents.reduce((total, [, percent]) => total + percent, 0);
    if (sum > 100) report.error(`${at}.targets`, "must sum up to at most 100", sum, "lower them");
  });
}

function constraintRule(report: Report, path: string, constraint: Constraint | DeviceConstraint, level: string): void {
  const operator = constraint.operator ?? "=";
  if ((level === "task" || level === "device") && operator.startsWith("distinct_")) {
    report.error(`${path}.operator`, `must not be used on a ${level}`, operator, "move it to the group");
  }
  if (operator !== "distinct_hosts" && (constraint.attribute ?? "") === "") {
    report.error(
      `${path}.attribute`,
      `is needed by ${operator}`,
      undefined,
      "name an attribute, such as ${node.class}",
    );
  }
  if (needsValue.has(operator) && constraint.value === undefined) {
    report.error(`${path}.value`, `is needed by ${operator}`, undefined, "add a value");
  }
  if (operator === "regexp" && constraint.value !== undefined && constraint.value === "*") {
    report.error(`${path}.value`, "must be a regular expression", constraint.value, 'write ".*"');
  }
  setContains(report, path, constraint);
}

/** `set_contains` wants every listed member; a list of alternatives can never match a single value. */
function setContains(
  report: Report,
  path: string,
  rule: Constraint | DeviceConstraint | Affinity | DeviceAffinity,
): void {
  if (rule.operator !== "set_contains" || !rule.value.includes(",")) return;
  report.error(
    `${path}.operator`,
    "wants all of the listed members at once",
    rule.value,
    "write set_contains_any for one of them, or set_contains_all if all are meant",
  );
}
