import type { Problem } from "../../core/problems";
import { Definitions } from "../reach/definitions";
import {
  containsRanges,
  hasHostBits,
  overlapsRanges,
  parsePrefix,
  rangeSet,
  RESERVED_POOL,
  TAILNET_V4,
} from "./addresses";
import { checkSubject, checkTag, checkUser } from "./check-subjects";
import { type Context, each, problem, warning } from "./context";
import { parseSubject } from "./subjects";

/** Problems with the sections that define names: groups, hosts, ipsets, tagOwners, postures. */
export function checkDefinitions(context: Context): Problem[] {
  const { policy } = context;
  return [
    ...entries(policy.groups).flatMap(([name, members]) => checkGroup(name, members, context)),
    ...checkHosts(policy.hosts ?? {}),
    ...(context.isHeadscale ? [] : entries(policy.ipsets).flatMap(([name]) => checkIpset(name, context))),
    ...entries(policy.tagOwners).flatMap(([name, owners]) => checkOwners(name, owners, context)),
    ...(context.isHeadscale ? [] : entries(policy.postures).flatMap(([name, rules]) => checkPosture(name, rules))),
  ];
}

function entries<T>(section: Readonly<Record<string, T>> | undefined): [string, T][] {
  return Object.entries(section ?? {});
}

function checkGroup(name: string, members: readonly string[], context: Context): Problem[] {
  const path = `groups.${name}`;
  const twice = members.filter((member, index) => members.indexOf(member) !== index);
  return [
    ...(name.startsWith("group:") && !(context.isHeadscale && name.includes("@"))
      ? []
      : [problem(path, "must be group: and a name", name, "rename the group")]),
    ...each(members, path, (member, at) => {
      if (parseSubject(member).kind === "group")
        return [problem(at, "must not be a group: groups hold users only", member, "list its users here")];
      if (!member.includes("@"))
        return [problem(at, "must be a user", member, "write user@example.com, or name@ for headscale")];
      return checkUser(member, at, context);
    }),
    ...[...new Set(twice)].map((member) => warning(path, "should name each user once", member, "remove one")),
  ];
}

function checkHosts(hosts: Readonly<Record<string, string>>): Problem[] {
  const seen = new Map<string, string>();
  return Object.entries(hosts).flatMap(([name, text]) => {
    const path = `hosts.${name}`;
    const range = parsePrefix(text);
    if (range === undefined)
      return [problem(path, "must be an address or a range", text, "write it like 192.168.10.5 or 10.0.0.0/8")];
    const key = `${range.low}-${range.high}`;
    const other = seen.get(key);
    seen.set(key, other ?? name);
    return [
      ...(/[:@*\s]/.test(name) || name === "" || parsePrefix(name) !== undefined
        ? [problem(path, "must be a name without : and @", name, "rename the host")]
        : []),
      ...(hasHostBits(text)
        ? [warning(path, "should begin at the range's first address", text, "the other bits are ignored")]
        : []),
      ...(other === undefined ? [] : [warning(path, `should not be a second name of ${other}`, text, `use ${other}`)]),
    ];
  });
}

function checkIpset(name: string, { policy, ...rest }: Context): Problem[] {
  const path = `ipsets.${name}`;
  const definitions = new Definitions(policy, rest);
  const problems = each(policy.ipsets?.[name], path, (entry, at) => {
    const target = entry.trim().replace(/^(add|remove)\s+/, "");
    const alone = new Definitions({ ...policy, ipsets: { ...policy.ipsets, "ipset:this entry": [target] } }, rest);
    return isCircular(target, [name], policy.ipsets ?? {}) || alone.ipset("ipset:this entry") !== undefined
      ? []
      : [
          problem(
            at,
            "must be a range, a name of hosts, another set or autogroup:internet",
            entry,
            "write it like add 10.0.0.0/8",
          ),
        ];
  });
  const isRound = (policy.ipsets?.[name] ?? []).some((entry) =>
    isCircular(entry.trim().replace(/^(add|remove)\s+/, ""), [name], policy.ipsets ?? {}),
  );
  return [
    ...(name.startsWith("ipset:") ? [] : [problem(path, "must be ipset: and a name", name, "rename the set")]),
    ...(isRound ? [problem(path, "must not hold itself", name, "break the circle")] : []),
    ...(problems.length === 0 && !isRound && definitions.ipset(name) === undefined
      ? [problem(path, "must hold ranges that can be worked out", name, "see the other problems of ipsets")]
      : problems),
  ];
}

