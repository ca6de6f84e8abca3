import type { Problem } from "../constructs/core/problems";
import type { HostedZone } from "./access-types";
import { domainProblems } from "./dns-rules";

/** Problems with a name and the zone that is to hold it. */
export function nameInZoneProblems(
  path: string,
  { domain, zone }: { readonly domain?: string; readonly zone?: HostedZone },
): Problem[] {
  const problems: Problem[] = [];
  if (domain !== undefined) problems.push(...domainProblems(`${path}.domain`, domain));
  if (zone === undefined) return problems;
  problems.push(...domainProblems(`${path}.zone.name`, zone.name));
  if (!/^Z[A-Z0-9]{3,31}$/.test(zone.id))
    problems.push({
      path: `${path}.zone.id`,
      rule: "must be the id of a hosted zone of Route 53",
      got: zone.id,
      fix: "write it like Z0123456789ABCDEFGHIJ",
    });
  if (domain === undefined)
    problems.push({
      path: `${path}.zone`,
      rule: "needs a name to make a record for",
      fix: `add domain: "nomad.${zone.name}", or leave zone out`,
    });
  else if (!`.${domain}`.endsWith(`.${zone.name}`))
    // The provider would append the zone's name, and make a record that nobody looks up.
    problems.push({
      path: `${path}.domain`,
      rule: `must lie in the zone ${zone.name}`,
      got: domain,
      fix: "correct it, or name the zone that holds it",
    });
  return problems;
}
