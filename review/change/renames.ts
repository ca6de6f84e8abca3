import type { JobChange } from "../jobs/changes";
import { isEqual, type Json, object, text } from "../json";
import type { ResourceChange } from "./types";
import { withMoves } from "./references";

/** A resource that goes under one address and comes under another, being the same thing. */
export interface Rename {
  readonly gone: ResourceChange;
  readonly come: ResourceChange;
}

/** Arguments by which providers tell resources of a type apart, the first that is there. */
const NAMED_BY = [
  "name",
  "bucket",
  "volume_id",
  "secret_id",
  "account_id",
  "identifier",
  "cluster_identifier",
  "function_name",
];

/** Types that hold nothing: to make one anew costs nothing but what its provisioners do. */
const STATELESS = new Set(["terraform_data", "null_resource", "time_sleep"]);

/** How many arguments of two resources that have no name must agree, of all that either has. */
const ALIKE = 0.75;

/** Resources that end and begin anew where a `moved` block would keep them. */
export function renamesIn(changes: readonly ResourceChange[], jobs: readonly JobChange[]): readonly Rename[] {
  const ids = new Map(jobs.map(({ stack, address, namespace, id }) => [`${stack}\n${address}`, `${namespace}/${id}`]));
  const isCandidate = ({ type }: ResourceChange) => !STATELESS.has(type);
  const gone = grouped(changes.filter((one) => one.action === "delete" && one.announced !== true && isCandidate(one)));
  const come = grouped(changes.filter((one) => one.action === "create" && isCandidate(one)));
  return [...gone].flatMap(([key, ended]) => paired(ended, come.get(key) ?? [], ids));
}

function grouped(changes: readonly ResourceChange[]): ReadonlyMap<string, readonly ResourceChange[]> {
  const groups = new Map<string, ResourceChange[]>();
  for (const change of changes) {
    const key = `${change.stack}\n${change.type}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [change]);
    else group.push(change);
  }
  return groups;
}

function paired(
  ended: readonly ResourceChange[],
  begun: readonly ResourceChange[],
  ids: ReadonlyMap<string, string>,
): readonly Rename[] {
  if (begun.length === 0) return [];
  const left = new Set(begun);
  const byName = new Map<string, ResourceChange[]>();
  for (const come of begun) {
    const name = nameOf(come, come.after, ids);
    if (name !== undefined) byName.set(name, [...(byName.get(name) ?? []), come]);
  }
  return ended.flatMap((gone): readonly Rename[] => {
    const name = nameOf(gone, gone.before, ids);
    const come =
      name !== undefined
        ? byName.get(name)?.find((one) => left.has(one))
        : onlyOne([...left].filter((one) => nameOf(one, one.after, ids) === undefined && isAlike(gone, one)));
    if (come === undefined) return [];
    left.delete(come);
    return [{ gone, come }];
  });
}

function nameOf(
  { stack, address, type }: ResourceChange,
  values: Json | undefined,
  ids: ReadonlyMap<string, string>,
): string | undefined {
  if (type === "nomad_job") return ids.get(`${stack}\n${address}`) ?? text(values?.["jobspec"]);
  const named = NAMED_BY.map((key) => text(values?.[key])).find((value) => value !== undefined && value !== "");
  const name = named ?? text(object(values?.["tags"])["Name"]);
  const place = text(values?.["namespace"]) ?? text(values?.["availability_zone"]) ?? text(values?.["zone"]) ?? "";
  return name === undefined ? undefined : `${place}/${text(values?.["role"]) ?? ""}/${name}`;
}

/** The first of those that are equal; none where several differ and any might be meant. */
function onlyOne(candidates: readonly ResourceChange[]): ResourceChange | undefined {
  const [first, ...others] = candidates;
  return others.every(({ after }) => isEqual(after, first?.after)) ? first : undefined;
}

/** Alike in most arguments; which other resources they read is left aside, as those may have been renamed too. */
function isAlike({ before = {} }: ResourceChange, { after = {} }: ResourceChange): boolean {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const equal = keys.filter((key) => isEqual(before[key], after[key]) || isSameReading(before[key], after[key]));
  const saying = equal.filter((key) => isEqual(before[key], after[key]));
  return saying.length > 0 && equal.length / keys.length >= ALIKE;
}

function isSameReading(was: unknown, is: unknown): boolean {
  return isEqual(withMoves(was, ANYTHING), withMoves(is, ANYTHING));
}

/** Every reference stands for its type alone. */
const ANYTHING: Pick<ReadonlyMap<string, string>, "get" | "size"> = {
  size: 1,
  get: (address) => `${address.split(".")[0] ?? ""}.*`,
};
