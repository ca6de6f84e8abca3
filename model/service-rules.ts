import type { Problem } from "../constructs/core/problems";
import type { Fleet } from "./types";

/** Nomad's dynamic port range. @see https://developer.hashicorp.com/nomad/docs/configuration/client#min_dynamic_port */
export const DYNAMIC_PORTS = { from: 20_000, to: 32_000 } as const;

/** Ports that Nomad itself uses. */
const AGENT_PORTS = new Set([4646, 4647, 4648]);

/** Problems with declared services: ports, pools and callers. */
export function serviceProblems(fleet: Fleet): Problem[] {
  const problems: Problem[] = [];
  const taken = new Map<string, string>();
  for (const [name, service] of Object.entries(fleet.services ?? {})) {
    const path = `services.${name}`;
    if (service.port !== "dynamic") {
      if (!Number.isInteger(service.port) || service.port < 1 || service.port > 65_535)
        problems.push({
          path: `${path}.port`,
          rule: 'must be a port from 1 to 65535, or "dynamic"',
          got: service.port,
        });
      else if (AGENT_PORTS.has(service.port))
        problems.push({
          path: `${path}.port`,
          rule: "is a port of the Nomad agent",
          got: service.port,
          fix: "choose another port",
        });
      else if (service.port >= DYNAMIC_PORTS.from && service.port <= DYNAMIC_PORTS.to)
        problems.push({
          path: `${path}.port`,
          rule: `lies in Nomad's dynamic range ${DYNAMIC_PORTS.from}-${DYNAMIC_PORTS.to}`,
          got: service.port,
          fix: 'choose a port outside it, or "dynamic"',
        });
    }
    if (service.pools.length === 0) problems.push({ path: `${path}.pools`, rule: "must name a pool that may run it" });
    service.pools.forEach((pool, index) => {
      if (fleet.pools[pool] === undefined)
        problems.push({
          path: `${path}.pools[${index}]`,
          rule: `must be a pool of this fleet (${Object.keys(fleet.pools).join(", ")})`,
          got: pool,
        });
      if (service.port === "dynamic") return;
      const key = `${pool} ${service.port}/${service.protocol ?? "tcp"}`;
      const other = taken.get(key);
      if (other !== undefined)
        problems.push({
          path: `${path}.port`,
          rule: `is taken on pool ${pool} by service ${other}`,
          got: service.port,
          fix: "choose another port",
        });
      taken.set(key, name);
    });
    service.callers.forEach((caller, index) => {
      if (caller !== "operators" && caller !== "servers" && fleet.pools[caller] === undefined)
        problems.push({
          path: `${path}.callers[${index}]`,
          rule: `must be a pool of this fleet, "operators" or "servers"`,
          got: caller,
        });
    });
  }
  return problems;
}
