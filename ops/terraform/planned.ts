import type { Problem } from "../../constructs/core/problems";
import type { PlannedChanges } from "./execute";
import type { Connection, Stack } from "./stack";

/** What is planned, by stack; nothing for a stack without changes. */
export type Planned = ReadonlyMap<Stack, PlannedChanges | undefined>;

/** Logins that the planned changes need: those of resources that are created or replaced, or destroyed with a step. */
export function connectionsToUse(planned: Planned): Connection[] {
  return [...planned].flatMap(([stack, changes]) => {
    const actions = actionsOf(changes);
    const isMade = (address: string) =>
      actions.get(address)?.has("create") === true || actions.get(address)?.has("replace") === true;
    return stack.connections.filter(({ resource, onDestroy, after }) => {
      const action = actions.get(resource);
      // A machine that this apply makes does not answer yet.
      if (action === undefined || after.some(isMade)) return false;
      return action.has("replace") || action.has(onDestroy ? "delete" : "create");
    });
  });
}

/** Types of resources that are a server's machine; pools are made of groups. */
const SERVERS: ReadonlySet<string> = new Set(["aws_instance", "google_compute_instance"]);

/**
 * Servers that an ordinary apply would replace, for example because their subnet is another one: several at once, with nobody
 * asking their region whether it can go on.
 */
export function replacedServers(planned: Planned): Problem[] {
  return [...planned].flatMap(([stack, changes]) =>
    [...actionsOf(changes)].flatMap(([address, actions]) =>
      actions.has("replace") && SERVERS.has(address.split(".")[0] ?? "")
        ? [
            {
              path: `${stack.name}: ${address}`,
              rule: "would be replaced by this apply",
              fix: "put back what makes Terraform replace it (terraform plan says: forces replacement); to make it anew on purpose: ./steppe server replace",
            },
          ]
        : [],
    ),
  );
}

/** Planned actions by resource, without an index. */
function actionsOf(changes: PlannedChanges | undefined): ReadonlyMap<string, ReadonlySet<string>> {
  const actions = new Map<string, Set<string>>();
  for (const { address, action } of changes?.resources ?? []) {
    const resource = address.replace(/\[.*$/, "");
    actions.set(resource, (actions.get(resource) ?? new Set()).add(action));
  }
  return actions;
}
