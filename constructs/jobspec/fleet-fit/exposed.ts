import { portBounds, protocolsOf } from "../../../model/service-rules";
import type { Fleet, Service as FleetService } from "../../../model/types";
import type { Group } from "../group";
import { key } from "../placement/volumes";
import { servicesOf } from "../rules/discovery";
import { isLiteral, type Report } from "../rules/report";
import type { Service } from "../service";

/** What a job exposes must be declared in the fleet: the tailnet lets nothing else through. */
export function exposedRules(report: Report, groupName: string, group: Group, pool: string, fleet: Fleet): void {
  const ports = group.network?.ports ?? {};
  const covered = new Set<string>();
  for (const { service, path: at } of servicesOf(group, groupName)) {
    if (service.port === undefined || service.name === undefined || !isLiteral(service.name)) continue;
    covered.add(service.port);
    const port = /^\d+$/.test(service.port) ? Number(service.port) : (ports[service.port]?.static ?? 0);
    exposedService(report, at, service, port === 0 ? "dynamic" : port, pool, fleet);
  }
  for (const [label, { static: port = 0 }] of Object.entries(ports)) {
    if (port === 0 || covered.has(label)) continue;
    const declared = Object.values(fleet.services ?? {});
    if (declared.some((service) => holds(service.port, port) && service.pools.includes(pool))) continue;
    report.error(
      `groups.${groupName}.network.ports.${label}.static`,
      "must be declared by the fleet, else nothing can reach it",
      port,
      addition(label, port, pool),
    );
  }
}

type Port = number | "dynamic";

function exposedService(
  report: Report,
  at: string,
  service: Service & { readonly name?: string },
  port: Port,
  pool: string,
  fleet: Fleet,
): void {
  const name = service.name ?? "";
  const found = fleet.services?.[name];
  if (found === undefined) {
    const rule = "must be declared by the fleet, else nothing can reach it";
    report.error(`${at}.name`, rule, name, addition(name, port, pool));
    return;
  }
  if (!found.pools.includes(pool)) {
    report.error(
      `${at}.name`,
      `is not declared for pool ${pool}`,
      name,
      `add "${pool}" to services.${name}.pools of the fleet`,
    );
  }
  if (!holds(found.port, port)) {
    const isRange = typeof found.port === "string" && found.port !== "dynamic";
    report.error(
      `${at}.port`,
      `must be the fleet's port ${found.port} of ${name}`,
      port,
      found.port === "dynamic"
        ? "remove static from the port"
        : isRange
          ? `set static to a port of ${found.port}`
          : `set static: ${found.port} on the port`,
    );
  }
  const check = service.checks?.find(({ type }) => ["http", "tcp", "grpc"].includes(type));
  if (check !== undefined && !protocolsOf(found).includes("tcp")) {
    report.error(
      `${at}.checks`,
      `ask ${name} over TCP, which the fleet declares for ${found.protocol ?? "tcp"} alone`,
      check.type,
      `write \`protocol: "tcp+udp"\` at services.${key(name)} of the fleet`,
    );
  }
}

/** True when a declared port or range holds one that a job takes. */
function holds(declared: FleetService["port"], port: Port): boolean {
  if (port === "dynamic" || declared === "dynamic") return port === declared;
  const bounds = portBounds(declared);
  return bounds !== undefined && bounds.from <= port && port <= bounds.to;
}

function addition(name: string, port: Port, pool: string): string {
  return `add \`${key(name)}: { port: ${JSON.stringify(port)}, pools: ["${pool}"], callers: ["operators"] }\` to the fleet's services`;
}
