import type { Problem } from "../../constructs/core/problems";
import { changedPaths } from "../change/paths";
import { type Action, type ResourceChange, typeOf } from "../change/types";
import { isRecord, type Json, list, object, text } from "../json";

/** What a plan as `terraform show -json` prints it says. */
export interface Plan {
  readonly stack: string;
  readonly changes: readonly ResourceChange[];
  /** Resources that changed outside of Terraform. Shape: addresses. */
  readonly drifted: readonly string[];
  /** Terraform could not plan to its end. */
  readonly isIncomplete: boolean;
  readonly document: Json;
}

/** A plan, or why it is none. */
export type ReadPlan = { readonly plan: Plan } | { readonly problems: readonly Problem[] };

/** The versions of the format that this reads: minor ones add, they do not change. */
const KNOWN_FORMAT = /^[01]\.\d+$/;

/**
 * Reads a plan.
 *
 * @param stack - what it is a plan of.
 * @param document - parsed JSON of anybody.
 * @see https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
 */
export function readPlan(stack: string, document: unknown): ReadPlan {
  const plan = object(document);
  const version = plan["format_version"];
  if (version === undefined)
    return refused(stack, "is no plan: it has no format_version", "give what terraform show -json <plan file> prints");
  if (typeof version !== "string" || !KNOWN_FORMAT.test(version))
    return refused(stack, "has a format that is not known", "give a plan of Terraform 1.x", version);
  const changes = plan["resource_changes"];
  if (changes !== undefined && !Array.isArray(changes))
    return refused(stack, "resource_changes must be a list", "give the whole output of terraform show -json");
  if (changes === undefined && plan["planned_values"] === undefined)
    return refused(stack, "is no plan: a state has no changes", "give what terraform show -json <plan file> prints");
  const problems: Problem[] = [];
  const read = list(changes).flatMap((entry, index) => {
    const change = changeOf(stack, entry);
    if (change === "malformed")
      problems.push({
        path: `${stack}: resource_changes[${index}]`,
        rule: "must have an address and a change with actions",
      });
    return change === undefined || change === "malformed" ? [] : [change];
  });
  if (problems.length > 0) return { problems };
  return {
    plan: {
      stack,
      changes: read,
      drifted: list(plan["resource_drift"]).flatMap((entry) => text(object(entry)["address"]) ?? []),
      isIncomplete: plan["complete"] === false || plan["errored"] === true,
      document: plan,
    },
  };
}

function refused(stack: string, rule: string, fix: string, got?: unknown): ReadPlan {
  return { problems: [{ path: stack, rule, fix, ...(got !== undefined && { got }) }] };
}

function changeOf(stack: string, entry: unknown): ResourceChange | "malformed" | undefined {
  const { address, mode, type, previous_address: previous, change } = object(entry);
  const { actions, before, after, importing, replace_paths: paths } = object(change);
  const verbs = list(actions);
  if (
    typeof address !== "string" ||
    address === "" ||
    verbs.length === 0 ||
    !verbs.every((verb) => typeof verb === "string")
  )
    return "malformed";
  if (mode === "data") return undefined;
  const isMoved = typeof previous === "string" && previous !== address;
  const action = actionOf(verbs, { isMoved, isImported: importing !== undefined && importing !== null });
  if (action === undefined) return undefined;
  const [was, is] = [isRecord(before) ? before : undefined, isRecord(after) ? after : undefined];
  const unknown = object(object(change)["after_unknown"]);
  const changed = was === undefined || is === undefined ? [] : changedPaths(known(was, unknown), known(is, unknown));
  return {
    stack,
    address,
    type: text(type) ?? typeOf(address),
    action,
    ...(isMoved && { previousAddress: previous }),
    ...(was !== undefined && { before: was }),
    ...(is !== undefined && { after: is }),
    meta: { before: {}, after: {} },
    changed,
    replacedBy: list(paths).map(pathText),
  };
}

function actionOf(
  verbs: readonly string[],
  { isMoved, isImported }: { readonly isMoved: boolean; readonly isImported: boolean },
): Action | undefined {
  if (verbs.includes("delete")) return verbs.includes("create") ? "replace" : "delete";
  if (verbs.includes("forget")) return "forget";
  if (verbs.includes("create")) return "create";
  if (verbs.includes("update")) return "update";
  if (isImported) return "import";
  return isMoved ? "move" : undefined;
}

/** Without what is only known after the apply: that it differs says nothing. */
function known(attributes: Json, unknown: Json): Json {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => unknown[key] !== true));
}

/** Shape: `root_block_device[0].encrypted`. */
function pathText(parts: unknown): string {
  return list(parts)
    .map((part, index) => (typeof part === "number" ? `[${part}]` : `${index === 0 ? "" : "."}${String(part)}`))
    .join("");
}
