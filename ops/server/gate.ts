import type { Problem } from "../../constructs/core/problems";
import type { HealthAnswer } from "./autopilot";

/** A server among those of its region. */
export interface ServerOfRegion {
  readonly server: string;
  readonly region: string;
  /** All servers of the region that are in service, this one among them. */
  readonly servers: readonly string[];
}

/**
 * What speaks against taking a server out of its region: the region could not go on without it.
 *
 * A server that is down, or that Autopilot has given up already, is no reason: to replace it is the repair. All others must be
 * known, healthy and voters.
 */
export function gateProblems({ server, region, servers }: ServerOfRegion, health: HealthAnswer): Problem[] {
  const path = `region ${region}`;
  if (servers.length === 1)
    return [
      {
        path,
        rule: `has no server but ${server}: nothing is scheduled, and its API is away, until the new one runs`,
        fix: "jobs that run go on meanwhile",
      },
    ];
  if ("failure" in health)
    return [
      {
        path,
        rule: `cannot be asked for its health: ${health.failure}`,
        fix: "./steppe status shows who is reached",
      },
    ];
  const known = new Map(health.servers.map((found) => [found.name, found]));
  const others = [...new Set([...servers, ...known.keys()])].filter((name) => name !== server);
  const problems = others.flatMap((name): Problem[] => {
    const found = known.get(name);
    const fix = `bring ${name} back first`;
    if (found === undefined) return [{ path: `${path}: ${name}`, rule: "is not known to Autopilot", fix }];
    if (!found.healthy) return [{ path: `${path}: ${name}`, rule: "is not healthy", fix }];
    return found.voter
      ? []
      : [{ path: `${path}: ${name}`, rule: "is not a voter yet", fix: "wait until Autopilot has promoted it" }];
  });
  if (problems.length > 0) return problems;
  const own = known.get(server);
  // Autopilot counts one that is down as lost already.
  if (own?.healthy === true && own.voter && health.failureTolerance < 1)
    return [{ path, rule: "tolerates no failure now", got: health.failureTolerance, fix: "wait until it does" }];
  return [];
}

/** Whether all servers but this one are healthy, as far as Autopilot knows. */
export function othersAreHealthy(health: HealthAnswer, server: string): boolean {
  return !("failure" in health) && health.servers.every(({ name, healthy }) => name === server || healthy);
}
