import { tailnetDialect } from "../../../model/names";
import type { Fleet } from "../../../model/types";

/**
 * Whether tests may ask for a subject as their source.
 *
 * Tailscale tests people and groups that the policy lists, and knows no members of roles or of an identity provider's groups
 * there. headscale tests machines that have joined: people need not have one, so it is asked about tags alone.
 */
export function isTestable(fleet: Fleet, subject: string): boolean {
  if (subject.startsWith("tag:")) return true;
  if (tailnetDialect(fleet) === "headscale") return false;
  if (subject.startsWith("group:")) return (fleet.tailnet.groups?.[subject as `group:${string}`] ?? []).length > 0;
  return subject.includes("@") && !subject.includes(":");
}
