import { parseTemplate, unescapeTemplate } from "../../../constructs/core/hcl/template";
import { parsePolicy } from "../../../constructs/tailnet/language/parse-policy";
import type { PolicyFile } from "../../../constructs/tailnet/language/policy-file";
import type { ResourceChange } from "../../change/types";
import { text } from "../../json";
import type { Subject } from "../types";

/** A change of a tailnet's policy. */
export interface PolicyChange {
  readonly change: ResourceChange;
  /** Absent where it cannot be read. */
  readonly policies?: { readonly before: PolicyFile; readonly after: PolicyFile };
}

/** Policies that change. One that is new, or no longer kept here, is compared with nothing. */
export function policyChanges({ changes, source }: Subject): readonly PolicyChange[] {
  return changes.flatMap((change): readonly PolicyChange[] => {
    const { type, before, after } = change;
    if (type !== "tailscale_acl" || before === undefined || after === undefined) return [];
    if (before["acl"] === after["acl"]) return [];
    const [was, is] = [policyOf(before["acl"], source), policyOf(after["acl"], source)];
    return [{ change, ...(was !== undefined && is !== undefined && { policies: { before: was, after: is } }) }];
  });
}

function policyOf(acl: unknown, source: Subject["source"]): PolicyFile | undefined {
  const given = text(acl);
  if (given === undefined) return undefined;
  const parts = source === "plan" ? undefined : parseTemplate(given);
  if (parts?.some(({ kind }) => kind === "sequence") === true) return undefined;
  const { policy, problems } = parsePolicy(parts === undefined ? given : unescapeTemplate(given));
  return problems.length === 0 ? policy : undefined;
}
