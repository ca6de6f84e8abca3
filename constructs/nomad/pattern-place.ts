import type { Construct } from "constructs";
import type { Port } from "../jobspec/network";
import { ValidationError } from "../core/problems";
import { oneOf } from "../jobspec/rules/report";
import type { Fleet, Pool } from "../../model/types";
import { RegionProvider } from "./region-provider";

/** Where a pattern runs, as the fleet has it. */
export interface PatternPlace {
  readonly fleet: Fleet;
  readonly region: string;
  readonly poolName: string;
  readonly pool: Pool;
}

/**
 * The pool that a pattern names, in the region of its stack.
 *
 * @throws ValidationError without fleet, or when the region has no such pool.
 */
export function patternPlace(scope: Construct, poolName: string): PatternPlace {
  const provider = RegionProvider.of(scope);
  const { fleet, region } = provider ?? {};
  if (fleet === undefined || region === undefined) {
    const fix = "put it into a region's jobs stack: the fleet's `workloads`";
    const rule = "needs the fleet whose hardware it is";
    throw new ValidationError(scope.node.path, [{ path: "pool", rule, got: poolName, fix }]);
  }
  const pool = Object.hasOwn(fleet.pools, poolName) ? fleet.pools[poolName] : undefined;
  if (pool?.region !== region) {
    const pools = Object.entries(fleet.pools).filter(([, other]) => other.region === region);
    const rule =
      pool === undefined ? `must be a pool of region ${region}` : `is in region ${pool.region}, not ${region}`;
    const fix = oneOf(pools.map(([name]) => name));
    throw new ValidationError(scope.node.path, [{ path: "pool", rule, got: poolName, fix }]);
  }
  return { fleet, region, poolName, pool };
}

/**
 * The port of a service as the fleet declares it, on the tailnet: static where the fleet names one. A service that the fleet does not
 * declare gets a dynamic one, and the job is refused for it.
 */
export function servicePort({ fleet }: Pick<PatternPlace, "fleet">, service: string): Port {
  const declared = Object.hasOwn(fleet.services ?? {}, service) ? fleet.services?.[service]?.port : undefined;
  return { hostNetwork: "tailscale", ...(typeof declared === "number" ? { static: declared } : {}) };
}
