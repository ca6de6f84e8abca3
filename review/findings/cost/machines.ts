import type { Fleet } from "../../../model/types";
import { HOURS_PER_MONTH, priceOf } from "../../cost/prices";

/** What like machines of a fleet cost. */
export interface MachineCost {
  /** Shape: `pools.h100`, `regions.eu.servers`. */
  readonly path: string;
  readonly machineType: string;
  readonly count: number;
  /** At the list price, whether they are spot or not. Absent where the type's price is not known. */
  readonly usdPerMonth?: number;
  /** Of the price list. */
  readonly date?: string;
}

/** Machines of a fleet that a cloud bills, without those that are retired. */
export function machineCosts(fleet: Fleet): readonly MachineCost[] {
  const servers = Object.entries(fleet.regions).flatMap(([name, { site, servers: given, retired }]) =>
    "hosts" in given || retired !== undefined
      ? []
      : [costOf(fleet, `regions.${name}.servers`, site, given.machineType, given.count)],
  );
  const pools = Object.entries(fleet.pools).flatMap(([name, { site, machineType, count, hardware, retired }]) =>
    machineType === undefined || count === undefined || retired !== undefined
      ? []
      : [costOf(fleet, `pools.${name}`, site, machineType, count, hardware)],
  );
  return [...servers, ...pools];
}

function costOf(
  fleet: Fleet,
  path: string,
  site: string,
  machineType: string,
  count: number,
  hardware?: Fleet["pools"][string]["hardware"],
): MachineCost {
  const platform = fleet.sites[site]?.platform;
  const price = platform && priceOf(platform, machineType, hardware);
  return {
    path,
    machineType,
    count,
    ...(price && { usdPerMonth: price.usdPerHour * count * HOURS_PER_MONTH, date: price.date }),
  };
}
