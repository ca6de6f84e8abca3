import { isEqual, type Json, list, object } from "../../json";
import type { StackPair } from "../../source/snapshot";
import { type Kind, kindOfNamed, kindOfText } from "./kinds";

/** A text that looks like a secret, and where it stands. */
export interface Place {
  readonly stack: string;
  /** Shape: `aws_db_instance.main`, `variable.password`. */
  readonly resource: string;
  /** Below the resource. Shape: `password`, `provisioner[0].file.content`. */
  readonly path: string;
  readonly kind: Kind;
  /** For comparison alone; it goes nowhere. */
  readonly value: string;
}

/** How deep documents are looked at; synthesized ones have about 20 levels. */
const DEPTH = 100;

/** Blocks of a document that are not looked at by resource. */
const BLOCKS = ["variable", "locals", "output", "provider", "data", "module"];

/** Texts that look like secrets in what changes of a stack, as it was and as it is. Jobs in JSON are looked at elsewhere. */
export function placesIn({ name: stack, before, after }: StackPair): {
  readonly before: Place[];
  readonly after: Place[];
} {
  const found = { before: [] as Place[], after: [] as Place[] };
  const [was, is] = [bodiesOf(before?.document), bodiesOf(after?.document)];
  for (const address of new Set([...was.keys(), ...is.keys()])) {
    const [old, now] = [was.get(address), is.get(address)];
    if (isEqual(old, now)) continue;
    const isProvider = address.startsWith("provider.");
    const own = /^(?:variable|locals|output)\.(.+)$/.exec(address)?.[1];
    const look = (body: unknown, into: Place[]): void => {
      visit(body, "", own ?? "", 0, (path, key, value) => {
        const named = key === "default" || key === "value" || path === "" ? (own ?? key) : key;
        const kind = kindOfText(value) ?? kindOfNamed(named, value, isProvider);
        if (kind !== undefined) into.push({ stack, resource: address, path, kind, value });
      });
    };
    look(old, found.before);
    look(now, found.after);
  }
  return found;
}

function bodiesOf(document: Json | undefined): ReadonlyMap<string, unknown> {
  const bodies = new Map<string, unknown>();
  for (const [type, byName] of Object.entries(object(document?.["resource"])))
    for (const [name, body] of Object.entries(object(byName)))
      bodies.set(`${type}.${name}`, withoutJob(type, object(body)));
  for (const block of BLOCKS)
    for (const [name, body] of Object.entries(object(document?.[block]))) bodies.set(`${block}.${name}`, body);
  return bodies;
}

/** Metadata is Steppe's own, and a job in JSON is looked at by rules of its own. */
function withoutJob(type: string, body: Json): Json {
  const isJson = type === "nomad_job" && body["json"] === true;
  return { ...body, "//": undefined, ...(isJson && { jobspec: undefined }) };
}

type Visitor = (path: string, key: string, value: string) => void;

function visit(value: unknown, path: string, key: string, depth: number, tell: Visitor): void {
  if (typeof value === "string") {
    tell(path, key, value);
    return;
  }
  if (depth > DEPTH || typeof value !== "object" || value === null) return;
  if (Array.isArray(value))
    list(value).forEach((item, index) => visit(item, `${path}[${index}]`, key, depth + 1, tell));
  else
    for (const [name, item] of Object.entries(value))
      visit(item, path === "" ? name : `${path}.${name}`, name, depth + 1, tell);
}
