import { identitiesOf } from "../../../model/identities";
import type { Fleet } from "../../../model/types";
import { liesIn } from "../../change/paths";
import type { ResourceChange } from "../../change/types";
import { fleetsOf, goneStacks } from "../../fleet/compare";
import { machineOf } from "../../fleet/machines";
import { serverChanges } from "../../fleet/servers";
import { object, text } from "../../json";
import { textAt } from "../../values";
import { renamedResources } from "../ids/resources";
import type { Finding, Subject } from "../types";
import { regionsWithoutData } from "./disposable";
import { type DataType, dataTypeOf } from "./kinds";
import { isShrunk } from "./shrunk";

/** Arguments that say where a volume is. */
const PLACE = ["node_id"];

/** What holds data and is destroyed, or destroyed and made anew. */
export function examineLost(subject: Subject): readonly Finding[] {
  return lostChanges(subject).map((change) => finding(subject, change, dataTypeOf(change.type) as DataType));
}

/** Changes that destroy what holds data; not those that are a mere rename, and not of a stack that nobody applies any more. */
export function lostChanges(subject: Subject): readonly ResourceChange[] {
  const renamed = new Set(renamedResources(subject).map(({ gone }) => gone));
  const gone = goneStacks(subject);
  const forgotten = secretsOfGoneMachines(subject);
  const fleets = fleetsOf(subject);
  const servers = fleets === undefined ? [] : serverChanges(subject, fleets).flatMap(({ left }) => left);
  const told: ReadonlySet<string | undefined> = fleets === undefined ? new Set() : regionsWithoutData(fleets);
  return subject.changes.filter(
    (change) =>
      (change.action === "delete" || change.action === "replace") &&
      dataTypeOf(change.type) !== undefined &&
      !renamed.has(change) &&
      !gone.has(change.stack) &&
      !forgotten.has(nameOf(change)) &&
      !told.has(machineOf(change)?.region) &&
      !servers.some((name) => isOfServer(change, name)) &&
      !isShrunk(change),
  );
}

function finding(subject: Subject, change: ResourceChange, type: DataType): Finding {
  const { stack, address, action, replacedBy } = change;
  const isLetGo = letGo(subject, change, type);
  const isMoved = action === "replace" && replacedBy.some((path) => PLACE.some((place) => liesIn(path, place)));
  const id = isMoved
    ? "volume-moved"
    : type.kind === "volume" && action === "replace"
      ? "volume-replaced"
      : `${type.kind}-destroyed`;
  return {
    id: `data/${id}`,
    severity: isLetGo ? "warning" : "blocking",
    stack,
    resource: address,
    about: aboutOf(change, type),
    reason: reasonOf(change, type, isMoved) + (isLetGo ? ", as the fleet says that it may be" : ""),
    fix: isLetGo ? "make sure that nobody needs what is in it" : fixOf(change, type),
  };
}

function aboutOf(change: ResourceChange, { kind }: DataType): string {
  const name = nameOf(change);
  return name === undefined ? kind : `${kind} ${name}`;
}

function reasonOf(change: ResourceChange, { kind }: DataType, isMoved: boolean): string {
  const { action, replacedBy } = change;
  const forced = [...new Set(replacedBy)].join(", ");
  if (isMoved) return `is made anew in another place, without its data: ${forced}`;
  if (action === "replace") return `is destroyed with its data and made anew${forced === "" ? "" : `: ${forced}`}`;
  return `is destroyed with ${kind === "namespace" ? "the variables in it; Nomad refuses while jobs or volumes are in it" : "its data"}`;
}

function fixOf({ type, action }: ResourceChange, { kind }: DataType): string {
  if (kind === "namespace") return "move its jobs, volumes and variables to another namespace first";
  if (action === "replace") return "put back what forces it, or make another one beside it and copy the data";
  if (type.startsWith("nomad_") && kind === "volume")
    return "put its line back with retired: { reason }, which keeps the data, and delete the line once that is applied";
  return "put it back, or copy what is in it first and take it out of the state with a removed block";
}

/** What somebody has said may go: by a `removed` block, or by a fleet that leaves it unprotected. */
function letGo(subject: Subject, change: ResourceChange, { isGuarded = false }: DataType): boolean {
  if (change.announced === true) return true;
  if (!isGuarded || subject.base?.fleet === undefined) return false;
  return !isProtectedBefore(subject, change);
}

/** True for the volume of a server that leaves its region, where others have all that is on it. */
function isOfServer(change: ResourceChange, server: string): boolean {
  const { role, name } = machineOf(change) ?? {};
  return change.action === "delete" && role === "server" && name === `${server}-data`;
}

/** Whether the base protects a resource from being destroyed. Plans do not say it, so the base's own document is asked. */
export function isProtectedBefore(
  { stacks }: Subject,
  { stack, type, address, previousAddress, meta }: ResourceChange,
): boolean {
  const name = (previousAddress ?? address).slice(type.length + 1);
  const document = stacks.find((pair) => pair.name === stack)?.before?.document;
  const body = object(object(object(document?.["resource"])[type])[name]);
  const lifecycle = object(meta.before["lifecycle"] ?? body["lifecycle"]);
  return lifecycle["prevent_destroy"] === true;
}

/** What people know a resource by. */
export function nameOf({ type, before, after }: ResourceChange): string | undefined {
  const named = dataTypeOf(type)?.named ?? "name";
  const name = textAt(before ?? after, named);
  return name === undefined || name.includes("${") ? undefined : text(name);
}

/** Secrets go with the machines that they are for, which other findings tell of. Names as AWS and Google have them. */
function secretsOfGoneMachines(subject: Subject): ReadonlySet<string | undefined> {
  const fleets = fleetsOf(subject);
  if (fleets === undefined) return new Set();
  const names = (fleet: Fleet) => identitiesOf(fleet).map(({ name }) => name);
  const stay = new Set(names(fleets.head));
  return new Set(
    names(fleets.base)
      .filter((name) => !stay.has(name))
      .flatMap((name) => [`${fleets.base.name}/${name}`, `${fleets.base.name}_${name}`]),
  );
}
