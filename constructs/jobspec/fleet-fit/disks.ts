import type { Pool } from "../../../model/types";
import type { Group } from "../group";
import type { Report } from "../rules/report";

/** A disk that moves is fetched from the agent that had it, which the tailnet opens only inside pools that say so. */
export function diskRules(report: Report, groupName: string, group: Group, poolName: string, pool: Pool): void {
  if (group.ephemeralDisk?.migrate !== true || pool.migratesDisks === true) return;
  report.error(
    `groups.${groupName}.ephemeralDisk.migrate`,
    `needs the agents of pool ${poolName} to reach each other, which the fleet does not open`,
    true,
    `add \`migratesDisks: true\` to pools.${poolName} of the fleet`,
  );
}
