import { ALL_PORTS, DEFAULT_PROTOCOLS, type Opening, portsText, protocolName } from "../language/ports";
import type { CompiledPolicy, Rule } from "./compile";
import { conditionsOf } from "./doubts";

/** A rule that cannot be evaluated, in one policy and not, or not so, in the other. */
export interface UnevaluatedRule {
  readonly policy: "before" | "after";
  /** Shape: `grants.3`. */
  readonly path: string;
  /** Shape: `tag:a to tag:b tcp:22`. */
  readonly rule: string;
  readonly reason: string;
}

/** Rules of two policies that cannot be evaluated, without those that are the same in both. */
export function unevaluated(before: CompiledPolicy, after: CompiledPolicy): UnevaluatedRule[] {
  const [old, now] = [rulesOf(before, "before"), rulesOf(after, "after")];
  const only = (these: ReadonlyMap<string, UnevaluatedRule>, those: ReadonlyMap<string, UnevaluatedRule>) =>
    [...these].flatMap(([key, rule]) => (those.has(key) ? [] : [rule]));
  return [...only(old, now), ...only(now, old)];
}

function rulesOf(compiled: CompiledPolicy, policy: UnevaluatedRule["policy"]): Map<string, UnevaluatedRule> {
  const rules = new Map<string, UnevaluatedRule>();
  for (const rule of compiled.rules) {
    const aliases = [...rule.src, ...rule.dst];
    const reasons = [
      ...conditionsOf(rule),
      ...(rule.via.length > 0 ? [`opens it only through ${rule.via.join(" or ")}`] : []),
      ...aliases.flatMap(({ isOpen, doubt }) => (isOpen && doubt !== undefined ? [doubt] : [])),
    ];
    if (reasons.length === 0) continue;
    const reason = [...new Set(reasons)].join("; ");
    const text = ruleText(rule);
    const definitions = rule.postures.map((name) => compiled.policy.postures?.[name]);
    rules.set(JSON.stringify([text, reason, rule.app, definitions]), { policy, path: rule.path, rule: text, reason });
  }
  return rules;
}

function ruleText({ src, dst, openings }: Rule): string {
  const names = (aliases: Rule["src"]) => aliases.map(({ text }) => text).join(", ");
  const ports = openings.map(openingText).join(" ");
  return `${names(src)} to ${names(dst)}${ports === "" ? "" : ` ${ports}`}`;
}

function openingText({ protocols, ports }: Opening): string {
  if (protocols === DEFAULT_PROTOCOLS) return ports === ALL_PORTS ? "*" : portsText(ports);
  return `${protocols.map(protocolName).join(",")}:${portsText(ports)}`;
}
