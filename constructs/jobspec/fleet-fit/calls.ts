import type { Fleet } from "../../../model/types";
import type { Group } from "../group";
import { key } from "../placement/volumes";
import { callsOf } from "../rules/calls";
import type { Report } from "../rules/report";

/**
 * What a job calls must let its pool in: the tailnet opens a service for its callers alone. That holds inside of one pool as
 * well, whose machines are strangers to each other. A service that nobody declares is the rule `unknown-service`.
 */
export function callRules(report: Report, groupName: string, group: Group, pool: string, fleet: Fleet): void {
  for (const { service, path: at } of callsOf(group, groupName)) {
    const found = fleet.services?.[service];
    if (found === undefined || found.callers.includes(pool)) continue;
    const callers = [...found.callers, pool].map((caller) => JSON.stringify(caller)).join(", ");
    report.error(
      at,
      `calls ${service}, which the fleet does not open for pool ${pool}`,
      service,
      `write \`callers: [${callers}]\` at services.${key(service)} of the fleet`,
    );
  }
}
