import { tags } from "../../../model/names";
import type { Caller } from "../../../model/tailnet-types";
import type { Fleet } from "../../../model/types";

/** Who operates the fleet: machines tagged for it, and the people whom the fleet names. */
export function operatorSubjects(fleet: Fleet): readonly string[] {
  return [tags.operator, ...(fleet.tailnet.operators ?? [])];
}

/** Callers as the policy names them. */
export function callerSubjects(fleet: Fleet, callers: readonly Caller[]): readonly string[] {
  return [...new Set(callers.flatMap((caller) => subjectsOf(fleet, caller)))];
}

function subjectsOf(fleet: Fleet, caller: Caller): readonly string[] {
  if (caller === "operators") return operatorSubjects(fleet);
  if (caller === "servers") return [tags.server];
  return [isPool(caller) ? tags.pool(caller) : caller];
}

/** Callers as people name them: `pool edge, operators and tag:monitoring`. */
export function callerWords(callers: readonly Caller[]): string {
  return listed([...new Set(callers)].map((caller) => (isPool(caller) ? `pool ${caller}` : caller)));
}

function isPool(caller: Caller): boolean {
  return caller !== "operators" && caller !== "servers" && !/[:@]/.test(caller);
}

/** Names with commas and an `and`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}
