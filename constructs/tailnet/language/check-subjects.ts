import type { Problem } from "../../core/problems";
import { userName } from "../reach/world";
import { hasHostBits } from "./addresses";
import { type Context, problem, warning } from "./context";
import { parseSubject, ROLE_AUTOGROUPS, type Subject } from "./subjects";

/** Where a name stands. */
export type Place = "src" | "dst" | "sshSrc" | "sshDst" | "target" | "owner" | "approver";

type Kind = Subject["kind"];

const kinds: Readonly<Record<Place, readonly Kind[]>> = {
  src: ["any", "tag", "group", "user", "domain", "autogroup", "ipset", "address", "host"],
  dst: ["any", "tag", "group", "user", "domain", "autogroup", "ipset", "service", "address", "host"],
  sshSrc: ["tag", "group", "user", "domain", "autogroup"],
  sshDst: ["tag", "user", "autogroup"],
  target: ["any", "tag", "group", "user", "autogroup", "address", "host"],
  owner: ["tag", "group", "user", "autogroup"],
  approver: ["tag", "group", "user", "autogroup"],
};

const shared: Readonly<Record<Place, readonly string[]>> = {
  src: ["autogroup:danger-all", "autogroup:member", "autogroup:tagged"],
  dst: ["autogroup:internet", "autogroup:member", "autogroup:self", "autogroup:tagged"],
  sshSrc: ["autogroup:member", "autogroup:tagged"],
  sshDst: ["autogroup:member", "autogroup:self", "autogroup:tagged"],
  target: ["autogroup:member", "autogroup:tagged"],
  owner: [],
  approver: [],
};

/** Roles count in all places where Tailscale has users. */
const roles: Readonly<Record<Place, readonly string[]>> = {
  src: ROLE_AUTOGROUPS,
  dst: ROLE_AUTOGROUPS,
  sshSrc: ROLE_AUTOGROUPS,
  sshDst: [],
  target: ROLE_AUTOGROUPS,
  owner: [...ROLE_AUTOGROUPS, "autogroup:member", "autogroup:tagged"],
  approver: [...ROLE_AUTOGROUPS, "autogroup:member", "autogroup:tagged"],
};

/** Problems with a name: what it may be here, and whether anything defines it. */
export function checkSubject(text: string, path: string, place: Place, context: Context): Problem[] {
  const subject = parseSubject(text);
  if (subject.kind === "invalid")
    return [
      problem(
        path,
        "must be a name, an address or *",
        text,
        "write tag:name, group:name, user@example.com or an address",
      ),
    ];
  if (!kinds[place].includes(subject.kind))
    return [problem(path, `must be one of: ${kinds[place].join(", ")}`, text, `name it by one of these`)];
  return checkDefined(subject, text, path, place, context);
}

function checkDefined(subject: Subject, text: string, path: string, place: Place, context: Context): Problem[] {
  const { policy, isHeadscale } = context;
  switch (subject.kind) {
    case "tag":
      return checkTag(subject.name, path, context);
    case "user":
      return checkUser(subject.name, path, context);
    case "group":
      if (policy.groups?.[subject.name] !== undefined) return [];
      // Groups of an identity provider stand in no policy; their names are addresses.
      return subject.name.includes("@") && !isHeadscale
        ? []
        : [problem(path, "must be a group that `groups` defines", text, `add ${subject.name} to groups`)];
    case "host":
      return policy.hosts?.[subject.name] === undefined
        ? [
            problem(
              path,
              "must be a name that `hosts` defines",
              text,
              `add ${subject.name} to hosts, or write tag:, group: or an @`,
            ),
          ]
        : [];
    case "ipset":
      if (isHeadscale)
        return [problem(path, "must not be an IP set: headscale has none", text, "list its ranges here")];
      return policy.ipsets?.[subject.name] === undefined
        ? [problem(path, "must be a set that `ipsets` defines", text, `add ${subject.name} to ipsets`)]
        : [];
    case "domain":
    case "service":
      return isHeadscale
        ? [problem(path, "must be a name that headscale knows", text, "name users, tags or addresses")]
        : [];
    case "autogroup":
      return checkAutogroup(text.trim(), path, place, isHeadscale);
    case "address":
      return hasHostBits(text.trim())
        ? [warning(path, "should begin at the range's first address", text, "the other bits are ignored")]
        : [];
    case "any":
    case "invalid":
      return [];
  }
}

/** Problems with a tag: it needs an owner to be given to a machine, and a machine to mean anything. */
export function checkTag(name: string, path: string, { policy, knownTags }: Context): Problem[] {
  if (!/^tag:[A-Za-z][A-Za-z0-9-]*$/.test(name))
    return [
      problem(path, "must be tag: and a name of letters, digits and hyphens, a letter first", name, "rename the tag"),
    ];
  if (policy.tagOwners?.[name] === undefined)
    return [
      problem(path, "must be a tag that `tagOwners` defines", name, `add ${name} and who may give it to tagOwners`),
    ];
  return knownTags === undefined || knownTags.includes(name)
    ? []
    : [problem(path, "must be a tag that some machine carries", name, `use one of: ${knownTags.join(", ")}`)];
}

/** Problems with a user. */
export function checkUser(name: string, path: string, { knownUsers }: Context): Problem[] {
  return knownUsers === undefined || knownUsers.map(userName).includes(userName(name))
    ? []
    : [problem(path, "must be a user of the tailnet", name, `use one of: ${knownUsers.join(", ")}`)];
}

function checkAutogroup(name: string, path: string, place: Place, isHeadscale: boolean): Problem[] {
  const allowed = [...shared[place], ...(isHeadscale ? [] : roles[place])];
  if (allowed.includes(name)) return [];
  const isRole = isHeadscale && ROLE_AUTOGROUPS.includes(name);
  const rule = isRole ? "must not be a role: headscale has none" : "must be an autogroup that may stand here";
  return [
    problem(path, rule, name, allowed.length > 0 ? `use one of: ${allowed.join(", ")}` : "name users, groups or tags"),
  ];
}
