import ipaddr from "ipaddr.js";
import type { Problem } from "../constructs/core/problems";
import type { Fleet } from "./types";

/** Ranges that no site and no host network may use, and why. */
export const RESERVED_RANGES: readonly { readonly cidr: string; readonly owner: string }[] = [
  // Among them 100.100.100.100, where tailscaled answers for MagicDNS.
  { cidr: "100.64.0.0/10", owner: "tailnet addresses" },
  { cidr: "172.26.64.0/20", owner: "Nomad's bridge network" },
  { cidr: "172.17.0.0/16", owner: "Docker's default bridge" },
];

/** Inclusive bounds of an IPv4 range; undefined when the text is not one. */
export function rangeBounds(cidr: string): readonly [number, number] | undefined {
  if (!ipaddr.IPv4.isValidCIDR(cidr)) return undefined;
  return [toNumber(ipaddr.IPv4.networkAddressFromCIDR(cidr)), toNumber(ipaddr.IPv4.broadcastAddressFromCIDR(cidr))];
}

/** True when two IPv4 ranges share an address. */
export function rangesOverlap(a: string, b: string): boolean {
  const first = rangeBounds(a);
  const second = rangeBounds(b);
  return first !== undefined && second !== undefined && first[0] <= second[1] && second[0] <= first[1];
}

/** True when an IPv4 address lies in a range. */
export function rangeContains(cidr: string, address: string): boolean {
  if (!ipaddr.IPv4.isValidFourPartDecimal(address)) return false;
  const bounds = rangeBounds(cidr);
  const value = toNumber(ipaddr.IPv4.parse(address));
  return bounds !== undefined && bounds[0] <= value && value <= bounds[1];
}

function toNumber(address: ipaddr.IPv4): number {
  return address.octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

/** Problems with how a range is written. */
export function rangeShapeProblems(path: string, cidr: string): Problem[] {
  if (rangeBounds(cidr) === undefined)
    return [{ path, rule: "must be an IPv4 range", got: cidr, fix: "write it like 192.168.10.0/24" }];
  const network = ipaddr.IPv4.networkAddressFromCIDR(cidr).toString();
  const [address, prefix] = cidr.split("/");
  if (network === address) return [];
  return [{ path, rule: "must begin at the range's first address", got: cidr, fix: `write ${network}/${prefix}` }];
}

/** Problems with the address ranges of a fleet's sites: malformed, overlapping, reserved. */
export function rangeProblems(fleet: Fleet): Problem[] {
  const problems: Problem[] = [];
  const seen: { path: string; cidr: string }[] = [];
  for (const [siteName, site] of Object.entries(fleet.sites)) {
    if (site.networks.length === 0)
      problems.push({
        path: `sites.${siteName}.networks`,
        rule: "must name at least one range",
        fix: "add the site's IPv4 range",
      });
    site.networks.forEach((cidr, index) => {
      const path = `sites.${siteName}.networks[${index}]`;
      problems.push(...rangeShapeProblems(path, cidr));
      if (rangeBounds(cidr) === undefined) return;
      for (const reserved of RESERVED_RANGES)
        if (rangesOverlap(cidr, reserved.cidr))
          problems.push({
            path,
            rule: `must not overlap ${reserved.cidr} (${reserved.owner})`,
            got: cidr,
            fix: "choose another range",
          });
      for (const other of seen)
        if (rangesOverlap(cidr, other.cidr))
          problems.push({
            path,
            rule: `must not overlap ${other.path} (${other.cidr})`,
            got: cidr,
            fix: "give each site its own range",
          });
      seen.push({ path, cidr });
    });
  }
  return problems;
}
