import type { ResourceChange } from "../../change/types";
import { isEqual, type Json, list, object, text } from "../../json";
import type { Finding, Severity, Subject } from "../types";
import { short, some } from "../words";
import { nomadRights } from "./acl-policy";

/** Rights that are those of an administrator, or nearly so. */
const STRONG =
  /^(node|agent|operator|quota|plugin|host_volume \*)\b.*: write$|^namespace [^:]*\*[^:]*: (?!read|list|parse|csi-read|csi-list|host-volume-read)/;

/** Which rights in Nomad somebody gets, and by which ways tokens are made. */
export function examineNomadAcl({ changes, source }: Subject): readonly Finding[] {
  return changes.flatMap((change) => {
    switch (change.type) {
      case "nomad_acl_policy":
        return policyChange(change, source !== "plan");
      case "nomad_acl_role":
        return roleChange(change);
      case "nomad_acl_auth_method":
      case "nomad_acl_binding_rule":
        return tokenRules(change);
      default:
        return [];
    }
  });
}

function policyChange(change: ResourceChange, isTemplate: boolean): readonly Finding[] {
  const { before, after } = change;
  if (after === undefined) return [];
  const rulesOf = (body: Json | undefined) => text(body?.["rules_hcl"]) ?? "";
  if (rulesOf(before) === rulesOf(after) && isEqual(before?.["job_acl"], after["job_acl"])) return [];
  const [was, is] = [nomadRights(rulesOf(before), isTemplate), nomadRights(rulesOf(after), isTemplate)];
  const tell = (severity: Severity, reason: string): Finding => ({
    id: "identity/policy-widened",
    severity,
    stack: change.stack,
    resource: change.address,
    reason,
    fix: "make sure that everybody with this policy is meant to have it",
  });
  if (was === undefined || is === undefined) return [tell("warning", "changes to rules that cannot be read")];
  const gained = is.rights.filter((right) => !was.rights.includes(right));
  const undenied = was.denials.filter((denial) => !is.denials.includes(denial));
  if (gained.length === 0 && undenied.length === 0)
    return before !== undefined && !isEqual(before["job_acl"], after["job_acl"])
      ? [tell("warning", "is given to other jobs than before")]
      : [];
  const what = [...gained.map(short), ...undenied.map((denial) => `no denial of ${short(denial)}`)];
  const isStrong = gained.some((right) => STRONG.test(right));
  return [
    tell(
      isStrong ? "blocking" : before === undefined ? "notice" : "warning",
      `newly allows ${some([...new Set(what)])}`,
    ),
  ];
}

function roleChange({ stack, address, before, after }: ResourceChange): readonly Finding[] {
  if (before === undefined || after === undefined) return [];
  const policies = (body: Json) => [body["policy"]].flat().map((policy) => text(object(policy)["name"]) ?? "");
  const gained = policies(after).filter((policy) => !policies(before).includes(policy));
  if (gained.length === 0) return [];
  return [
    {
      id: "identity/policy-widened",
      severity: "warning",
      stack,
      resource: address,
      reason: `newly has ${some(gained.map(short))}`,
      fix: "make sure that everybody with this role is meant to have it",
    },
  ];
}

/** Arguments that say nothing about who gets a token. */
const WORDS = ["description", "token_name_format"];

function tokenRules({ stack, address, type, before, after, changed, action }: ResourceChange): readonly Finding[] {
  const told = changed.filter((path) => !WORDS.includes(path.split(/[.[]/)[0] ?? ""));
  if (action === "move" || action === "forget" || (before !== undefined && after !== undefined && told.length === 0))
    return [];
  const what = type === "nomad_acl_binding_rule" ? "who gets which rights" : "how people and machines log in";
  const isManagement = after?.["bind_type"] === "management" && before?.["bind_type"] !== "management";
  const isSelectorGone = text(before?.["selector"]) !== undefined && after !== undefined && !text(after["selector"]);
  const how = after === undefined ? "goes" : before === undefined ? "comes" : `changes (${some(told.map(short))})`;
  const why = isManagement
    ? ": it makes management tokens, which may do everything"
    : isSelectorGone
      ? ": it holds for everybody now"
      : "";
  return [
    {
      id: "identity/token-rules",
      severity: isManagement || isSelectorGone ? "blocking" : "warning",
      stack,
      resource: address,
      reason: `${how}, and with it ${what}${why}`,
      fix: "hold it against what the identity provider says of people: list who gets a token by it",
    },
  ];
}

/** Names in lists of a provider; nothing for what is none. */
export function names(value: unknown): readonly string[] {
  return list(value).map((one) => (typeof one === "string" ? one : JSON.stringify(one)));
}
