import type { Group } from "../group";
import { isKnownNumber, type Report } from "./report";

/** Bounds of a group's count. */
export function scalingRules(report: Report, path: string, { scaling, count }: Group): void {
  if (scaling === undefined) return;
  report.wholeNumber(`${path}.min`, scaling.min, 0);
  report.wholeNumber(`${path}.max`, scaling.max, 0);
  const wanted = count ?? scaling.min ?? 1;
  const { min = wanted, max } = scaling;
  if (![wanted, min, max].every(isKnownNumber)) return;
  if (max < 0) return;
  if (max < min) report.error(`${path}.max`, `must be at least min (${min})`, max, "raise max");
  else if (max < wanted) report.error(`${path}.max`, `must be at least count (${wanted})`, max, "raise max");
  if (wanted < min) report.error(`${path}.min`, `must be at most count (${wanted})`, min, "lower min, or raise count");
  for (const [name, check] of Object.entries(scaling.policy?.checks ?? {})) {
    const at = `${path}.policy.checks.${name}`;
    report.sensibleDuration(`${at}.queryWindow`, check.queryWindow);
    report.sensibleDuration(`${at}.queryWindowOffset`, check.queryWindowOffset);
    const strategies = Object.keys(check.strategy);
    if (strategies.length === 1) continue;
    report.lint("unknown-value", `${at}.strategy`, "must be exactly one", strategies, "name one strategy");
  }
  report.sensibleDuration(`${path}.policy.cooldown`, scaling.policy?.cooldown);
  report.sensibleDuration(`${path}.policy.evaluationInterval`, scaling.policy?.evaluationInterval);
}
