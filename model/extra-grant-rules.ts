import type { Problem } from "../constructs/core/problems";
import { fleetTags, subjectProblems } from "./subject-rules";
import type { Fleet } from "./types";

/** Problems with what a fleet adds to its policy by hand: grants of its own, and tags of machines outside the fleet. */
export function extraGrantProblems(fleet: Fleet): Problem[] {
  return [...otherTagProblems(fleet), ...grantProblems(fleet)];
}

function otherTagProblems(fleet: Fleet): Problem[] {
  return Object.entries(fleet.tailnet.otherTags ?? {}).flatMap(([tag, owners]) => {
    const path = `tailnet.otherTags.${tag}`;
    const problems: Problem[] = owners.flatMap((owner, index) => subjectProblems(`${path}[${index}]`, owner, fleet));
    if (!/^tag:[A-Za-z][A-Za-z0-9-]*$/.test(tag))
      problems.push({
        path,
        rule: "must be tag: and a name of letters, digits and hyphens, a letter first",
        got: tag,
        fix: "rename the tag",
      });
    if (fleetTags(fleet).includes(tag))
      problems.push({
        path,
        rule: "is a tag of the fleet's own machines, whose owners are tailnet.tagOwners",
        got: tag,
        fix: "leave it out, or rename it",
      });
    if (owners.length === 0)
      problems.push({ path, rule: "must be owned by somebody", got: owners, fix: 'write ["autogroup:admin"]' });
    return problems;
  });
}

function grantProblems(fleet: Fleet): Problem[] {
  return (fleet.tailnet.extraGrants ?? []).flatMap((grant, index) => {
    const path = `tailnet.extraGrants[${index}]`;
    const problems: Problem[] = [];
    for (const side of ["src", "dst", "ip"] as const)
      if (grant[side].length === 0)
        problems.push({ path: `${path}.${side}`, rule: "must name something", got: [], fix: "or remove the grant" });
    for (const side of ["src", "dst"] as const)
      problems.push(...grant[side].flatMap((each, at) => subjectProblems(`${path}.${side}[${at}]`, each, fleet)));
    return [...problems, ...grant.ip.flatMap((each, at) => openingProblems(`${path}.ip[${at}]`, each))];
  });
}

/** Problems with an entry of `ip`: `tcp:443`, `udp:53`, `tcp:8000-8100`, `icmp:*`, `443`, `*`. */
function openingProblems(path: string, text: string): Problem[] {
  const [, protocol, ports = ""] = /^(?:([^:]*):)?(.*)$/.exec(text) ?? [];
  const fix = 'write it like "tcp:443", "tcp:8000-8100", "icmp:*" or "*"';
  if (protocol !== undefined && !/^([a-z][a-z0-9-]*|\d{1,3})$/.test(protocol))
    return [{ path, rule: "must begin with a protocol's name or number", got: text, fix }];
  if (ports === "*") return [];
  return ports.split(",").every(isPortRange)
    ? []
    : [{ path, rule: "must have ports from 1 to 65535, ranges of them, or *", got: text, fix }];
}

function isPortRange(text: string): boolean {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
  return first !== undefined && Number(first) >= 1 && Number(first) <= Number(last) && Number(last) <= 65_535;
}
