import type { Problem } from "../../constructs/core/problems";
import type { Json } from "../terraform/stack";

/** What a plan does with one resource. */
export interface PlannedResource {
  readonly address: string;
  /** In Terraform's words. Shape: `["delete", "create"]`. */
  readonly actions: readonly string[];
  /** Attributes before; nothing where it is created. */
  readonly before: Json | undefined;
  /** Attributes after, as far as they are known. */
  readonly after: Json | undefined;
}

interface ResourceChange {
  readonly address: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: Json | null;
    readonly after: Json | null;
    readonly importing?: unknown;
  };
  readonly previous_address?: string;
}

/** A plan's changes: those of the given addresses, and all others. Outputs are not looked at: they change nothing. */
export interface DividedPlan {
  readonly own: readonly PlannedResource[];
  readonly others: readonly PlannedResource[];
}

/**
 * Divides a plan as `terraform show -json` gives it.
 *
 * @param addresses - without an index. Shape: `aws_instance.a`.
 * @see https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
 */
export function dividePlan(plan: Json, addresses: readonly string[]): DividedPlan {
  const { resource_changes: changes = [] } = plan as { resource_changes?: readonly ResourceChange[] };
  const touched = changes.flatMap((resource): PlannedResource[] => {
    const actions = actionsOf(resource);
    const { before, after } = resource.change;
    return actions.length === 0
      ? []
      : [{ address: resource.address, actions, before: before ?? undefined, after: after ?? undefined }];
  });
  const isOwn = ({ address }: PlannedResource) => addresses.includes(address);
  return { own: touched.filter(isOwn), others: touched.filter((resource) => !isOwn(resource)) };
}

/** What a plan for one server would touch besides it. */
export function planProblems({ others }: DividedPlan, stack: string): Problem[] {
  return others.map(({ address, actions }) => ({
    path: `${stack}: ${address}`,
    rule: `would change as well (${actions.join(", ")})`,
  }));
}

/** Image of a machine before and after, where a plan says them. @param machine - address. */
export function imageOf({ own }: DividedPlan, machine: string): { readonly before?: string; readonly after?: string } {
  const found = own.find(({ address }) => address === machine);
  const [before, after] = [imageIn(found?.before), imageIn(found?.after)];
  return { ...(before !== undefined && { before }), ...(after !== undefined && { after }) };
}

/** Amazon calls it `ami`; Google has it among what the boot disk was made with, as a whole URL or a part of one. */
function imageIn(instance: Json | undefined): string | undefined {
  const { ami, boot_disk: disks } = (instance ?? {}) as { ami?: unknown; boot_disk?: readonly BootDisk[] };
  const image = ami ?? disks?.[0]?.initialize_params?.[0]?.image;
  return typeof image === "string" ? image.replace(/^https:\/\/[^/]+\/compute\/[^/]+\//, "") : undefined;
}

interface BootDisk {
  readonly initialize_params?: readonly { readonly image?: unknown }[];
}

function actionsOf({ change, address, previous_address: previous }: ResourceChange): readonly string[] {
  return [
    ...(change.importing === undefined ? [] : ["import"]),
    ...(previous === undefined || previous === address ? [] : [`move from ${previous}`]),
    ...change.actions.filter((action) => action !== "no-op" && action !== "read"),
  ];
}
