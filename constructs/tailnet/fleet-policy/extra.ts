import type { Fleet } from "../../../model/types";
import type { GrantRule } from "../language/policy-file";
import type { Reasoned } from "./reasoned";

/** Ways that the fleet's data cannot say, as the fleet writes them. */
export function extraGrants(fleet: Fleet): Reasoned<GrantRule>[] {
  return (fleet.tailnet.extraGrants ?? []).map(({ reason, src, dst, ip }, index) => ({
    rule: { src, dst, ip },
    reason: `extra grant: ${reason.trim().replace(/\.$/, "")}`,
    from: `tailnet.extraGrants[${index}]`,
  }));
}
