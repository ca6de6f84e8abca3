import type { AdoptedPolicy } from "../../../model/tailnet-types";
import { mergePolicies } from "../adopt/merge";
import type { AnnotatedPolicy, Reasoned, TailnetPolicy } from "./reasoned";

/** The fleet's policy next to the one that was there before; old rules keep their place, and say where they come from. */
export function withAdopted(own: AnnotatedPolicy, adopted: AdoptedPolicy): AnnotatedPolicy {
  const { policy } = mergePolicies(adopted, own.policy);
  const ours = reasonsByRule(own);
  const reasons = new Map<string, Reasoned<unknown>>();
  for (const [section, rules] of Object.entries(policy))
    for (const [name, rule] of Object.entries((rules ?? {}) as Readonly<Record<string, unknown>>)) {
      const path = `${section}.${name}`;
      if (path === "autoApprovers.routes") {
        for (const route of Object.keys(rule as object)) {
          const found = own.reasons.get(`${path}.${route}`);
          if (found !== undefined) reasons.set(`${path}.${route}`, found);
        }
        continue;
      }
      const found = Array.isArray(rules) ? ours.get(rule) : own.reasons.get(path);
      reasons.set(path, found ?? { rule, reason: "kept of the policy before the fleet", from: "tailnet.adopted" });
    }
  return { policy: policy as TailnetPolicy, reasons };
}

/** Reasons of rules in lists; the merge leaves the rules of the fleet as they are, at other places. */
function reasonsByRule({ policy, reasons }: AnnotatedPolicy): ReadonlyMap<unknown, Reasoned<unknown>> {
  const found = new Map<unknown, Reasoned<unknown>>();
  for (const [section, rules] of Object.entries(policy))
    if (Array.isArray(rules))
      rules.forEach((rule: unknown, index) => {
        const reason = reasons.get(`${section}.${index}`);
        if (reason !== undefined) found.set(rule, reason);
      });
  return found;
}
