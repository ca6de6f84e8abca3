import ipaddr from "ipaddr.js";
import type { Problem } from "../constructs/core/problems";
import type { ExternalAccess } from "./access-types";
import { accessSiteProblems } from "./access-site-rules";
import { globalAccessProblems } from "./global-access-rules";
import { rangeBounds, rangeShapeProblems } from "./ranges";
import type { Fleet, Site } from "./types";
import { nameInZoneProblems } from "./zone-rules";

/** Ranges with a shorter prefix than this hold more than anybody's offices: they need a reason. */
const NARROWEST_WIDE_PREFIX = 7;

/** Rules that a security group takes unless AWS raises the account's quota. @see https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html */
const SECURITY_GROUP_RULES = 60;

/** Problems with how callers outside the tailnet reach Nomad. */
export function accessProblems(fleet: Fleet): Problem[] {
  return [
    ...Object.entries(fleet.regions).flatMap(([name, { site, externalAccess }]) =>
      externalAccess === undefined
        ? []
        : regionProblems(`regions.${name}.externalAccess`, externalAccess, site, fleet.sites[site]),
    ),
    ...domainUseProblems(fleet),
    ...globalAccessProblems(fleet),
  ];
}

function regionProblems(path: string, access: ExternalAccess, siteName: string, site: Site | undefined): Problem[] {
  const { allowedCidrs, fromAnywhere, port, domain, zone } = access;
  const problems: Problem[] = [];
  if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535))
    problems.push({ path: `${path}.port`, rule: "must be a port from 1 to 65535", got: port });
  return [
    ...problems,
    ...cidrProblems(`${path}.allowedCidrs`, allowedCidrs, fromAnywhere !== undefined),
    ...(site?.platform === "aws" ? groupProblems(`${path}.allowedCidrs`, allowedCidrs) : []),
    ...nameInZoneProblems(path, {
      ...(domain === undefined ? {} : { domain }),
      ...(zone === undefined ? {} : { zone }),
    }),
    ...(site === undefined ? [] : accessSiteProblems(path, access, siteName, site)),
  ];
}

function cidrProblems(path: string, cidrs: readonly string[], meant: boolean): Problem[] {
  if (cidrs.length === 0)
    return [{ path, rule: "must name who may call", got: cidrs, fix: "add the public ranges that callers come from" }];
  return cidrs.flatMap((cidr, index) => {
    const at = `${path}[${index}]`;
    if (cidrs.indexOf(cidr) !== index) return [{ path: at, rule: "is listed already", got: cidr, fix: "list it once" }];
    return [...rangeShapeProblems(at, cidr), ...widthProblems(at, cidr, meant)];
  });
}

function groupProblems(path: string, cidrs: readonly string[]): Problem[] {
  if (cidrs.length <= SECURITY_GROUP_RULES) return [];
  return [
    {
      path,
      rule: `has more ranges than a security group takes by default (${SECURITY_GROUP_RULES})`,
      got: cidrs.length,
      fix: "join ranges, or have AWS raise the quota",
      severity: "warning",
    },
  ];
}

function widthProblems(path: string, cidr: string, meant: boolean): Problem[] {
  if (rangeBounds(cidr) === undefined) return [];
  const [network, prefix] = ipaddr.IPv4.parseCIDR(cidr);
  if (prefix <= NARROWEST_WIDE_PREFIX && !meant)
    return [
      {
        path,
        rule: "lets in more than a /8: every scanner of the internet would reach Nomad's port",
        got: cidr,
        fix: "name the ranges that callers come from, or set fromAnywhere: { reason }",
      },
    ];
  if (!["private", "carrierGradeNat", "loopback", "linkLocal"].includes(network.range())) return [];
  return [
    {
      path,
      rule: "is no public range, so nobody comes from there: the load balancer is on the internet",
      got: cidr,
      fix: "name the public addresses that callers leave through",
      severity: "warning",
    },
  ];
}

/** A name is one region's, or the fleet's, and never the tailnet's. */
function domainUseProblems(fleet: Fleet): Problem[] {
  const owners = new Map<string, string>();
  const named = [
    ...Object.entries(fleet.regions).map(
      ([name, { externalAccess }]) => [`regions.${name}.externalAccess.domain`, externalAccess?.domain] as const,
    ),
    ["globalAccess.domain", fleet.globalAccess?.domain] as const,
  ];
  return named.flatMap(([path, domain]) => {
    if (domain === undefined) return [];
    const problems: Problem[] = [];
    const owner = owners.get(domain);
    if (owner !== undefined)
      problems.push({ path, rule: `is also ${owner}`, got: domain, fix: "give each its own name" });
    owners.set(domain, path);
    // The servers' certificates carry it, and such a name says of which region a server is.
    if (domain.endsWith(".nomad"))
      problems.push({
        path,
        rule: "is a name by which Nomad knows its agents",
        got: domain,
        fix: "choose another name",
      });
    if (`.${domain}`.endsWith(`.${fleet.tailnet.domain}`))
      problems.push({ path, rule: "is answered by MagicDNS in the tailnet", got: domain, fix: "choose another name" });
    return problems;
  });
}
