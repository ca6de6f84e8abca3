import { identitiesOf, tagsOf } from "../../model/identities";
import { tailnetDialect } from "../../model/names";
import type { Fleet } from "../../model/types";
import type { Problem } from "../core/problems";
import { adoptPolicy } from "./adopt/problems";
import { annotated, type AnnotatedPolicy, withOrigins } from "./fleet-policy/reasoned";
import { validatePolicy } from "./language/validate";
import { reasonedPolicy } from "./policy";

/**
 * What the fleet's coordination server would refuse of a policy, and what its tests find wrong with its rules, held against one
 * machine of every identity.
 *
 * @param policy - as `annotatedPolicy` makes it.
 * @returns problems whose paths name the rule and what in the fleet asks for it: `grants.9.dst.0 (tailnet.extraGrants[0])`.
 * Next to an adopted policy a path is that of the adopted one, for what comes from there.
 */
export function policyProblems(fleet: Fleet, policy: AnnotatedPolicy): Problem[] {
  const devices = identitiesOf(fleet).map((identity) => ({ tags: tagsOf(identity) }));
  const options = { dialect: tailnetDialect(fleet), devices };
  const { adopted } = fleet.tailnet;
  if (adopted === undefined) return withOrigins(validatePolicy(policy.policy, options), policy);
  return [...adoptPolicy(adopted, annotated(reasonedPolicy(fleet)).policy, options).problems];
}
