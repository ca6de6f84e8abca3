import type { Json } from "../json";

/**
 * What happens to a resource.
 *
 * - `replace`: destroyed and made anew, in whichever order.
 * - `move`: goes on under another address; nothing of it changes.
 * - `forget`: Terraform lets go of it; the thing itself stays.
 * - `import`: Terraform takes a thing over that is there.
 */
export type Action = "create" | "update" | "replace" | "delete" | "move" | "forget" | "import";

/** A change of one resource. */
export interface ResourceChange {
  readonly stack: string;
  /** Shape: `aws_instance.a`, of plans also `module.m.aws_instance.a["x"]`. */
  readonly address: string;
  readonly type: string;
  readonly action: Action;
  /** Where it was before a move. */
  readonly previousAddress?: string;
  /** Arguments before; absent where it comes. Those of a synth diff may hold Terraform's expressions. */
  readonly before?: Json;
  /** Arguments after; absent where it goes. */
  readonly after?: Json;
  /** What Terraform itself reads of the block: `lifecycle`, `provisioner`, `depends_on` … Empty for plans, which do not have it. */
  readonly meta: { readonly before: Json; readonly after: Json };
  /** Arguments that change. Shape: `["tags.Name", "ingress"]`. */
  readonly changed: readonly string[];
  /** Those of them that make Terraform replace it. */
  readonly replacedBy: readonly string[];
  /** The change says the same in another order. */
  readonly reordered?: boolean;
  /** Its end was announced: a `removed` block that says `destroy = true` stands in its place. */
  readonly announced?: boolean;
}

/** Type of a resource by its address, also inside of modules. */
export function typeOf(address: string): string {
  const parts = address.replace(/\["(?:[^"\\]|\\.)*"\]|\[\d+\]/g, "").split(".");
  return parts[parts.length - 2] ?? "";
}
