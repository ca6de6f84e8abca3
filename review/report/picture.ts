import { serverNames, stackNames } from "../../model/names";
import type { Fleet, Pool } from "../../model/types";
import type { Subject } from "../findings/types";
import { isEqual } from "../json";
import type { JudgedFinding } from "./lifting";

/**
 * What becomes of a part of the fleet.
 *
 * - `destructive`: something of it is destroyed or made anew, or a finding about it blocks.
 */
export const MARKS = ["removed", "destructive", "added", "changed", "unchanged"] as const;
export type Mark = (typeof MARKS)[number];

/** A site, and what is in it. */
export interface PictureSite {
  readonly name: string;
  readonly platform: string;
  readonly mark: Mark;
}

/** The servers of a region. */
export interface PictureRegion {
  readonly name: string;
  readonly site: string;
  readonly servers: number;
  readonly authoritative: boolean;
  readonly mark: Mark;
}

/** The machines of a pool. */
export interface PicturePool {
  readonly name: string;
  readonly site: string;
  readonly region: string;
  readonly machines: number;
  /** GPUs of each machine. Shape: `8 h100-80gb`. @default - none */
  readonly gpus?: string;
  readonly mark: Mark;
}

/** A fleet as a reviewer pictures it. What is gone is still in it, marked. */
export interface Picture {
  readonly sites: readonly PictureSite[];
  readonly regions: readonly PictureRegion[];
  readonly pools: readonly PicturePool[];
}

/** What the fleet is and what changes in it; undefined where nobody knows the fleet. */
export function pictureOf({ base, head, changes }: Subject, findings: readonly JudgedFinding[]): Picture | undefined {
  const [was, is] = [base?.fleet, head?.fleet];
  const fleet = is ?? was;
  if (fleet === undefined) return undefined;
  const blocked = findings.filter(({ severity }) => severity === "blocking").map(({ resource }) => resource);
  const markOf = (kind: "sites" | "regions" | "pools", name: string): Mark => {
    const [before, after] = [own(was?.[kind], name), own(is?.[kind], name)];
    if (is !== undefined && after === undefined) return "removed";
    if (was !== undefined && before === undefined) return "added";
    const path = `${kind}.${name}`;
    if (blocked.some((resource) => resource === path || resource.startsWith(`${path}.`))) return "destructive";
    return was === undefined || is === undefined || isEqual(before, after) ? "unchanged" : "changed";
  };
  const siteMark = (site: string): Mark => {
    const mark = markOf("sites", site);
    if (mark === "added" || mark === "removed") return mark;
    const stack = stackNames.site(fleet.name, site);
    const actions = changes.filter((change) => change.stack === stack).map(({ action }) => action);
    if (actions.includes("delete") || actions.includes("replace")) return "destructive";
    return actions.length > 0 && mark === "unchanged" ? "changed" : mark;
  };
  return {
    sites: both(was?.sites, is?.sites).map(([name, { platform }]) => ({ name, platform, mark: siteMark(name) })),
    regions: both(was?.regions, is?.regions).map(([name, { site, authoritative }]) => ({
      name,
      site,
      servers: serverNames(own(is?.regions, name) === undefined ? (was ?? fleet) : fleet, name).length,
      authoritative: authoritative === true,
      mark: markOf("regions", name),
    })),
    pools: both(was?.pools, is?.pools).map(([name, pool]) => ({
      name,
      site: pool.site,
      region: pool.region,
      machines: machinesOf(pool),
      ...gpusOf(pool),
      mark: markOf("pools", name),
    })),
  };
}

/** Entries of the later one, then those that are gone. */
function both<T>(was: Readonly<Record<string, T>> = {}, is: Readonly<Record<string, T>> = {}) {
  return [...Object.entries(is), ...Object.entries(was).filter(([name]) => !Object.hasOwn(is, name))];
}

function own(parts: Fleet["sites" | "regions" | "pools"] | undefined, name: string): unknown {
  return parts !== undefined && Object.hasOwn(parts, name) ? parts[name] : undefined;
}

function machinesOf({ hosts, count }: Pool): number {
  return hosts?.length ?? count ?? 0;
}

function gpusOf({ hardware: { gpu } }: Pool): { readonly gpus?: string } {
  if (gpu === undefined) return {};
  return { gpus: `${gpu.count} ${typeof gpu.model === "string" ? gpu.model : gpu.model.model}` };
}
