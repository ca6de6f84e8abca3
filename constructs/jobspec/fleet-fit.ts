import type { Problem } from "../core/problems";
import { gpuOf } from "../../model/hardware";
import type { Fleet, Pool } from "../../model/types";
import { parseMebibytes, parseMegahertz, parseSize } from "./size";
import type { Group } from "./group";
import type { Job } from "./job";
import type { Constraint } from "./placement";
import { isKnownNumber, isLiteral, Report } from "./rules/report";
import { oneOf } from "./rules/discovery";
import type { Service } from "./service";
import type { Device } from "./resources";

/**
 * Finds what keeps a job from running in a fleet: no such pool, a driver or volume that the pool lacks, hardware that none
 * of its machines has, an endpoint that the tailnet would not let through.
 *
 * Says nothing about room: other jobs may fill the pool.
 *
 * @param job - with `region` set where the fleet has more than one.
 * @returns all problems at once, paths relative to the job.
 */
export function jobFitsFleet(job: Job, fleet: Fleet): readonly Problem[] {
  const report = new Report();
  if (job.region !== undefined && isLiteral(job.region) && !Object.hasOwn(fleet.regions, job.region)) {
    report.error("region", "must be a region of the fleet", job.region, oneOf(Object.keys(fleet.regions)));
    return report.problems;
  }
  if (job.namespace !== undefined && job.namespace !== "default" && isLiteral(job.namespace)) {
    if (!Object.hasOwn(fleet.namespaces ?? {}, job.namespace)) {
      report.error(
        "namespace",
        "must be a namespace of the fleet",
        job.namespace,
        `add \`${key(job.namespace)}: {}\` to the fleet's namespaces`,
      );
    }
  }
  if (job.nodePool !== undefined && !isLiteral(job.nodePool)) return report.problems;
  const pools = () =>
    Object.keys(fleet.pools).filter((name) => job.region === undefined || fleet.pools[name]?.region === job.region);
  if (job.nodePool === undefined) {
    report.error("nodePool", "must name the pool that runs the job", undefined, oneOf(pools()));
    return report.problems;
  }
  const pool = Object.hasOwn(fleet.pools, job.nodePool) ? fleet.pools[job.nodePool] : undefined;
  if (pool === undefined) {
    report.error("nodePool", "must be a pool of the fleet", job.nodePool, oneOf(pools()));
    return report.problems;
  }
  if (job.region !== undefined && pool.region !== job.region) {
    report.error("nodePool", `must be in region ${job.region}, but is in ${pool.region}`, job.nodePool, oneOf(pools()));
  }
  if (pool.retired !== undefined) {
    report.error("nodePool", "is retired", job.nodePool, oneOf(pools().filter((name) => name !== job.nodePool)));
  }
  datacenterRule(report, job, fleet, pool);
  for (const [name, group] of Object.entries(job.groups)) {
    groupFits(report, `groups.${name}`, job, group, pool, fleet);
  }
  return report.problems;
}

function datacenterRule(report: Report, job: Job, fleet: Fleet, pool: Pool): void {
  if (job.datacenters === undefined || job.datacenters.length === 0) return;
  const datacenter = fleet.regions[pool.region]?.datacenter ?? pool.region;
  if (job.datacenters.every(isLiteral) && !job.datacenters.some((glob) => globMatches(glob, datacenter))) {
    report.error("datacenters", `must match ${datacenter}, where the pool is`, job.datacenters, "leave it out");
  }
}

function globMatches(glob: string, text: string): boolean {
  const pattern = glob.replace(/[.+^${}()|[\]\\?]/g, "\\$&").replace(/\*/g, ".*");
  return new RegExp(`^${pattern}$`).test(text);
}

