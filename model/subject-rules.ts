import type { Problem } from "../constructs/core/problems";
import ipaddr from "ipaddr.js";
import { identitiesOf, tagsOf } from "./identities";
import type { Subject } from "./tailnet-types";
import type { Fleet } from "./types";

/** Tags that machines of the fleet carry. */
export function fleetTags(fleet: Fleet): readonly string[] {
  return [...new Set(identitiesOf(fleet).flatMap(tagsOf))].sort();
}

/** Names of the LAN hosts of all sites. */
export function lanHostNames(fleet: Fleet): readonly string[] {
  return Object.values(fleet.sites).flatMap((site) =>
    Object.keys((site.platform === "onprem" ? site.lanHosts : undefined) ?? {}),
  );
}

/** Problems with somebody of the tailnet: a tag or group that nothing defines, or text that names nobody. */
export function subjectProblems(path: string, subject: Subject, fleet: Fleet): Problem[] {
  const { groups = {}, otherTags = {} } = fleet.tailnet;
  if (subject.startsWith("tag:")) {
    if (Object.hasOwn(otherTags, subject) || fleetTags(fleet).includes(subject)) return [];
    return [
      {
        path,
        rule: "must be a tag of the fleet or of tailnet.otherTags: nobody owns this one",
        got: subject,
        fix: `use one of ${fleetTags(fleet).join(", ")}, or add otherTags: { "${subject}": ["autogroup:admin"] }`,
      },
    ];
  }
  if (/^group:[^@]*$/.test(subject) && !Object.hasOwn(groups, subject))
    return [
      {
        path,
        rule: "must be a group of tailnet.groups, or one of the identity provider with its domain",
        got: subject,
        fix: `add groups: { "${subject}": ["ada@example.com"] }`,
      },
    ];
  const isKnown = subject === "*" || /[:@]/.test(subject) || isAddress(subject);
  if (isKnown || lanHostNames(fleet).includes(subject)) return [];
  return [
    {
      path,
      rule: "must be somebody of the tailnet: tag:…, group:…, autogroup:…, a user, an address or range, a LAN host of the fleet",
      got: subject,
      fix: Object.hasOwn(fleet.pools, subject) ? `write tag:nomad-pool-${subject}` : "correct the name",
    },
  ];
}

function isAddress(text: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv4.isValidCIDRFourPartDecimal(text);
}
