import { DEFAULT_SSH_PORT } from "../../../model/aws-names";
import { siteOf, tags } from "../../../model/names";
import type { Fleet } from "../../../model/types";
import type { GrantRule } from "../language/policy-file";
import { HTTP, SSH } from "./ports";
import type { Reasoned } from "./reasoned";
import { callerSubjects, callerWords, operatorSubjects } from "./subjects";

/** Operators use Nomad's API on servers, and SSH on all machines. */
export function operatorGrants(fleet: Fleet): Reasoned<GrantRule>[] {
  const src = operatorSubjects(fleet);
  const from = "tailnet.operators";
  return [
    {
      rule: { src, dst: [tags.server], ip: [HTTP, SSH] },
      reason: "operators use Nomad's API and SSH on servers",
      from,
    },
    { rule: { src, dst: [tags.client], ip: [SSH] }, reason: "operators use SSH on clients", from },
    ...Object.entries(fleet.regions).flatMap(([region, { site }]) => {
      const home = siteOf(fleet, site);
      const port = home.platform === "aws" ? (home.ssh.port ?? DEFAULT_SSH_PORT) : DEFAULT_SSH_PORT;
      if (port === DEFAULT_SSH_PORT) return [];
      const dst = [tags.regionServer(region)];
      const reason = `servers of region ${region} take their bundle over SSH on ${port}`;
      return [{ rule: { src, dst, ip: [`tcp:${port}`] }, reason, from: `sites.${site}.ssh.port` }];
    }),
  ];
}

/** Who collects metrics asks every agent. @see https://developer.hashicorp.com/nomad/api-docs/metrics */
export function metricsGrants(fleet: Fleet): Reasoned<GrantRule>[] {
  const scrapers = fleet.metrics?.scrapers ?? [];
  if (scrapers.length === 0) return [];
  return [
    {
      rule: { src: callerSubjects(fleet, scrapers), dst: [tags.server, tags.client], ip: [HTTP] },
      reason: `${callerWords(scrapers)} may collect the metrics of every agent`,
      from: "metrics.scrapers",
    },
  ];
}
