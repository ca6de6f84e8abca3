import { sortKeys } from "../../constructs/jobspec/json-value";
import { isEqual, type Json, list, object, text } from "../json";

/** What a plan does to one resource or output, without what differs between two plans of the same. */
export interface NormalizedChange {
  /** Shape: `aws_instance.a`, `output.address`. */
  readonly address: string;
  readonly actions: readonly string[];
  readonly previousAddress?: string;
  /** What Terraform replaces it for. Shape: `["ami"]`. */
  readonly replacedBy?: readonly string[];
  /** Of a thing that goes or is replaced: which. */
  readonly id?: string;
  /** Id of a thing that is taken over. */
  readonly imported?: string;
  /** Attributes that change. What is only known after the apply is left out. */
  readonly before?: Json;
  readonly after?: Json;
}

/** A plan, reduced to what it does. */
export type NormalizedPlan = readonly NormalizedChange[];

/**
 * What a plan does, so that two plans of the same code on the same state are equal: without times, serials, the order of resources and
 * of keys, and without attributes that stay as they are or are not known yet, such as a provider's counters.
 *
 * @param plan - as `terraform show -json` has it; parsed JSON of anybody.
 */
export function normalized(plan: Json): NormalizedPlan {
  const resources = list(plan["resource_changes"]).map((entry) => {
    const { address, previous_address: previous, change, deposed } = object(entry);
    // What an interrupted replacement left behind has the address of what replaced it.
    const left = text(deposed) === undefined ? "" : ` (deposed ${text(deposed)})`;
    return changeOf(`${text(address) ?? ""}${left}`, object(change), text(previous));
  });
  const outputs = Object.entries(object(plan["output_changes"])).map(([name, change]) =>
    changeOf(`output.${name}`, object(change)),
  );
  return [...resources, ...outputs]
    .filter((change) => change !== undefined)
    .sort((left, right) => (left.address < right.address ? -1 : left.address > right.address ? 1 : 0));
}

/** Text by which normalized plans are equal. */
export function normalizedText(plan: NormalizedPlan): string {
  return JSON.stringify(sortKeys(plan));
}

function changeOf(address: string, change: Json, previous?: string): NormalizedChange | undefined {
  const actions = list(change["actions"]).map(String);
  const isMoved = previous !== undefined && previous !== address;
  const imported = text(object(change["importing"])["id"]);
  if (actions.every((action) => action === "no-op") && !isMoved && imported === undefined) return undefined;
  const { before, after, after_unknown: unknown, replace_paths: paths } = change;
  const replacedBy = list(paths).map((parts) => list(parts).map(String).join("."));
  const isGone = actions.includes("delete") || actions.includes("forget");
  const id = isGone ? text(object(before)["id"]) : undefined;
  return {
    address,
    actions,
    ...(isMoved && { previousAddress: previous }),
    ...(replacedBy.length > 0 && { replacedBy: [...replacedBy].sort() }),
    ...(id !== undefined && { id }),
    ...(imported !== undefined && { imported }),
    ...attributes(before, after, unknown),
  };
}

function attributes(before: unknown, after: unknown, unknown: unknown): Pick<NormalizedChange, "before" | "after"> {
  // Of what goes, id and address say everything; its attributes are the state's.
  if (after === null || after === undefined) return {};
  const [was, is, marks] = [wrapped(before), wrapped(after), wrapped(unknown)];
  const known = Object.keys(is).filter((key) => marks[key] !== true);
  const changed = known.filter((key) => !isEqual(was[key] ?? null, is[key] ?? null));
  const pick = (from: Json) =>
    Object.fromEntries(changed.filter((key) => (from[key] ?? null) !== null).map((key) => [key, from[key]]));
  return { ...(Object.keys(was).length > 0 && { before: pick(was) }), after: pick(is) };
}

/** An output's value is no object by itself. */
function wrapped(value: unknown): Json {
  if (value === null || value === undefined || value === false) return {};
  return typeof value === "object" && !Array.isArray(value) ? (value as Json) : { value };
}

/** How two normalized plans differ in one resource. */
export interface NormalizedDifference {
  readonly address: string;
  /** Absent where only the later plan has it. */
  readonly reviewed?: NormalizedChange;
  /** Absent where only the reviewed plan has it. */
  readonly now?: NormalizedChange;
}

/** Where a plan differs from the one that was reviewed. */
export function differences(reviewed: NormalizedPlan, now: NormalizedPlan): readonly NormalizedDifference[] {
  const was = new Map(reviewed.map((change) => [change.address, change]));
  const is = new Map(now.map((change) => [change.address, change]));
  return [...new Set([...was.keys(), ...is.keys()])].sort().flatMap((address) => {
    const [old, recent] = [was.get(address), is.get(address)];
    if (isEqual(old, recent)) return [];
    return [{ address, ...(old !== undefined && { reviewed: old }), ...(recent !== undefined && { now: recent }) }];
  });
}
