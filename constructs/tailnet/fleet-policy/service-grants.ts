import { tags } from "../../../model/names";
import type { Fleet, Service } from "../../../model/types";
import type { GrantRule } from "../language/policy-file";
import { portsOf } from "./ports";
import type { Reasoned } from "./reasoned";
import { callerSubjects, callerWords, listed } from "./subjects";

/** Pools and callers of declared services; services at ports of Nomad's choice that open the same way share a rule. */
export function serviceGrants(fleet: Fleet): Reasoned<GrantRule>[] {
  const rules = new Map<string, { readonly rule: GrantRule; readonly services: readonly [string, Service][] }>();
  for (const [name, service] of Object.entries(fleet.services ?? {})) {
    if (service.callers.length === 0) continue;
    const rule = {
      src: callerSubjects(fleet, service.callers),
      dst: service.pools.map((pool) => tags.pool(pool)),
      ip: portsOf(service),
    };
    const key = JSON.stringify(rule);
    rules.set(key, { rule, services: [...(rules.get(key)?.services ?? []), [name, service]] });
  }
  return [...rules.values()].map(({ rule, services }) => ({
    rule,
    reason: reasonOf(services),
    from: services.map(([name]) => `services.${name}`).join(", "),
  }));
}

function reasonOf(services: readonly [string, Service][]): string {
  const names = listed(services.map(([name]) => name));
  const [, { port, pools, callers }] = services[0] as [string, Service];
  const at =
    port === "dynamic" ? "at ports of Nomad's choice" : `at port${typeof port === "string" ? "s" : ""} ${port}`;
  return `${callerWords(callers)} may call ${names} ${at} of ${listed(pools.map((pool) => `pool ${pool}`))}`;
}
