import type { Problem } from "../constructs/core/problems";
import { serverNames } from "./names";
import { rangeContains } from "./ranges";
import { callerProblems, portBounds, protocolsOf } from "./service-rules";
import type { LanHost } from "./tailnet-types";
import type { Fleet, OnPremSite } from "./types";

/** Problems with machines of a LAN that the tailnet reaches through subnet routers. */
export function lanHostProblems(fleet: Fleet): Problem[] {
  const names = new Map<string, string>();
  const addresses = machineAddresses(fleet);
  for (const [site, place] of Object.entries(fleet.sites))
    if (place.platform === "onprem")
      for (const host of Object.keys(place.hosts)) names.set(host, `sites.${site}.hosts.${host}`);
  for (const region of Object.keys(fleet.regions))
    for (const host of serverNames(fleet, region)) names.set(host, names.get(host) ?? `regions.${region}.servers`);
  return Object.entries(fleet.sites).flatMap(([siteName, site]) =>
    Object.entries((site.platform === "onprem" ? site.lanHosts : undefined) ?? {}).flatMap(([name, host]) => {
      const path = `sites.${siteName}.lanHosts.${name}`;
      const problems = [
        ...taken(path, name, names, "is also the name of", "rename one of them: names are of the whole tailnet"),
        ...taken(`${path}.address`, host.address, addresses, "is also the address of", "correct the address"),
        ...hostProblems(path, name, host, site as OnPremSite),
        ...routerProblems(`${path}.routers`, host, siteName, fleet),
        ...endpointProblems(`${path}.services`, host, fleet),
      ];
      names.set(name, names.get(name) ?? path);
      addresses.set(host.address, addresses.get(host.address) ?? path);
      return problems;
    }),
  );
}

function machineAddresses(fleet: Fleet): Map<string, string> {
  return new Map(
    Object.entries(fleet.sites).flatMap(([site, place]) =>
      place.platform === "onprem"
        ? Object.entries(place.hosts).map(([host, { address }]): [string, string] => [
            address,
            `sites.${site}.hosts.${host}`,
          ])
        : [],
    ),
  );
}

function taken(path: string, got: string, by: ReadonlyMap<string, string>, rule: string, fix: string): Problem[] {
  const other = by.get(got);
  return other === undefined ? [] : [{ path, rule: `${rule} ${other}`, got, fix }];
}

function hostProblems(path: string, name: string, host: LanHost, site: OnPremSite): Problem[] {
  const problems: Problem[] = [];
  if (!/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name))
    problems.push({
      path,
      rule: "must be lower-case letters, digits and inner dashes, beginning with a letter",
      got: name,
      fix: "rename it",
    });
  if (!site.networks.some((cidr) => rangeContains(cidr, host.address)))
    problems.push({
      path: `${path}.address`,
      rule: `must lie in one of the site's networks (${site.networks.join(", ")})`,
      got: host.address,
      fix: "correct the address or add the network",
    });
  return problems;
}

function routerProblems(path: string, { routers }: LanHost, site: string, fleet: Fleet): Problem[] {
  const able = Object.entries(fleet.pools).flatMap(([name, pool]) => (pool.site === site ? [name] : []));
  const fix = able.length === 0 ? "add a pool to the site" : `use one of: ${able.join(", ")}`;
  if (routers.length === 0)
    return [{ path, rule: "must name a pool whose machines are the way to it", got: routers, fix }];
  return routers.flatMap((pool, index) =>
    able.includes(pool)
      ? []
      : [{ path: `${path}[${index}]`, rule: `must be a pool of site ${site}, where the host is`, got: pool, fix }],
  );
}

function endpointProblems(path: string, { services }: LanHost, fleet: Fleet): Problem[] {
  const entries = Object.entries(services);
  if (entries.length === 0)
    return [{ path, rule: "must name what the host offers", got: {}, fix: "add a service, or leave the host out" }];
  return entries.flatMap(([name, service], index) => {
    const at = `${path}.${name}`;
    const callers = callerProblems(`${at}.callers`, service.callers, fleet);
    const bounds = portBounds(service.port);
    if (bounds === undefined || bounds.from < 1 || bounds.to > 65_535 || bounds.from > bounds.to)
      return [
        {
          path: `${at}.port`,
          rule: "must be a port from 1 to 65535, or a range",
          got: service.port,
          fix: 'write it like 2049 or "8000-8010"',
        },
        ...callers,
      ];
    const other = entries.slice(0, index).find(([, { port, ...rest }]) => {
      const theirs = portBounds(port);
      const isShared = protocolsOf(rest).some((protocol) => protocolsOf(service).includes(protocol));
      return isShared && theirs !== undefined && theirs.from <= bounds.to && bounds.from <= theirs.to;
    });
    return other === undefined
      ? callers
      : [
          {
            path: `${at}.port`,
            rule: `overlaps the ports of service ${other[0]}`,
            got: service.port,
            fix: "join the services, or correct the port",
          },
          ...callers,
        ];
  });
}
