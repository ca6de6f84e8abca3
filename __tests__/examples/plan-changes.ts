/** A diff of Nomad's plan, or a part of it. */
export interface Diff {
  readonly Type?: string;
  readonly Name?: string;
  readonly Fields?: readonly Diff[] | null;
  readonly Objects?: readonly Diff[] | null;
  readonly TaskGroups?: readonly Diff[] | null;
  readonly Tasks?: readonly Diff[] | null;
}

/**
 * What a plan would change, by name. Not its `Type` alone: Nomad calls `scaling` without a policy edited, with nothing in it that
 * is, even where a file is planned against itself.
 */
export function changes(diff: Diff | null): readonly string[] {
  const { Type, Name = "job", Fields, Objects, TaskGroups, Tasks } = diff ?? {};
  const inside = [Fields, Objects, TaskGroups, Tasks].flatMap((parts) => parts ?? []);
  const isOwn = Type !== "None" && inside.length === 0 && !(Type === "Edited" && Name === "Scaling");
  return [...(isOwn ? [`${Name}: ${Type ?? "no diff"}`] : []), ...inside.flatMap(changes)];
}
