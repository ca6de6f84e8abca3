import type { ResourceChange } from "../change/types";
import { textAt } from "../values";

/** Whose a resource in a cloud is, by the tags and labels that Steppe gives it. */
export interface MachineTags {
  readonly role?: string;
  readonly region?: string;
  /** Name of the machine. Absent for what belongs to several. */
  readonly name?: string;
}

/** The tags of a resource; nothing where Steppe has not made it. */
export function machineOf({
  type,
  before,
  after,
}: Pick<ResourceChange, "type" | "before" | "after">): MachineTags | undefined {
  const values = before ?? after;
  const isGoogle = type.startsWith("google_");
  const tag = (name: string) => textAt(values, isGoogle ? `labels.steppe-${name}` : `tags.steppe:${name}`);
  if (tag("fleet") === undefined) return undefined;
  const [role, region] = [tag("role"), tag("region")];
  const name = textAt(values, isGoogle ? "name" : "tags.Name");
  return {
    ...(role !== undefined && { role }),
    ...(region !== undefined && { region }),
    ...(name !== undefined && { name }),
  };
}

/** Types of resources that are one machine. */
export const MACHINES: ReadonlySet<string> = new Set(["aws_instance", "google_compute_instance"]);
