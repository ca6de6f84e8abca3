import { isEqual, type Json, list, object, text } from "../json";
import type { StackPair } from "../source/snapshot";
import { changedValues } from "./given";
import { changedPaths, liesIn } from "./paths";
import { propagated, type Standing } from "./propagation";
import { pathsReading, withMoves } from "./references";
import { isReordered } from "./reordered";
import { forcesReplacement } from "./replaced";
import type { ResourceChange } from "./types";

/** Arguments that Terraform itself reads; the others are the provider's. */
const META = new Set(["//", "lifecycle", "depends_on", "provider", "provisioner", "connection", "count", "for_each"]);

/** A resource of a synthesized stack, taken apart. */
interface Resource {
  readonly address: string;
  readonly type: string;
  readonly arguments: Json;
  readonly meta: Json;
}

/** Compares what two commits synthesize of a stack, as Terraform would if the state were as the first of them says. */
export function synthDiff({ name, before, after }: StackPair): readonly ResourceChange[] {
  const [was, is] = [resourcesOf(before?.document), resourcesOf(after?.document)];
  const moves = movesOf(after?.document);
  const removals = removalsOf(after?.document);
  const imports = importsOf(after?.document);
  const origins = new Set([...moves].filter(([to]) => is.has(to)).map(([, from]) => from));
  const values = changedValues(before?.document, after?.document);
  const places = new Map([...moves].map(([to, from]) => [from, to]));
  const pairs = [...is.values()].map((resource) => {
    const origin = moves.get(resource.address);
    const moved = origin !== undefined && !was.has(resource.address) ? was.get(origin) : undefined;
    const old = moved ?? was.get(resource.address);
    return { old: old && { ...old, arguments: withMoves(old.arguments, places) as Json }, resource };
  });
  const changes = pairs.flatMap(({ old, resource }) => compared(name, old, resource, values, imports));
  const standing = pairs.flatMap(({ old, resource }) => (old === undefined ? [] : [standingOf(old, resource)]));
  const gone = [...was.values()].filter(({ address }) => !is.has(address) && !origins.has(address));
  return [
    ...propagated(name, changes, standing),
    ...gone.map((resource) => ended(name, resource, removals.get(resource.address))),
  ];
}

function standingOf(was: Resource, is: Resource): Standing {
  return {
    address: is.address,
    type: is.type,
    before: was.arguments,
    after: is.arguments,
    meta: { before: was.meta, after: is.meta },
    isIgnored: ignoredOf(is),
  };
}

function compared(
  stack: string,
  was: Resource | undefined,
  is: Resource,
  values: ReadonlySet<string>,
  imports: ReadonlySet<string>,
): readonly ResourceChange[] {
  const { address, type } = is;
  const base = { stack, address, type, changed: [], replacedBy: [] };
  if (was === undefined)
    return [
      {
        ...base,
        action: imports.has(address) ? "import" : "create",
        after: is.arguments,
        meta: { before: {}, after: is.meta },
      },
    ];
  const ignored = ignoredOf(is);
  const read = values.size === 0 ? [] : pathsReading(is.arguments, (reference) => values.has(reference.address));
  const changed = [...new Set([...changedPaths(was.arguments, is.arguments), ...read])].filter(
    (path) => !ignored(path),
  );
  const both = { before: was.arguments, after: is.arguments, meta: { before: was.meta, after: is.meta } };
  const isMoved = was.address !== address;
  const previous = isMoved ? { previousAddress: was.address } : {};
  if (changed.length === 0) {
    if (isMoved) return [{ ...base, ...both, ...previous, action: "move" }];
    // A guard that comes or goes changes nothing that exists, and much of what may happen to it.
    return isEqual(was.meta["lifecycle"], is.meta["lifecycle"]) &&
      isEqual(was.meta["provisioner"], is.meta["provisioner"])
      ? []
      : [{ ...base, ...both, action: "update" }];
  }
  const replacedBy = changed.filter((path) => forcesReplacement(type, path));
  const reordered = isReordered(type, was.arguments, is.arguments, changed);
  return [
    {
      ...base,
      ...both,
      ...previous,
      action: replacedBy.length > 0 && !reordered ? "replace" : "update",
      changed,
      replacedBy: reordered ? [] : replacedBy,
      ...(reordered && { reordered }),
    },
  ];
}

function ended(stack: string, was: Resource, removal: Removal | undefined): ResourceChange {
  return {
    stack,
    address: was.address,
    type: was.type,
    action: removal === "forgotten" ? "forget" : "delete",
    before: was.arguments,
    meta: { before: was.meta, after: {} },
    changed: [],
    replacedBy: [],
    ...(removal === "destroyed" && { announced: true }),
  };
}

/** Resources of a synthesized document by address. */
function resourcesOf(document: Json | undefined): ReadonlyMap<string, Resource> {
  const resources = Object.entries(object(document?.["resource"])).flatMap(([type, byName]) =>
    Object.entries(object(byName)).map(([name, body]): Resource => {
      const entries = Object.entries(object(body));
      return {
        address: `${type}.${name}`,
        type,
        arguments: Object.fromEntries(entries.filter(([key, value]) => !META.has(key) && value !== null)),
        meta: Object.fromEntries(entries.filter(([key]) => META.has(key) && key !== "//")),
      };
    }),
  );
  return new Map(resources.map((resource) => [resource.address, resource]));
}

/** Where `moved` blocks say that a resource was, by where it is. */
function movesOf(document: Json | undefined): ReadonlyMap<string, string> {
  return new Map(
    list(document?.["moved"])
      .map(object)
      .map(({ from, to }) => [text(to) ?? "", text(from) ?? ""]),
  );
}

/** Addresses under which `import` blocks take over what is there. */
function importsOf(document: Json | undefined): ReadonlySet<string> {
  return new Set(list(document?.["import"]).flatMap((block) => text(object(block)["to"]) ?? []));
}

type Removal = "destroyed" | "forgotten";

/** What `removed` blocks say of resources, by address. */
function removalsOf(document: Json | undefined): ReadonlyMap<string, Removal> {
  return new Map(
    list(document?.["removed"])
      .map(object)
      .map(({ from, lifecycle }) => [
        text(from) ?? "",
        object(lifecycle)["destroy"] === false ? "forgotten" : "destroyed",
      ]),
  );
}

/** Whether a path lies in what Terraform is told to ignore. */
function ignoredOf({ meta }: Resource): (path: string) => boolean {
  const ignored = object(meta["lifecycle"])["ignore_changes"];
  if (ignored === "all") return () => true;
  const names = list(ignored).filter((name): name is string => typeof name === "string");
  return (path) => names.some((name) => liesIn(path, name));
}
