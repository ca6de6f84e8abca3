import type { AclRule, GrantRule, PolicyFile } from "../language/policy-file";

const SELF = /^autogroup:self(:|$)/;

/**
 * A policy as headscale looks at it when it runs tests, which differs from what machines let through:
 *
 * - It sees rules that are the same for all machines. Grants with `via` and destinations `autogroup:self` become rules of
 *   single machines, and no test sees them.
 * - A rule that names no protocol passes a test of any, while machines read it as TCP, UDP and ICMP. Tests may only name
 *   SCTP beside those.
 *
 * @see headscale hscontrol/policy/v2/test.go: ruleMatchesProto; compiled.go: globalFilterRules
 */
export function testView(policy: PolicyFile): PolicyFile {
  const { acls, grants, ...rest } = policy;
  if (isMissing(acls) && isMissing(grants))
    return { ...rest, acls: withSctp({ action: "accept", src: ["autogroup:danger-all"], dst: ["*:*"] }) };
  return {
    ...rest,
    ...(isMissing(acls) ? {} : { acls: acls.flatMap((rule) => withSctp({ ...rule, dst: others(rule.dst) })) }),
    ...(isMissing(grants) ? {} : { grants: grants.map(seenGrant) }),
  };
}

function isMissing(rules: readonly unknown[] | null | undefined): rules is null | undefined {
  return rules === undefined || rules === null;
}

function others(dst: readonly string[]): string[] {
  return dst.filter((text) => !SELF.test(text.trim()));
}

function withSctp(rule: AclRule): AclRule[] {
  return [rule, ...(rule.proto === undefined || rule.proto === "" ? [{ ...rule, proto: "sctp" }] : [])];
}

function seenGrant(rule: GrantRule): GrantRule {
  const isVia = rule.via !== undefined && rule.via.length > 0;
  const ip = rule.ip?.flatMap((entry) => (entry.includes(":") ? [entry] : [entry, `sctp:${entry}`]));
  return { ...rule, dst: isVia ? [] : others(rule.dst), ...(ip === undefined ? {} : { ip }) };
}
