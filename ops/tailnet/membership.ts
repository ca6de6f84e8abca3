import { identitiesOf, tagsOf } from "../../model/identities";
import { machinesOf } from "../../model/machines";
import { tags } from "../../model/names";
import type { Fleet } from "../../model/types";
import type { TailnetDevice } from "./control-plane";

const DAY_MILLISECONDS = 86_400_000;

/**
 * How a device or machine stands to the fleet.
 *
 * - `member`: a machine of the fleet, of a pool that is only counted, or an operator's.
 * - `untagged`: a machine of the fleet by name, which carries none of its tags.
 * - `stray`: carries tags of the fleet, is not in it, and was seen lately: another fleet's, or one that still runs.
 * - `left behind`: the same, not seen for long.
 * - `missing`: a machine of the fleet that is no device.
 * - `other`: none of the fleet's.
 */
export type Standing = "member" | "untagged" | "stray" | "left behind" | "missing" | "other";

/** A device of the tailnet, a machine of the fleet, or both. */
export interface Member {
  readonly name: string;
  readonly standing: Standing;
  /** Absent for what is missing. */
  readonly device?: TailnetDevice;
}

/**
 * Holds the devices of the tailnet against the fleet.
 *
 * A device that has the name of a machine of the fleet is never left behind, even where several have it.
 *
 * @param offlineDays - days without contact after which a device counts as gone.
 */
export function membersOf(
  fleet: Fleet,
  devices: readonly TailnetDevice[],
  offlineDays: number,
  now: Date,
): readonly Member[] {
  const machines = new Set(machinesOf(fleet).map(({ name }) => name));
  const fleetTags = new Set<string>(identitiesOf(fleet).flatMap(tagsOf));
  const counted = new Set<string>(
    Object.entries(fleet.pools).flatMap(([pool, { hosts }]) => (hosts === undefined ? [tags.pool(pool)] : [])),
  );
  const isGone = ({ online, lastSeen }: TailnetDevice) =>
    online !== true &&
    (lastSeen === undefined ? 0 : Date.parse(lastSeen)) < now.getTime() - offlineDays * DAY_MILLISECONDS;
  const standingOf = (device: TailnetDevice): Standing => {
    const isFleets = device.tags.some((tag) => fleetTags.has(tag));
    if (machines.has(device.name) || machines.has(device.hostname)) return isFleets ? "member" : "untagged";
    if (!isFleets) return "other";
    if (device.tags.includes(tags.operator)) return "member";
    if (device.tags.some((tag) => counted.has(tag)) && !isGone(device)) return "member";
    return isGone(device) ? "left behind" : "stray";
  };
  const found = devices.map((device) => ({ name: device.name, standing: standingOf(device), device }));
  const there = new Set(devices.flatMap(({ name, hostname }) => [name, hostname]));
  const missing = [...machines].filter((name) => !there.has(name));
  return [...found, ...missing.map((name) => ({ name, standing: "missing" as const }))];
}

/** Devices that may be deleted: left behind, and tagged. */
export function prunable(members: readonly Member[]): readonly TailnetDevice[] {
  return members.flatMap(({ standing, device }) =>
    standing === "left behind" && device !== undefined && device.tags.length > 0 ? [device] : [],
  );
}
