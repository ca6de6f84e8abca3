import type { Problem } from "../constructs/core/problems";
import { allStackNames, MAX_LABEL_LENGTH, serverNames } from "./names";
import type { Fleet } from "./types";

const LABEL = /^[a-z]([a-z0-9-]*[a-z0-9])?$/;
const LABEL_RULE = "must be lower-case letters, digits and inner dashes, beginning with a letter";

function label(path: string, name: string, maximum = MAX_LABEL_LENGTH): Problem[] {
  const problems: Problem[] = [];
  if (!LABEL.test(name)) problems.push({ path, rule: LABEL_RULE, got: name, fix: "rename it" });
  if (name.length > maximum)
    problems.push({ path, rule: `must be at most ${maximum} characters`, got: name, fix: "shorten it" });
  return problems;
}

/** Names that mean something else to Nomad or to Steppe. */
const RESERVED_POOLS = new Set(["default", "all", "operators", "servers"]);
const RESERVED_NAMESPACES = new Set(["default"]);

/** Problems with names: illegal for Nomad, Tailscale or DNS, too long, or colliding. */
export function nameProblems(fleet: Fleet): Problem[] {
  const problems = [...label("name", fleet.name, 20)];
  for (const site of Object.keys(fleet.sites)) problems.push(...label(`sites.${site}`, site, 30));
  for (const region of Object.keys(fleet.regions)) {
    problems.push(...label(`regions.${region}`, region, 30));
    if (region === "global")
      problems.push({
        path: "regions.global",
        rule: "must not be global: every certificate of the default tooling is valid for it",
        fix: "name the region after its place",
      });
  }
  for (const pool of Object.keys(fleet.pools)) {
    problems.push(...label(`pools.${pool}`, pool, 30));
    if (RESERVED_POOLS.has(pool))
      problems.push({ path: `pools.${pool}`, rule: "is a reserved name", got: pool, fix: "rename the pool" });
  }
  for (const service of Object.keys(fleet.services ?? {})) problems.push(...label(`services.${service}`, service));
  for (const namespace of Object.keys(fleet.namespaces ?? {})) {
    problems.push(...label(`namespaces.${namespace}`, namespace, 128));
    if (RESERVED_NAMESPACES.has(namespace))
      problems.push({
        path: `namespaces.${namespace}`,
        rule: "exists in every Nomad",
        got: namespace,
        fix: "leave it out",
      });
  }
  problems.push(...machineNameProblems(fleet), ...stackNameProblems(fleet), ...domainProblems(fleet));
  return problems;
}

function machineNameProblems(fleet: Fleet): Problem[] {
  const problems: Problem[] = [];
  const owners = new Map<string, string>();
  const claim = (path: string, name: string) => {
    problems.push(...label(path, name));
    const owner = owners.get(name);
    if (owner !== undefined)
      problems.push({
        path,
        rule: `must be unique in the tailnet, but is also ${owner}`,
        got: name,
        fix: "rename one of them",
      });
    owners.set(name, path);
  };
  for (const [siteName, site] of Object.entries(fleet.sites))
    if (site.platform === "onprem")
      for (const host of Object.keys(site.hosts)) claim(`sites.${siteName}.hosts.${host}`, host);
  for (const [name, region] of Object.entries(fleet.regions))
    if (!("hosts" in region.servers))
      for (const host of serverNames(fleet, name)) claim(`regions.${name}.servers`, host);
  return problems;
}

function stackNameProblems(fleet: Fleet): Problem[] {
  const seen = new Set<string>();
  return allStackNames(fleet).flatMap((name) => {
    const problems: Problem[] = [];
    if (seen.has(name))
      problems.push({ path: "name", rule: "makes two stacks of one name", got: name, fix: "rename a site or region" });
    if (name.length > MAX_LABEL_LENGTH)
      problems.push({
        path: "name",
        rule: `makes a stack name of more than ${MAX_LABEL_LENGTH} characters`,
        got: name,
        fix: "shorten a name",
      });
    seen.add(name);
    return problems;
  });
}

function domainProblems(fleet: Fleet): Problem[] {
  const { domain } = fleet.tailnet;
  const legal = domain
    .split(".")
    .every((part) => /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(part) && part.length <= MAX_LABEL_LENGTH);
  if (legal && domain.includes(".")) return [];
  return [
    {
      path: "tailnet.domain",
      rule: "must be a DNS domain",
      got: domain,
      fix: "copy it from the DNS page of the tailnet",
    },
  ];
}
