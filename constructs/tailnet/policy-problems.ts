import { identitiesOf, tagsOf } from "../../model/identities";
import { tailnetDialect } from "../../model/names";
import type { Fleet } from "../../model/types";
import type { Problem } from "../core/problems";
import { type AnnotatedPolicy, withOrigins } from "./fleet-policy/reasoned";
import { validatePolicy } from "./language/validate";

/**
 * What the fleet's coordination server would refuse of a policy, and what its tests find wrong with its rules, held against one
 * machine of every identity.
 *
 * @returns problems whose paths name the rule and what in the fleet asks for it: `grants.9.dst.0 (tailnet.extraGrants[0])`.
 */
export function policyProblems(fleet: Fleet, annotated: AnnotatedPolicy): Problem[] {
  const devices = identitiesOf(fleet).map((identity) => ({ tags: tagsOf(identity) }));
  const problems = validatePolicy(annotated.policy, { dialect: tailnetDialect(fleet), devices });
  return withOrigins(problems, annotated);
}
