import type { Problem } from "../constructs/core/problems";
import { isHostedZone } from "./access";
import type { HostedZone, ManagedZone } from "./access-types";
import { domainProblems } from "./dns-rules";
import { isProjectId } from "./gcp-links";

/** Problems with a name and the zone that is to hold it. */
export function nameInZoneProblems(
  path: string,
  { domain, zone }: { readonly domain?: string; readonly zone?: HostedZone | ManagedZone },
): Problem[] {
  const problems: Problem[] = [];
  if (domain !== undefined) problems.push(...domainProblems(`${path}.domain`, domain));
  if (zone === undefined) return problems;
  problems.push(...domainProblems(`${path}.zone.name`, zone.name));
  problems.push(...(isHostedZone(zone) ? hostedProblems(`${path}.zone`, zone) : managedProblems(`${path}.zone`, zone)));
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

function hostedProblems(path: string, { id }: HostedZone): Problem[] {
  if (/^Z[A-Z0-9]{3,31}$/.test(id)) return [];
  return [
    {
      path: `${path}.id`,
      rule: "must be the id of a hosted zone of Route 53",
      got: id,
      fix: "write it like Z0123456789ABCDEFGHIJ",
    },
  ];
}

/** @see https://cloud.google.com/dns/docs/reference/rest/v1/managedZones */
function managedProblems(path: string, { managedZone, project }: ManagedZone): Problem[] {
  const problems: Problem[] = [];
  if (!/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(managedZone))
    problems.push({
      path: `${path}.managedZone`,
      rule: "must be the name of a managed zone of Cloud DNS, which is not its domain",
      got: managedZone,
      fix: "write it like example-com",
    });
  if (project !== undefined && !isProjectId(project))
    problems.push({
      path: `${path}.project`,
      rule: "must be the id of a project",
      got: project,
      fix: "copy the project's id, which is neither its name nor its number",
    });
  return problems;
}
