import ipaddr from "ipaddr.js";
import type { Problem } from "../constructs/core/problems";
import { MAX_LABEL_LENGTH, tailnetDialect } from "./names";
import type { Fleet } from "./types";

/** Longest DNS name, without the dot at its end. @see https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4 */
const MAX_NAME_LENGTH = 253;

/** What is wrong with the names of a fleet's tailnet. */
export function dnsProblems(fleet: Fleet): Problem[] {
  const { dns, domain: magicDns } = fleet.tailnet;
  if (dns === undefined) return [];
  if (tailnetDialect(fleet) === "headscale")
    return [
      {
        path: "tailnet.dns",
        rule: "headscale keeps DNS in its own configuration",
        fix: "leave it out, and set dns in headscale's config.yaml",
      },
    ];
  const { nameservers, overrideLocalDns, searchPaths = [], splitDns = {} } = dns;
  const problems: Problem[] = [];
  if (overrideLocalDns === true && nameservers === undefined)
    problems.push({
      path: "tailnet.dns.overrideLocalDns",
      rule: "needs nameservers to use instead",
      got: true,
      fix: "add nameservers, or leave overrideLocalDns out",
    });
  if (nameservers !== undefined)
    problems.push(
      ...addressProblems("tailnet.dns.nameservers", nameservers, "leave nameservers out to keep what there is"),
    );
  problems.push(
    ...searchPaths.flatMap((path, index) => domainProblems(`tailnet.dns.searchPaths[${index}]`, path)),
    ...duplicates("tailnet.dns.searchPaths", searchPaths),
  );
  for (const [domain, addresses] of Object.entries(splitDns)) {
    const path = `tailnet.dns.splitDns.${domain}`;
    problems.push(...domainProblems(path, domain), ...addressProblems(path, addresses, "leave the domain out"));
    if (`.${domain}`.endsWith(`.${magicDns}`))
      problems.push({ path, rule: "is answered by MagicDNS", got: domain, fix: "leave the domain out" });
  }
  return problems;
}

function addressProblems(path: string, addresses: readonly string[], fix: string): Problem[] {
  if (addresses.length === 0) return [{ path, rule: "must name at least one resolver", got: addresses, fix }];
  return [
    ...addresses.flatMap((address, index) =>
      ipaddr.IPv4.isValidFourPartDecimal(address) || ipaddr.IPv6.isValid(address)
        ? []
        : [
            {
              path: `${path}[${index}]`,
              rule: "must be an IPv4 or IPv6 address",
              got: address,
              fix: "write it like 9.9.9.9",
            },
          ],
    ),
    ...duplicates(path, addresses),
  ];
}

/** Problem with a name of the DNS. */
export function domainProblems(path: string, domain: string): Problem[] {
  const isLegal =
    domain.length <= MAX_NAME_LENGTH &&
    domain
      .split(".")
      .every((label) => /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/.test(label) && label.length <= MAX_LABEL_LENGTH);
  if (isLegal) return [];
  return [
    {
      path,
      rule: "must be a DNS domain in lower case, without a dot at its end",
      got: domain,
      fix: "write it like corp.example.com",
    },
  ];
}

function duplicates(path: string, values: readonly string[]): Problem[] {
  return values.flatMap((value, index) =>
    values.indexOf(value) === index
      ? []
      : [{ path: `${path}[${index}]`, rule: "is listed already", got: value, fix: "list it once" }],
  );
}
