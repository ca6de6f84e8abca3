import type { Fleet, Pool } from "../../model/types";
import { machineCosts, type MachineCost } from "./cost/machines";
import type { Finding, Subject } from "./types";
import { counted, short, some } from "./words";

/** From how much more on a month a change is to be looked at, USD. */
const MUCH_USD = 1000;
/** The same as a part of what the fleet's machines cost before. */
const MUCH_PART = 0.25;

/** What a change costs, roughly. */
export function examineCost({ base, head }: Subject): readonly Finding[] {
  const [old, now] = [base?.fleet, head?.fleet];
  if (old === undefined || now === undefined) return [];
  return [...totalChange(machineCosts(old), machineCosts(now)), ...onDemand(old, now)];
}

function totalChange(was: readonly MachineCost[], is: readonly MachineCost[]): readonly Finding[] {
  const before = new Map(was.map((one) => [one.path, one]));
  const after = new Map(is.map((one) => [one.path, one]));
  const changed = [...new Set([...before.keys(), ...after.keys()])].filter((path) => {
    const [old, now] = [before.get(path), after.get(path)];
    return old?.machineType !== now?.machineType || old?.count !== now?.count || old?.usdPerMonth !== now?.usdPerMonth;
  });
  if (changed.length === 0) return [];
  const sides = changed.flatMap((path) => [before.get(path), after.get(path)].filter((one) => one !== undefined));
  const unknown = [...new Set(sides.filter(isUnknown).map(({ machineType }) => short(machineType)))];
  const known = changed.filter((path) => ![before.get(path), after.get(path)].some((one) => one && isUnknown(one)));
  const parts = known.map((path) => `${path} ${told(before.get(path))} → ${told(after.get(path))}`);
  const more = known.reduce((sum, path) => sum + usd(after.get(path)) - usd(before.get(path)), 0);
  const total = was.reduce((sum, one) => sum + usd(one), 0);
  const missing = unknown.length === 0 ? "" : `; the price of ${some(unknown)} is not known`;
  if (known.length === 0) return [finding("notice", `changes by an amount that nobody can say here${missing}`)];
  const isMuch = more > MUCH_USD || (more > 0 && more > total * MUCH_PART);
  const share = total === 0 ? "" : ` (${signed(Math.round((more / total) * 100))} % of its machines)`;
  const date = [...new Set(sides.flatMap(({ date: one }) => one ?? []))].sort()[0] ?? "";
  return [
    finding(
      isMuch ? "warning" : "notice",
      `costs ${signed(Math.round(more))} USD a month${share}: ${some(parts, 4)}${missing} (rough, list price of ${date}, on demand in one region, without disks and traffic)`,
    ),
  ];
}

function finding(severity: Finding["severity"], reason: string): Finding {
  return {
    id: "cost/changed",
    severity,
    resource: "fleet",
    reason,
    fix: "look the types up in your own price list, with your discounts",
  };
}

function isUnknown({ usdPerMonth, count }: MachineCost): boolean {
  return usdPerMonth === undefined && count > 0;
}

function usd(cost: MachineCost | undefined): number {
  return cost?.usdPerMonth ?? 0;
}

function told(cost: MachineCost | undefined): string {
  return cost === undefined ? "none" : `${cost.count} × ${short(cost.machineType)}`;
}

function signed(number: number): string {
  return number > 0 ? `+${number}` : String(number);
}

/** Pools whose machines are no longer spot, or fewer of them. */
function onDemand(old: Fleet, now: Fleet): readonly Finding[] {
  return Object.entries(now.pools).flatMap(([name, is]): readonly Finding[] => {
    const was = old.pools[name];
    if (was?.spot !== true || is.retired !== undefined) return [];
    const [before, after] = [steady(was), steady(is)];
    const isMeant = is.spot === true && after <= before;
    if (isMeant || after === 0) return [];
    return [
      {
        id: "cost/on-demand",
        severity: "warning",
        resource: `pools.${name}`,
        reason:
          is.spot === true
            ? `has ${counted(after, "machine")} on demand instead of ${before}`
            : `goes from spot to on demand, with ${counted(after, "machine")}`,
        fix: "keep them spot, or say why their work must not be interrupted",
      },
    ];
  });
}

/** How many machines of a pool are never spot. */
function steady({ spot, onDemandBase = 0, count = 0 }: Pool): number {
  return spot === true ? Math.min(onDemandBase, count) : count;
}