function groupFits(report: Report, path: string, job: Job, group: Group, pool: Pool, fleet: Fleet): void {
  const poolName = job.nodePool ?? "";
  const { hardware } = pool;
  let memoryMiB = 0;
  let cpuMHz = 0;
  const drivers: readonly string[] = pool.drivers ?? ["docker", "exec"];
  const enabled: readonly string[] | undefined = fleet.namespaces?.[job.namespace ?? "default"]?.enabledTaskDrivers;
  for (const [name, task] of Object.entries(group.tasks)) {
    const at = `${path}.tasks.${name}`;
    if (!drivers.includes(task.driver)) {
      report.error(`${at}.driver`, `is not enabled in pool ${poolName}`, task.driver, oneOf(drivers));
    }
    if (enabled !== undefined && !enabled.includes(task.driver)) {
      report.error(`${at}.driver`, `is not enabled in namespace ${job.namespace ?? ""}`, task.driver, oneOf(enabled));
    }
    if (task.lifecycle === undefined || task.lifecycle.sidecar === true) {
      memoryMiB += parseMebibytes(task.resources?.memory ?? "300MiB") ?? 0;
      cpuMHz += task.resources?.cores === undefined ? (parseMegahertz(task.resources?.cpu ?? "100MHz") ?? 0) : 0;
    }
    task.resources?.devices?.forEach((device, index) => {
      deviceFits(report, `${at}.resources.devices.${index}`, device, poolName, pool);
    });
    constraintsFit(report, at, task.constraints, poolName, pool);
  }
  if (memoryMiB > hardware.memoryMiB) {
    report.error(
      path,
      `must fit the ${hardware.memoryMiB} MiB of a machine of pool ${poolName}`,
      `${memoryMiB} MiB`,
      "lower memory, or use a larger pool",
    );
  }
  if (cpuMHz > hardware.cpuMHz) {
    report.error(
      path,
      `must fit the ${hardware.cpuMHz} MHz of a machine of pool ${poolName}`,
      `${cpuMHz} MHz`,
      "lower cpu, or use a larger pool",
    );
  }
  constraintsFit(report, path, group.constraints, poolName, pool);
  constraintsFit(report, "", job.constraints, poolName, pool);
  for (const [name, volume] of Object.entries(group.volumes ?? {})) {
    if (volume.type !== "host" || !isLiteral(volume.source) || volume.perAlloc === true || volume.sticky === true)
      continue;
    const host = pool.hostVolumes?.[volume.source];
    if (host === undefined) {
      report.error(
        `${path}.volumes.${name}.source`,
        `must be a host volume of pool ${poolName}`,
        volume.source,
        oneOf(
          Object.keys(pool.hostVolumes ?? {}),
          `add \`${key(volume.source)}: { path: "…" }\` to pools.${poolName}.hostVolumes`,
        ),
      );
    } else if (host.readOnly === true && volume.readOnly !== true) {
      report.error(
        `${path}.volumes.${name}.readOnly`,
        "must be true: the pool offers it read-only",
        volume.readOnly,
        "add readOnly: true",
      );
    }
  }
  if (pool.edge !== undefined && group.disconnect === undefined) {
    report.warning(
      `${path}.disconnect`,
      `should be set: pool ${poolName} is at the edge and loses contact`,
      undefined,
      `add disconnect: { lostAfter: "${pool.edge.toleratedDisconnectSeconds ?? 3600}s" }`,
    );
  }
  servicesFit(report, path, group, poolName, fleet);
}

function known(value: number | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  return isKnownNumber(value) ? value : 0;
}

/** Constraints that the model can decide: architecture, pool, class and meta of the pool's machines. */
function constraintsFit(
  report: Report,
  path: string,
  constraints: readonly Constraint[] | undefined,
  poolName: string,
  pool: Pool,
): void {
  constraints?.forEach((constraint, index) => {
    if ((constraint.operator ?? "=") !== "=" || constraint.value === undefined || !isLiteral(constraint.value)) return;
    const actual = attributeOf(constraint.attribute ?? "", poolName, pool);
    if (actual === undefined || actual === constraint.value) return;
    const at = path === "" ? `constraints.${index}` : `${path}.constraints.${index}`;
    report.error(
      at,
      `cannot be met in pool ${poolName}, where ${constraint.attribute ?? ""} is ${actual}`,
      constraint.value,
      "change it, or use another pool",
    );
  });
}

function attributeOf(attribute: string, poolName: string, pool: Pool): string | undefined {
  if (attribute === "${attr.cpu.arch}") return pool.hardware.architecture ?? "amd64";
  if (attribute === "${node.pool}") return poolName;
  if (attribute === "${node.class}") return pool.nodeClass;
  const meta = /^\$\{meta\.([^}]+)\}$/.exec(attribute)?.[1];
  return meta === undefined ? undefined : pool.nodeMeta?.[meta];
}

