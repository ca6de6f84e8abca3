import type { Problem } from "../constructs/core/problems";
import type { Caller, ServiceProtocol } from "./tailnet-types";
import type { Fleet, Service } from "./types";

/** Nomad's dynamic port range. @see https://developer.hashicorp.com/nomad/docs/configuration/client#min_dynamic_port */
export const DYNAMIC_PORTS = { from: 20_000, to: 32_000 } as const;

/** Ports that Nomad itself uses. */
const AGENT_PORTS = [4646, 4647, 4648];

/** First and last port of a range. */
export interface PortBounds {
  readonly from: number;
  readonly to: number;
}

/** Problems with declared services: ports, pools and callers. */
export function serviceProblems(fleet: Fleet): Problem[] {
  const problems: Problem[] = [];
  const taken = new Map<string, { readonly name: string; readonly bounds: PortBounds }[]>();
  for (const [name, service] of Object.entries(fleet.services ?? {})) {
    const path = `services.${name}`;
    problems.push(...portProblems(`${path}.port`, service.port));
    const ports = portBounds(service.port);
    if (service.pools.length === 0) problems.push({ path: `${path}.pools`, rule: "must name a pool that may run it" });
    service.pools.forEach((pool, index) => {
      if (fleet.pools[pool] === undefined)
        problems.push({
          path: `${path}.pools[${index}]`,
          rule: `must be a pool of this fleet (${Object.keys(fleet.pools).join(", ")})`,
          got: pool,
        });
      if (ports === undefined) return;
      for (const protocol of protocolsOf(service)) {
        const key = `${pool} ${protocol}`;
        const others = taken.get(key) ?? [];
        const other = others.find(({ bounds }) => bounds.from <= ports.to && ports.from <= bounds.to);
        if (other !== undefined && other.name !== name)
          problems.push({
            path: `${path}.port`,
            rule: `is taken on pool ${pool} by service ${other.name}`,
            got: service.port,
            fix: "choose another port",
          });
        taken.set(key, [...others, { name, bounds: ports }]);
      }
    });
    problems.push(...callerProblems(`${path}.callers`, service.callers, fleet));
  }
  return problems;
}

/** First and last port of a service; undefined for `"dynamic"` and for text that is none. */
export function portBounds(port: Service["port"]): PortBounds | undefined {
  if (typeof port === "number") return { from: port, to: port };
  const match = /^(\d{1,5})-(\d{1,5})$/.exec(port);
  return match === null ? undefined : { from: Number(match[1]), to: Number(match[2]) };
}

/** Protocols of a service, one by one. */
export function protocolsOf({ protocol }: { readonly protocol?: ServiceProtocol }): readonly ("tcp" | "udp")[] {
  return protocol === "tcp+udp" ? ["tcp", "udp"] : [protocol ?? "tcp"];
}

/** Problems with one port or range. */
export function portProblems(path: string, port: Service["port"]): Problem[] {
  if (port === "dynamic") return [];
  const bounds = portBounds(port);
  const isPort = (value: number) => Number.isInteger(value) && value >= 1 && value <= 65_535;
  if (bounds === undefined || !isPort(bounds.from) || !isPort(bounds.to) || bounds.from > bounds.to)
    return [
      {
        path,
        rule: 'must be a port from 1 to 65535, a range, or "dynamic"',
        got: port,
        fix: 'write it like 8000, "18000-18999" or "dynamic"',
      },
    ];
  const overlaps = (from: number, to: number) => bounds.from <= to && from <= bounds.to;
  if (AGENT_PORTS.some((agent) => overlaps(agent, agent)))
    return [{ path, rule: "is a port of the Nomad agent", got: port, fix: "choose another port" }];
  if (overlaps(DYNAMIC_PORTS.from, DYNAMIC_PORTS.to))
    return [
      {
        path,
        rule: `lies in Nomad's dynamic range ${DYNAMIC_PORTS.from}-${DYNAMIC_PORTS.to}`,
        got: port,
        fix: 'choose a port outside it, or "dynamic"',
      },
    ];
  return [];
}

/** Problems with who may call. */
export function callerProblems(path: string, callers: readonly Caller[], fleet: Fleet): Problem[] {
  const { groups = {}, otherTags = {} } = fleet.tailnet;
  return callers.flatMap((caller, index): Problem[] => {
    const at = `${path}[${index}]`;
    if (caller === "operators" || caller === "servers" || fleet.pools[caller] !== undefined) return [];
    if (caller.startsWith("tag:") && !Object.hasOwn(otherTags, caller))
      return [
        {
          path: at,
          rule: "must be a tag of tailnet.otherTags; machines of the fleet are named by pool",
          got: caller,
          fix: `add otherTags: { "${caller}": ["autogroup:admin"] }, or name a pool`,
        },
      ];
    if (/^group:[^@]*$/.test(caller) && !Object.hasOwn(groups, caller))
      return [
        {
          path: at,
          rule: "must be a group of tailnet.groups, or one of the identity provider with its domain",
          got: caller,
          fix: `add groups: { "${caller}": ["ada@example.com"] }`,
        },
      ];
    if (caller.includes(":") || caller.includes("@")) return [];
    return [
      {
        path: at,
        rule: 'must be a pool of this fleet, "operators", "servers", or somebody of the tailnet (group:…, tag:…, autogroup:…, a user)',
        got: caller,
        fix: `name one of: ${Object.keys(fleet.pools).join(", ")}, operators, servers`,
      },
    ];
  });
}
