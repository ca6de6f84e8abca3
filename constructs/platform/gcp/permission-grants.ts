import type { Place } from "./permission-places";

/** Permissions of IAM at a place. */
export type Grant = readonly [place: Place, permissions: readonly string[]];

/** What Terraform does with a type of resource. */
export interface TypePermissions {
  /** To see what is there: what a plan needs. */
  readonly read: readonly Grant[];
  readonly create: readonly Grant[];
  /** To change what a fleet can change of it. Empty for what is made anew instead. */
  readonly update: readonly Grant[];
  readonly delete: readonly Grant[];
}

/** What the provider looks at until Google has done a thing, by where that is. */
export const AWAIT = {
  global: ["project", ["compute.globalOperations.get"]],
  region: ["project", ["compute.regionOperations.get"]],
  zone: ["project", ["compute.zoneOperations.get"]],
} as const satisfies Readonly<Record<string, Grant>>;
