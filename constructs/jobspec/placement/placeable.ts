import type { Fleet } from "../../../model/types";
import type { Group } from "../group";
import type { Job } from "../job";
import { oneOf } from "../rules/discovery";
import { isKnownNumber, isLiteral } from "../rules/report";
import { checkConstraints, checkDistinctHosts, checkDistinctProperty, type Candidates } from "./constraints";
import { checkDevices } from "./devices";
import { Findings, type PoolPlacement } from "./findings";
import { checkNeeds } from "./needs";
import { checkNetwork } from "./network";
import { type PoolFacts, poolFacts } from "./pool-facts";
import { checkRoom, demandOf } from "./room";
import { together } from "./together";
import { checkVolumes } from "./volumes";

/** Which pools can run a group. */
export interface GroupPlacement {
  readonly group: string;
  /** Allocations that must find a place; 1 on each machine for system jobs. */
  readonly count: number;
  /** Every pool of the job's region, in the fleet's order. */
  readonly pools: readonly PoolPlacement[];
}

/**
 * Says for each group of a job which pools of the job's region can run it, and why the others cannot: what Nomad's scheduler
 * would say of machines that are as the fleet has them and run nothing else.
 *
 * A pool that the job does not name fails at that, before all else; {@link fitsPool} asks how it would be if it were named.
 *
 * @param job - with `region` set where the fleet has more than one; else the pools of all regions are candidates.
 */
export function placeable(job: Job, fleet: Fleet): readonly GroupPlacement[] {
  const pools = poolsOf(job, fleet);
  const byPool = pools.map((pool) => fitsPool(job, fleet, pool.name, true));
  return Object.entries(job.groups).map(([name, group], index) => ({
    group: name,
    count: countOf(job, group),
    pools: byPool.flatMap((groups) => groups[index] ?? []),
  }));
}

/** Pools that a job could name. */
export function poolsOf(job: Job, fleet: Fleet): readonly PoolFacts[] {
  return [...poolFacts(fleet).values()].filter(
    ({ pool }) => job.region === undefined || !isLiteral(job.region) || pool.region === job.region,
  );
}

/**
 * How each group of a job fares in one pool, in the order of the job.
 *
 * @param named - fail where the job names another pool, or none.
 */
export function fitsPool(job: Job, fleet: Fleet, poolName: string, named = false): readonly PoolPlacement[] {
  const facts = poolFacts(fleet).get(poolName);
  if (facts === undefined) throw new RangeError(`no pool ${poolName} in fleet ${fleet.name}`);
  const names = Object.keys(job.groups);
  const alone = Object.values(job.groups).map((group, index) => {
    return fits(job, group, names[index] ?? "", fleet, facts, named).conclude(facts.name, countOf(job, group));
  });
  return alone.length === 1 ? alone : together(job, facts, alone);
}

function fits(job: Job, group: Group, name: string, fleet: Fleet, facts: PoolFacts, named: boolean): Findings {
  const path = `groups.${name}`;
  const machines = facts.machines;
  const findings = new Findings({ atLeast: machines ?? 1, atMost: machines ?? Infinity });
  const candidates: Candidates = { facts, hosts: facts.hosts };
  checkPool(findings, job, facts, named);
  checkConstraints(findings, candidates, "jobConstraint", "", job.constraints);
  checkDrivers(findings, job, group, path, fleet, facts);
  checkConstraints(findings, candidates, "constraint", `${path}.`, group.constraints);
  checkNeeds(findings, facts, path, group, job);
  for (const [taskName, task] of Object.entries(group.tasks)) {
    checkConstraints(findings, candidates, "constraint", `${path}.tasks.${taskName}.`, task.constraints);
  }
  checkDevices(findings, facts, path, group);
  checkNetwork(findings, facts, path, group);
  checkVolumes({ findings, facts, fleet, job }, path, name, group);
  if (!isSystem(job)) {
    checkDistinctHosts(findings, candidates, "", job.constraints);
    checkDistinctHosts(findings, candidates, `${path}.`, group.constraints);
  }
  checkDistinctProperty(findings, candidates, "", job.constraints);
  checkDistinctProperty(findings, candidates, `${path}.`, group.constraints);
  checkRoom(findings, facts, path, demandOf(group));
  return findings;
}

function isSystem({ type }: Job): boolean {
  return type === "system" || type === "sysbatch";
}

/** A group that is scaled to nothing is asked for one: it must have a place when it is scaled up. */
function countOf(job: Job, group: Group): number {
  const count = group.count ?? group.scaling?.min ?? 1;
  return isSystem(job) || !isKnownNumber(count) ? 1 : Math.max(1, count);
}

function checkPool(findings: Findings, job: Job, facts: PoolFacts, named: boolean): void {
  const { name, pool, datacenter } = facts;
  const what = ["nodePool", "nodePool", `nodePool ${name}`] as const;
  const isNamed = job.nodePool === name || (job.nodePool !== undefined && !isLiteral(job.nodePool));
  if (named && !isNamed) {
    const rule =
      job.nodePool === undefined ? "must name the pool that runs the job" : `must be ${name} to use that pool`;
    findings.failAt(what, "nodePool", rule, job.nodePool, `set nodePool: "${name}"`);
  }
  if (pool.retired !== undefined) findings.failAt(what, "nodePool", "is retired", name, "use another pool");
  const { datacenters } = job;
  if (datacenters !== undefined && datacenters.length > 0 && datacenters.every(isLiteral)) {
    if (!datacenters.some((glob) => globMatches(glob, datacenter))) {
      const rule = `must match ${datacenter}, where pool ${name} is`;
      const short = `datacenter ${datacenters.join(", ")}`;
      findings.failAt(["datacenter", "datacenter", short], "datacenters", rule, datacenters, "leave it out");
    }
  }
  if (facts.machines === 0) {
    const machines = ["machines", "machines", "machines"] as const;
    findings.failAt(machines, "nodePool", "has no machine in service", name, "add machines, or use another pool");
  }
}

function globMatches(glob: string, text: string): boolean {
  if (!glob.includes("*")) return glob === text;
  const pattern = glob.replace(/[.+^${}()|[\]\\?]/g, "\\$&").replace(/\*+/g, ".*");
  return new RegExp(`^${pattern}$`).test(text);
}

function checkDrivers(findings: Findings, job: Job, group: Group, path: string, fleet: Fleet, facts: PoolFacts): void {
  const enabled: readonly string[] | undefined = fleet.namespaces?.[job.namespace ?? "default"]?.enabledTaskDrivers;
  for (const [name, { driver }] of Object.entries(group.tasks)) {
    const short = `driver ${driver}`;
    const at = `${path}.tasks.${name}.driver`;
    if (enabled !== undefined && !enabled.includes(driver)) {
      const rule = `is not enabled in namespace ${job.namespace ?? "default"}`;
      findings.failAt(["namespace", "namespace", short], at, rule, driver, oneOf(enabled));
    }
    if (!facts.drivers.includes(driver)) {
      const rule = `is not enabled in pool ${facts.name}`;
      findings.failAt(["driver", "driver", short], at, rule, driver, oneOf(facts.drivers));
    }
  }
}
