import type { Fleet } from "../../../model/types";
import { changedPaths } from "../../change/paths";
import { isEqual, type Json, object } from "../../json";
import { isDestination, nomadAddresses } from "../../supply/known";
import type { Supply } from "../../supply/supply";
import { short } from "../words";
import type { Told } from "./told";

/** Settings of providers, and of the backend, that become others. */
export function examineSettings(
  base: readonly Supply[],
  head: readonly Supply[],
  fleets: readonly (Fleet | undefined)[],
): readonly Told[] {
  const old = new Map(base.map((supply) => [supply.stack, supply]));
  return head.flatMap((supply) => {
    const was = old.get(supply.stack);
    return [...providerSettings(base, was, supply, fleets), ...(was === undefined ? [] : backend(was, supply))];
  });
}

function providerSettings(
  base: readonly Supply[],
  was: Supply | undefined,
  { stack, settings }: Supply,
  fleets: readonly (Fleet | undefined)[],
): readonly Told[] {
  return [...settings].flatMap(([name, now]) => {
    const before = was?.settings.get(name);
    const keys = before === undefined ? Object.keys(now) : Object.keys({ ...before, ...now });
    return keys
      .filter((key) => !isEqual(before?.[key], now[key]))
      .filter((key) => (isDestination(key) ? !isTrusted(base, fleets, name, key, now[key]) : before !== undefined))
      .map((key): Told => {
        const goesElsewhere = isDestination(key);
        const change =
          before === undefined
            ? `${key} is ${short(now[key])}`
            : `${key} from ${short(before[key])} to ${short(now[key])}`;
        return {
          id: "supply/provider-changed",
          severity: goesElsewhere ? "blocking" : "warning",
          stack,
          resource: `provider.${name}`,
          reason: goesElsewhere ? `sends its credentials elsewhere: ${change}` : `is configured otherwise: ${change}`,
          fix: goesElsewhere
            ? "keep it, unless you know who answers there"
            : "make sure that what the stack has is found there",
        };
      });
  });
}

/** True for a destination that the base has too, or that follows from a tailnet which stays the same. */
function isTrusted(
  base: readonly Supply[],
  [old, now]: readonly (Fleet | undefined)[],
  name: string,
  key: string,
  value: unknown,
): boolean {
  const provider = name.split(".")[0] ?? "";
  const isThere = base.some(({ settings }) =>
    [...settings].some(([other, given]) => other.split(".")[0] === provider && isEqual(given[key], value)),
  );
  if (isThere || value === undefined || value === null || value === false) return true;
  if (provider !== "nomad" || key !== "address" || typeof value !== "string") return false;
  return (
    old !== undefined &&
    now !== undefined &&
    old.tailnet.domain === now.tailnet.domain &&
    nomadAddresses(now).has(value)
  );
}

function backend(was: Supply, is: Supply): readonly Told[] {
  if (was.backend === undefined || isEqual(was.backend, is.backend)) return [];
  const paths = changedPaths(was.backend, is.backend ?? {});
  const at = (values: Json | undefined, path: string) =>
    path.split(".").reduce<unknown>((value, key) => object(value)[key], values);
  const what = paths
    .map((path) => `${path} from ${short(at(was.backend, path))} to ${short(at(is.backend, path))}`)
    .join(", ");
  return [
    {
      id: "supply/backend-changed",
      severity: "blocking",
      stack: is.stack,
      resource: "terraform.backend",
      reason: `looks for the state elsewhere (${what}): an empty state there makes everything a second time`,
      fix: "keep it, or move the state first (terraform init -migrate-state) and say so",
    },
  ];
}
