import type { Problem } from "../../constructs/core/problems";
import type { VolumeReference } from "../volumes/read";
import { holderOf } from "../volumes/findings";
import type { Claim, NomadNode, NomadVolume } from "../volumes/types";
import { holdsData } from "./data-loss";
import { allBefore } from "./destroy-order";
import type { Json, Stack } from "./stack";

/** One resource of a state. */
export interface StateResource {
  /** Shape: `nomad_csi_volume.scratch`. */
  readonly address: string;
  readonly type: string;
  readonly values: Json;
}

/** What a stack's state has, without data sources. */
export function resourcesIn(state: Json): readonly StateResource[] {
  const root = object(object(state["values"])["root_module"]);
  return ((root["resources"] ?? []) as readonly (StateResource & { readonly mode?: string })[])
    .filter(({ mode }) => mode !== "data")
    .map(({ address, type, values }) => ({ address, type, values }));
}

/** How the fleet lets go of what it keeps, by type of resource. */
const LET_GO: Readonly<Record<string, string>> = {
  nomad_csi_volume:
    "give it retired: { reason } to leave it in Nomad, and disposable: { reason } where its data may go; apply",
  nomad_dynamic_host_volume:
    "give it retired: { reason } to leave it in Nomad, and disposable: { reason } where its data may go; apply",
};
/** Data disks of servers, and buckets of their snapshots. */
const SERVERS_LET_GO = "give the region's servers disposable: { reason } where this may go; apply";

/** What stands in the way of a stack's destruction because it is kept: by Terraform's protection, or by ours of deleted lines. */
export function keptProblems(stack: Stack, resources: readonly StateResource[]): Problem[] {
  const removed = (stack.document["removed"] ?? []) as readonly { readonly from?: string; readonly lifecycle?: Json }[];
  return resources.flatMap(({ address, type, values }): Problem[] => {
    const bare = address.replace(/\[.*$/, "");
    const block = resourceOf(stack, bare);
    const path = `${stack.name}: ${nameOf(type, values)}`;
    const leaving = removed.find(({ from }) => from === bare);
    if (leaving !== undefined)
      return leaving.lifecycle?.["destroy"] === true
        ? []
        : [{ path, rule: "is retired, but that is not applied yet", fix: `run ./steppe apply ${stack.name} first` }];
    if (block === undefined)
      return holdsData(bare)
        ? [{ path, rule: "is kept: its line is gone, and nobody let go of it", fix: LET_GO[type] ?? "" }]
        : [];
    if (object(block["lifecycle"])["prevent_destroy"] !== true) return [];
    return [{ path, rule: "is kept: destroying it loses its data", fix: LET_GO[type] ?? SERVERS_LET_GO }];
  });
}

/** Stacks that are not to be destroyed, and need one that is. */
export function dependentProblems(
  chosen: readonly Stack[],
  order: ReadonlyMap<string, readonly string[]>,
  counts: ReadonlyMap<string, number>,
): Problem[] {
  const names = new Set(chosen.map(({ name }) => name));
  return chosen
    .filter(({ name }) => (counts.get(name) ?? 0) > 0)
    .flatMap(({ name }) =>
      allBefore(order, name)
        .filter((other) => !names.has(other) && (counts.get(other) ?? 0) > 0)
        .map((other) => ({
          path: name,
          rule: `cannot go before ${other}, which has state (${counted(counts.get(other) ?? 0)})`,
          fix: `destroy that too: ./steppe destroy ${other} ${name}`,
        })),
    );
}

/** A volume of a state. */
export interface StateVolume extends VolumeReference {
  /** As jobs call it. */
  readonly name: string;
}

/** Volumes that a state has, those that are only registered among them. */
export function volumesIn(resources: readonly StateResource[]): readonly StateVolume[] {
  return resources.flatMap(({ type, values }): StateVolume[] => {
    const text = (key: string): string => (typeof values[key] === "string" ? values[key] : "");
    const namespace = text("namespace") === "" ? "default" : text("namespace");
    if (type === "nomad_csi_volume" || type === "nomad_csi_volume_registration")
      return [{ type: "csi", id: text("volume_id"), name: text("volume_id"), namespace }];
    if (type === "nomad_dynamic_host_volume") return [{ type: "host", id: text("id"), name: text("name"), namespace }];
    return [];
  });
}

/** Jobs that a state has, as `<namespace>/<id>`. */
export function jobsIn(resources: readonly StateResource[]): readonly string[] {
  return resources.flatMap(({ type, values: { namespace, id } }) =>
    type === "nomad_job" && typeof id === "string"
      ? [`${typeof namespace === "string" ? namespace : "default"}/${id}`]
      : [],
  );
}

/** Node pools of a state that still have nodes: Nomad would not delete them. */
export function poolProblems(
  stack: Stack,
  resources: readonly StateResource[],
  nodes: readonly Pick<NomadNode, "name" | "pool">[],
): Problem[] {
  return resources.flatMap(({ type, values: { name } }) => {
    const there = type === "nomad_node_pool" ? nodes.filter(({ pool }) => pool === name) : [];
    return there.length === 0
      ? []
      : [
          {
            path: `${stack.name}: node pool ${typeof name === "string" ? name : ""}`,
            rule: `still has nodes: ${there.map((node) => node.name).join(", ")}`,
            fix: "destroy the site of the authoritative region with it, or retire the machines first",
          },
        ];
  });
}

/**
 * Volumes that are held by jobs which stay.
 *
 * @param leaving - jobs that let go, as `<namespace>/<id>`.
 * @param staying - what is said of the others. @default - that their job is not destroyed
 */
export function claimProblems(
  stack: Stack,
  volumes: readonly NomadVolume[],
  leaving: ReadonlySet<string>,
  staying: (claim: Claim) => Pick<Problem, "rule" | "fix"> = notDestroyed,
): Problem[] {
  return volumes.flatMap(({ id, claims }) =>
    claims.flatMap((claim): Problem[] => {
      const path = `${stack.name}: volume ${id}`;
      if (claim.job !== undefined && leaving.has(`${claim.namespace}/${claim.job}`)) return [];
      if (claim.stuck !== undefined)
        return [
          {
            path,
            rule: `has a stuck claim of ${holderOf(claim)}: ${claim.stuck}`,
            fix: `./steppe volumes ${id} says how to free it`,
          },
        ];
      // Nomad frees it by itself.
      return claim.ended === undefined ? [{ path, ...staying(claim) }] : [];
    }),
  );
}

function notDestroyed(claim: Claim): Pick<Problem, "rule" | "fix"> {
  return {
    rule: `is mounted by ${holderOf(claim)}, a job that is not destroyed`,
    fix: `stop it: nomad job stop ${claim.job ?? ""}`,
  };
}

function counted(resources: number): string {
  return `${resources} ${resources === 1 ? "resource" : "resources"}`;
}

function nameOf(type: string, values: Json): string {
  const name =
    values["volume_id"] ?? values["name"] ?? values["bucket"] ?? object(values["tags"])["Name"] ?? values["id"];
  const kind = holdsData(`${type}.x`) ? "volume" : type;
  return `${kind} ${typeof name === "string" ? name : ""}`.trim();
}

function resourceOf({ document }: Stack, address: string): Json | undefined {
  const [type = "", name = ""] = address.split(".");
  const found = object(object(document["resource"])[type])[name];
  return found === undefined ? undefined : object(found);
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