function deviceFits(report: Report, path: string, device: Device, poolName: string, pool: Pool): void {
  if (!isLiteral(device.name)) return;
  const parts = device.name.split("/");
  const type = parts.length === 1 ? parts[0] : parts[1];
  if (type !== "gpu") return;
  if (pool.hardware.gpu === undefined) {
    report.error(
      `${path}.name`,
      `is not in pool ${poolName}: its machines have no GPU`,
      device.name,
      "use a pool with GPUs",
    );
    return;
  }
  const count = known(device.count, 1);
  if (count > pool.hardware.gpu.count) {
    report.error(
      `${path}.count`,
      `must be at most ${pool.hardware.gpu.count}, the GPUs of a machine of pool ${poolName}`,
      count,
      "use more allocations, or a larger machine",
    );
  }
  const gpu = gpuOf(pool.hardware);
  if (gpu === undefined) return;
  if (parts.length === 3 && parts[2] !== gpu.model) {
    report.error(
      `${path}.name`,
      `must name the model of pool ${poolName}, ${gpu.model}`,
      parts[2],
      "name that model, or leave it out",
    );
  }
  device.constraints?.forEach((constraint, index) => {
    const at = `${path}.constraints.${index}`;
    if (
      constraint.attribute === "${device.model}" &&
      (constraint.operator ?? "=") === "=" &&
      constraint.value !== gpu.model
    ) {
      report.error(
        at,
        `cannot be met in pool ${poolName}, whose GPU is ${gpu.model}`,
        constraint.value,
        "use another pool",
      );
    }
    if (constraint.attribute !== "${device.attr.memory}") return;
    const wanted = parseSize(constraint.value ?? "");
    if (wanted === undefined) return;
    const has = gpu.memoryMiB * 1024 * 1024;
    const operator = constraint.operator ?? "=";
    if ((operator === ">=" && has < wanted) || (operator === ">" && has <= wanted)) {
      report.error(
        at,
        `cannot be met in pool ${poolName}: a ${gpu.model} has ${gpu.memoryMiB} MiB`,
        constraint.value,
        "ask for less, or use another pool",
      );
    }
  });
}

/** What a job exposes must be declared in the fleet: the tailnet lets nothing else through. */
function servicesFit(report: Report, path: string, group: Group, pool: string, fleet: Fleet): void {
  const ports = group.network?.ports ?? {};
  const covered = new Set<string>();
  const visit = (at: string, service: Service) => {
    if (service.port === undefined || service.name === undefined || !isLiteral(service.name)) return;
    covered.add(service.port);
    const port = /^\d+$/.test(service.port) ? Number(service.port) : (ports[service.port]?.static ?? 0);
    const wanted = port === 0 ? "dynamic" : port;
    const found = fleet.services?.[service.name];
    if (found === undefined) {
      report.error(
        `${at}.name`,
        "must be declared by the fleet, else nothing can reach it",
        service.name,
        `add \`${key(service.name)}: { port: ${JSON.stringify(wanted)}, pools: ["${pool}"], callers: ["operators"] }\` to the fleet's services`,
      );
      return;
    }
    if (!found.pools.includes(pool)) {
      report.error(
        `${at}.name`,
        `is not declared for pool ${pool}`,
        service.name,
        `add "${pool}" to services.${service.name}.pools of the fleet`,
      );
    }
    if (found.port !== wanted) {
      report.error(
        `${at}.port`,
        `must be the fleet's port ${found.port} of ${service.name}`,
        wanted,
        found.port === "dynamic" ? "remove static from the port" : `set static: ${found.port} on the port`,
      );
    }
  };
  group.services?.forEach((service, index) => visit(`${path}.services.${index}`, service));
  for (const [name, task] of Object.entries(group.tasks)) {
    task.services?.forEach((service, index) => visit(`${path}.tasks.${name}.services.${index}`, service));
  }
  for (const [label, port] of Object.entries(ports)) {
    if ((port.static ?? 0) === 0 || covered.has(label)) continue;
    const declared = Object.values(fleet.services ?? {});
    if (declared.some((service) => service.port === port.static && service.pools.includes(pool))) continue;
    report.error(
      `${path}.network.ports.${label}.static`,
      "must be declared by the fleet, else nothing can reach it",
      port.static,
      `add \`${key(label)}: { port: ${port.static}, pools: ["${pool}"], callers: ["operators"] }\` to the fleet's services`,
    );
  }
}

/** An object key as TypeScript wants it. */
function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
