import { identitiesOf, tagsOf } from "../../model/identities";
import { tailnetDialect } from "../../model/names";
import type { Fleet } from "../../model/types";
import type { Problem } from "../core/problems";
import { adoptPolicy } from "./adopt/problems";
import { type AnnotatedPolicy, withOrigins } from "./fleet-policy/reasoned";
import type { PolicyOptions } from "./language/context";
import { validatePolicy } from "./language/validate";
import { ownPolicy } from "./policy";
import type { World } from "./reach/world";

/**
 * What the fleet's coordination server would refuse of a policy, and what its tests find wrong with its rules, held against one
 * machine of every identity.
 *
 * @param annotated - as `annotatedPolicy` makes it.
 * @returns problems whose paths name the rule and what in the fleet asks for it: `grants.9.dst.0 (tailnet.extraGrants[0])`,
 * or where it stands in an adopted policy: `tailnet.adopted.policy.acls.0`.
 */
export function policyProblems(fleet: Fleet, annotated: AnnotatedPolicy): Problem[] {
  const { adopted } = fleet.tailnet;
  const options = policyOptions(fleet);
  const problems =
    adopted === undefined
      ? validatePolicy(annotated.policy, options)
      : adoptPolicy(adopted, ownPolicy(fleet).policy, options).problems;
  return withOrigins(problems, annotated);
}

/** What a fleet's policies are held against: its dialect, and one machine of every identity. */
export function policyOptions(fleet: Fleet): PolicyOptions & World {
  const devices = identitiesOf(fleet).map((identity) => ({ name: identity.name, tags: tagsOf(identity) }));
  return { dialect: tailnetDialect(fleet), devices };
}
