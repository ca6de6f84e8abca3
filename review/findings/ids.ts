import type { ResourceChange } from "../change/types";
import { isEqual } from "../json";
import type { Finding, Subject } from "./types";

/** Resources that go under one name and come under another, being the same thing: a `moved` block keeps them. */
export function examineIds({ changes }: Subject): readonly Finding[] {
  const created = changes.filter(({ action }) => action === "create");
  const used = new Set<ResourceChange>();
  return changes.flatMap((gone): readonly Finding[] => {
    if (gone.action !== "delete" || gone.announced === true) return [];
    const come = created.find((other) => !used.has(other) && isSameThing(gone, other));
    if (come === undefined) return [];
    used.add(come);
    return [
      {
        id: "ids/renamed",
        severity: "blocking",
        stack: gone.stack,
        resource: gone.address,
        reason: `is destroyed and made anew as ${come.address}, which says the same`,
        fix: `keep the construct's id, or write a moved block from ${gone.address} to ${come.address}`,
      },
    ];
  });
}

function isSameThing(gone: ResourceChange, come: ResourceChange): boolean {
  return (
    gone.stack === come.stack &&
    gone.type === come.type &&
    Object.keys(gone.before ?? {}).length > 0 &&
    isEqual(gone.before, come.after)
  );
}
