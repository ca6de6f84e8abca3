import type { Problem } from "../../constructs/core/problems";
import { messageOf } from "../errors";
import { type PlannedChanges, StackFailure, type StackRunner } from "./execute";
import { readResourceTypes } from "./removal";
import type { Json, Stack } from "./stack";

/** Types of resources whose destruction takes a volume's data with it, and the attribute that jobs know each by. */
const NAMED_BY: Readonly<Record<string, string>> = { nomad_csi_volume: "volume_id", nomad_dynamic_host_volume: "name" };

const OUT = 'or destroy it for a reason: --allow-data-loss "<reason>"';
const LINE_GONE = `put its line back with retired: { reason }, and disposable: { reason } where the data shall go too; apply, then delete the line; ${OUT}`;

/** Volumes that were to be lost, and why that is allowed. */
export interface DataLoss {
  readonly reason: string;
  readonly volumes: readonly Problem[];
}

/** Whether a resource is a volume whose destruction loses data, by its address. */
export function holdsData(address: string): boolean {
  return Object.hasOwn(NAMED_BY, typeOf(address));
}

/**
 * Volumes that a plan would destroy, or make anew, without the fleet having let go of them. Terraform forgets `prevent_destroy`
 * together with a deleted line, so a line that is gone counts as a mistake until a `removed` block stood in its place.
 *
 * @param plan - as `terraform show -json` has it.
 * @see https://developer.hashicorp.com/terraform/internals/json-format#plan-representation
 */
export function lostVolumes(stack: Stack, plan: Json): Problem[] {
  return changesOf(plan).flatMap(({ address, change }): Problem[] => {
    if (!holdsData(address) || !change.actions.includes("delete")) return [];
    const path = `${stack.name}: volume ${nameOf(address, change.before)}`;
    if (!change.actions.includes("create")) {
      if (isLetGo(stack, address)) return [];
      return [{ path, rule: "would be destroyed with its data: its line is gone", fix: LINE_GONE }];
    }
    if (lifecycleOf(stack, address)["prevent_destroy"] !== true) return [];
    const forced = (change.replace_paths ?? []).map((parts) => parts[0]).join(", ");
    return [{ path, rule: `would be made anew, without its data (${forced})`, fix: KEPT }];
  });
}

const KEPT =
  "put back what was changed: another plugin, capability, topology or namespace is another volume, under an id of its own; or give it disposable: { reason }";

/** Volumes for whose sake Terraform refuses to plan, by its own words. */
export function keptVolumes(stack: Stack, failure: string): Problem[] {
  const addresses = [...failure.matchAll(/Resource (\S+) has\s+lifecycle\.prevent_destroy\s+set/g)].map(
    ([, address = ""]) => address,
  );
  return [...new Set(addresses)].filter(holdsData).map((address) => ({
    path: `${stack.name}: volume ${nameOf(address, resourceOf(stack, address))}`,
    rule: "would be destroyed and made anew, without its data",
    fix: KEPT,
  }));
}

/** What the kept plan of a stack would lose. Reads the plan only where there is something to find. */
export async function lossOf(runner: StackRunner, changes: PlannedChanges | undefined): Promise<Problem[]> {
  const risky = (changes?.resources ?? []).some(
    ({ address, action }) => holdsData(address) && (action === "delete" || action === "replace"),
  );
  return risky ? lostVolumes(runner.stack, await runner.planned()) : [];
}

/** What is planned of a stack before its turn, or the volumes for whose sake Terraform refuses to plan. */
export type EarlyPlan =
  | { readonly changes: PlannedChanges | undefined }
  | { readonly kept: readonly Problem[]; readonly changes?: undefined };

/**
 * Plans a stack whose own turn comes late from its state alone. What else stands against a plan is not
 * looked for: the region may not run yet.
 */
export async function earlyPlan(runner: StackRunner, nomadAddress: string | undefined): Promise<EarlyPlan> {
  try {
    await runner.init();
    return { changes: await runner.plan(nomadAddress, { refresh: false }) };
  } catch (error) {
    if (error instanceof StackFailure) return { kept: keptVolumes(runner.stack, messageOf(error)) };
    throw error;
  }
}

/** False where a local state says that there are none; of a remote one nothing is known. */
export function mayHaveVolumes({ backend }: Stack): boolean {
  if (backend.path === undefined) return true;
  return readResourceTypes(backend.path).some(
    (type) => Object.hasOwn(NAMED_BY, type) || type === "nomad_csi_volume_registration",
  );
}

interface ResourceChange {
  readonly address: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before?: unknown;
    readonly replace_paths?: readonly (readonly (string | number)[])[];
  };
}

function changesOf(plan: Json): readonly ResourceChange[] {
  return (plan["resource_changes"] ?? []) as readonly ResourceChange[];
}

/** True where a `removed` block stands in the resource's place and says that the thing itself goes. */
function isLetGo({ document }: Stack, address: string): boolean {
  const removed = (document["removed"] ?? []) as readonly { readonly from?: string; readonly lifecycle?: unknown }[];
  return removed.some(({ from, lifecycle }) => from === address && object(lifecycle)["destroy"] === true);
}

function lifecycleOf(stack: Stack, address: string): Json {
  return object(resourceOf(stack, address)["lifecycle"]);
}

function resourceOf({ document }: Stack, address: string): Json {
  const [type = "", name = ""] = address.split(".");
  return object(object(object(document["resource"])[type])[name]);
}

function nameOf(address: string, attributes: unknown): string {
  const name = object(attributes)[NAMED_BY[typeOf(address)] ?? ""];
  return typeof name === "string" ? name : address;
}

function typeOf(address: string): string {
  return address.split(".")[0] ?? "";
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
