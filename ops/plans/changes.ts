import { type Json, list, object, text } from "../../review/json";
import type { PlannedChanges } from "../terraform/execute";

/** What a plan does, counted as Terraform counts. @param plan - as `terraform show -json` has it. */
export function changesIn(plan: Json): PlannedChanges {
  const resources = list(plan["resource_changes"])
    .map(object)
    .filter(({ mode }) => mode !== "data")
    .flatMap(({ address, change }) => {
      const action = actionOf(list(object(change)["actions"]));
      return action === undefined ? [] : [{ address: text(address) ?? "", action }];
    })
    .sort((left, right) => (left.address < right.address ? -1 : 1));
  const count = (...actions: readonly string[]) => resources.filter(({ action }) => actions.includes(action)).length;
  return {
    add: count("create", "replace"),
    change: count("update"),
    destroy: count("delete", "replace"),
    resources,
  };
}

function actionOf(verbs: readonly unknown[]): string | undefined {
  if (verbs.includes("delete")) return verbs.includes("create") ? "replace" : "delete";
  return ["create", "update", "forget"].find((verb) => verbs.includes(verb));
}
