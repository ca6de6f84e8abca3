import { type Part, partOf } from "../../jobs/effective";
import type { JobChange } from "../../jobs/changes";
import type { GroupChange } from "../../jobs/classify";
import { list, text } from "../../json";

/** How the allocations of a group are replaced. */
export interface Replacement {
  /** Worded to follow "stops and starts". */
  readonly how: string;
  /** Nothing of it runs for a while, or nobody said how it should be done. */
  readonly isAbrupt: boolean;
}

/** How Nomad goes about a destructive change of a group, by the job's type and its update strategy. */
export function replacementOf({ after }: JobChange, { group, count }: GroupChange): Replacement {
  const type = text(after?.["Type"]) ?? "service";
  const found = list(after?.["TaskGroups"])
    .map(partOf)
    .find((one) => one["Name"] === group);
  const update: Part = { ...partOf(after?.["Update"]), ...partOf(found?.["Update"]) };
  const parallel = Number(update["MaxParallel"] ?? 1);
  const running = Math.min(count.before, count.after);
  const isRolling = type === "service" || type === "system";
  if (type === "system" || type === "sysbatch") {
    const pace = isRolling && Object.keys(update).length > 0 ? `${parallel} at a time` : "at once";
    return { how: `it on every machine, ${parallel === 0 ? "at once" : pace}`, isAbrupt: true };
  }
  if (running <= 1) return { how: "its only allocation, so that none runs meanwhile", isAbrupt: true };
  const all = `all ${running} allocations`;
  if (!isRolling) return { how: `${all}, whose work begins anew`, isAbrupt: true };
  if (parallel === 0 || parallel >= running) return { how: `${all} at once`, isAbrupt: true };
  if (Object.keys(update).length === 0)
    return { how: `${all} as Nomad does where no update strategy is given`, isAbrupt: true };
  return { how: `${all}, ${parallel} at a time`, isAbrupt: false };
}