function isCircular(
  target: string,
  outer: readonly string[],
  sets: Readonly<Record<string, readonly string[]>>,
): boolean {
  if (outer.includes(target)) return target === outer[0];
  return (sets[target] ?? []).some((entry) =>
    isCircular(entry.trim().replace(/^(add|remove)\s+/, ""), [...outer, target], sets),
  );
}

function checkOwners(name: string, owners: readonly string[], context: Context): Problem[] {
  const path = `tagOwners.${name}`;
  const problems = [
    ...checkTag(name, path, context),
    ...each(owners, path, (owner, at) => checkSubject(owner, at, "owner", context)),
  ];
  if (isOwned(name, context, [])) return problems;
  // Tailscale's admins may give every tag; headscale has no such role.
  const add = context.isHeadscale ? problem : warning;
  return [
    ...problems,
    add(path, "must have a user, a group or an owned tag as owner", owners, "add a user or a group"),
  ];
}

function isOwned(name: string, context: Context, outer: readonly string[]): boolean {
  if (outer.includes(name)) return false;
  return (context.policy.tagOwners?.[name] ?? []).some(
    (owner) => parseSubject(owner).kind !== "tag" || isOwned(owner.trim(), context, [...outer, name]),
  );
}

function checkPosture(name: string, rules: readonly string[]): Problem[] {
  const path = `postures.${name}`;
  return [
    ...(name.startsWith("posture:") ? [] : [problem(path, "must be posture: and a name", name, "rename the posture")]),
    ...(rules.length > 0 ? [] : [problem(path, "must have a condition", rules, "write it like node:os == 'linux'")]),
  ];
}

/** Problems with what devices get: approvals of routes, attributes. */
export function checkDevices(context: Context): Problem[] {
  const { autoApprovers, nodeAttrs } = context.policy;
  const pools: { readonly text: string; readonly path: string }[] = [];
  return [
    ...entries(autoApprovers?.routes).flatMap(([route, approvers]) => {
      const path = `autoApprovers.routes.${route}`;
      return [
        ...(parsePrefix(route) === undefined || !route.includes("/") || hasHostBits(route)
          ? [problem(path, "must be a range that begins at its first address", route, "write it like 10.0.0.0/8")]
          : []),
        ...each(approvers, path, (text, at) => checkSubject(text, at, "approver", context)),
      ];
    }),
    ...each(autoApprovers?.exitNode, "autoApprovers.exitNode", (text, at) =>
      checkSubject(text, at, "approver", context),
    ),
    ...each(nodeAttrs, "nodeAttrs", (attribute, path) => [
      ...each(attribute.target, `${path}.target`, (text, at) => checkSubject(text, at, "target", context)),
      ...(context.isHeadscale && attribute.attr?.includes("funnel") === true
        ? [problem(`${path}.attr`, "must not have funnel: headscale has none", "funnel", "leave it out for headscale")]
        : []),
      ...(context.isHeadscale
        ? []
        : each(attribute.ipPool, `${path}.ipPool`, (text, at) => checkPool(text, at, pools))),
    ]),
  ];
}

function checkPool(text: string, path: string, pools: { readonly text: string; readonly path: string }[]): Problem[] {
  const range = parsePrefix(text);
  if (range === undefined || !containsRanges(TAILNET_V4, [range]) || overlapsRanges(RESERVED_POOL, [range]))
    return [
      problem(
        path,
        "must be a range in 100.64.0.0/10 outside of 100.100.100.0/24 and 100.115.92.0/23",
        text,
        "choose another range",
      ),
    ];
  const other = pools.find((pool) => overlapsRanges(rangeSet([parsePrefix(pool.text) ?? range]), [range]));
  pools.push({ text, path });
  return other === undefined
    ? []
    : [problem(path, `must not overlap ${other.path} (${other.text})`, text, "give each pool its own range")];
}
