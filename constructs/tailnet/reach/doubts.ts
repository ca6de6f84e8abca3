import type { CompiledPolicy, Rule } from "./compile";
import { doubtOf, matchAlias, MAYBE } from "./match";
import type { Point } from "./world";

/** Why a rule cannot be evaluated between two points. */
export function doubtsOf(compiled: CompiledPolicy, rule: Rule, source: Point, target: Point): string[] {
  const uncertain = (side: "src" | "dst", point: Point) =>
    rule[side]
      .filter((alias) => matchAlias(alias, point, compiled.known) === MAYBE)
      .map((alias) => doubtOf(alias, point));
  const reasons = [
    ...conditionsOf(rule),
    ...uncertain("src", source),
    ...(rule.isSelf ? [] : uncertain("dst", target)),
  ];
  if (reasons.length > 0) return [...new Set(reasons)];
  if (rule.isSelf) return [`nothing says whether ${source.text} and ${target.text} belong to one user`];
  return [`opens it at most through ${rule.via.join(" or ")}, and nothing says what that means for ${target.text}`];
}

/** What a rule asks for, or leaves out, beside its names. */
export function conditionsOf(rule: Rule): string[] {
  return [
    ...(rule.doubt === undefined ? [] : [rule.doubt]),
    ...(rule.postures.length > 0 ? [`holds only where ${rule.postures.join(" or ")} holds`] : []),
    ...(rule.openings.length === 0 && rule.app !== undefined
      ? [`gives ${Object.keys(rule.app).join(", ")} and opens no ports`]
      : []),
  ];
}
