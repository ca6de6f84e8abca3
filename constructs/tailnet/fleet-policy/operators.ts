import { tags } from "../../../model/names";
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
