import { type Json, list, object, text } from "../json";
import { liesIn } from "./paths";
import { bareReferences, pathsReading, type Reference } from "./references";
import { forcesReplacement } from "./replaced";
import type { ResourceChange } from "./types";

/** A resource that stays, as it is to be. */
export interface Standing {
  readonly address: string;
  readonly type: string;
  readonly before: Json;
  readonly after: Json;
  readonly meta: ResourceChange["meta"];
  readonly isIgnored: (path: string) => boolean;
}

/**
 * What follows from replacements: attributes of a resource that is made anew are not known before it is, so that what reads them
 * changes with it, and is replaced where that argument says so.
 *
 * @param own - changes that resources have by themselves.
 * @param standing - every resource that was there and stays.
 * @returns the changes of all of them, in the order of `standing` for those that are added.
 */
export function propagated(
  stack: string,
  own: readonly ResourceChange[],
  standing: readonly Standing[],
): readonly ResourceChange[] {
  const changes = new Map(own.map((change) => [change.address, change]));
  const queue = own.filter(({ action }) => action === "replace" || action === "update");
  if (queue.length === 0) return own;
  const readers = readersOf(standing);
  for (let cause = queue.shift(); cause !== undefined; cause = queue.shift()) {
    for (const reader of readers.get(cause.address) ?? []) {
      const was = changes.get(reader.address);
      const paths = followed(reader, cause);
      const change = withPaths(stack, reader, was, paths);
      if (change === undefined) continue;
      changes.set(reader.address, change);
      if (change.action !== was?.action) queue.push(change);
    }
  }
  return [...changes.values()];
}

interface Followed {
  readonly changed: readonly string[];
  readonly forcing: readonly string[];
}

function followed(reader: Standing, cause: ResourceChange): Followed {
  const triggers = triggersOf(reader).some((reference) => isTriggered(reference, cause));
  const forcing = triggers ? ["lifecycle.replace_triggered_by"] : [];
  if (cause.action !== "replace") return { changed: [], forcing };
  const changed = pathsReading(reader.after, (reference) => isRenewed(reference, cause)).filter(
    (path) => !reader.isIgnored(path),
  );
  return { changed, forcing: [...changed.filter((path) => forcesReplacement(reader.type, path)), ...forcing] };
}

function withPaths(
  stack: string,
  { address, type, before, after, meta }: Standing,
  was: ResourceChange | undefined,
  { changed, forcing }: Followed,
): ResourceChange | undefined {
  const added = [...new Set([...changed, ...forcing])].filter((path) => was?.changed.includes(path) !== true);
  if (added.length === 0) return undefined;
  const replacedBy = [...new Set([...(was?.replacedBy ?? []), ...forcing])];
  return {
    stack,
    address,
    type,
    before,
    after,
    meta,
    ...(was?.previousAddress !== undefined && { previousAddress: was.previousAddress }),
    action: replacedBy.length > 0 ? "replace" : "update",
    changed: [...(was?.changed ?? []), ...added],
    replacedBy,
  };
}

/** True for an attribute that a replacement makes new: not for an argument that is given and stays. */
function isRenewed({ address, attribute }: Reference, cause: ResourceChange): boolean {
  if (address !== cause.address) return false;
  if (attribute === undefined || !Object.hasOwn(cause.after ?? {}, attribute)) return true;
  return cause.changed.some((path) => liesIn(path, attribute));
}

/** @see https://developer.hashicorp.com/terraform/language/meta-arguments/replace_triggered_by */
function isTriggered({ address, attribute }: Reference, cause: ResourceChange): boolean {
  if (address !== cause.address) return false;
  if (attribute === undefined) return true;
  return (
    cause.changed.some((path) => liesIn(path, attribute)) ||
    (cause.action === "replace" && isRenewed({ address, attribute }, cause))
  );
}

function triggersOf({ meta }: Standing): readonly Reference[] {
  return list(object(meta.after["lifecycle"])["replace_triggered_by"]).flatMap((one) =>
    bareReferences(text(one) ?? ""),
  );
}

/** Resources by the addresses that they read. */
function readersOf(standing: readonly Standing[]): ReadonlyMap<string, readonly Standing[]> {
  const readers = new Map<string, Standing[]>();
  for (const one of standing) {
    const read = new Set(triggersOf(one).map(({ address }) => address));
    pathsReading(one.after, ({ address }) => {
      read.add(address);
      return false;
    });
    for (const address of read) readers.set(address, [...(readers.get(address) ?? []), one]);
  }
  return readers;
}
