import { aligned, expression, indent, type Lines, VERBATIM } from "../../core/hcl/writer";
import { literalTemplate, quoted } from "../../core/hcl/template";
import { ValidationError } from "../../core/problems";
import { isObject } from "../json-value";

/** One thing in a block of a jobspec: an attribute, or a block in it. */
export type Item =
  | { readonly kind: "attribute"; readonly name: string; readonly value: unknown }
  | {
      readonly kind: "block";
      readonly type: string;
      readonly labels: readonly string[];
      readonly items: readonly Item[];
    };

export function attribute(name: string, value: unknown): Item {
  return { kind: "attribute", name, value };
}

export function nestedBlock(type: string, items: readonly Item[], ...labels: readonly string[]): Item {
  return { kind: "block", type, labels, items };
}

const identifier = /^[A-Za-z_][\w-]*$/;

/** How Nomad's parser takes a map: as a block of attributes, as one attribute, or as either. */
export type MapForm = "block" | "attribute" | "either";

/**
 * A map of the user's keys: a block where that can be, else an attribute.
 *
 * @throws ValidationError for keys that HCL cannot write where Nomad takes a block only.
 */
export function mapItem(name: string, values: Readonly<Record<string, unknown>>, form: MapForm): Item {
  const entries = Object.entries(values);
  const unwritable = entries.filter(([key]) => !identifier.test(key));
  if (form === "block" && unwritable.length > 0) {
    throw new ValidationError(
      "the jobspec as HCL",
      unwritable.map(([key]) => ({
        path: `${name}.${key}`,
        rule: "cannot be written in HCL, whose names are letters, digits, - and _",
        fix: "use the JSON form, which Terraform gets, or rename it",
      })),
    );
  }
  const isBlock = form === "block" || (form === "either" && entries.length > 0 && unwritable.length === 0);
  if (!isBlock) return attribute(name, values);
  return nestedBlock(
    name,
    entries.map(([key, value]) => attribute(key, value)),
  );
}

/**
 * Settings that Nomad passes on unread, as the body of a block. Lists of objects become blocks, which Nomad reads as
 * lists of objects again; where that would not be so they stay attributes.
 */
export function openItems(values: Readonly<Record<string, unknown>>): Item[] {
  return Object.entries(values).flatMap(([name, value]) =>
    isBlocks(value) ? blocks(name, value) : [attribute(name, value)],
  );
}

function blocks(name: string, bodies: readonly Readonly<Record<string, unknown>>[]): Item[] {
  return bodies.map((body) => nestedBlock(name, openItems(body)));
}

function isBlocks(value: unknown): value is readonly Readonly<Record<string, unknown>>[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every(
      (body: unknown) =>
        isObject(body) &&
        Object.entries(body).every(([key, inner]) => identifier.test(key) && (!isObject(inner) || isBlocks(inner))),
    )
  );
}

/**
 * References that Nomad's parser leaves as they are; everything else in `${…}` it would evaluate. A brace that closes right
 * after one it would write twice (seen with 1.11.3).
 */
const reference = /^\$\{(?:(?:attr|node|meta|device|secret)(?:\.[A-Za-z_][\w-]*)+|NOMAD_[A-Za-z0-9_]+)\}(?![\s}]*\})/;

/** Text that HCL can hold: its parser composes characters (Unicode NFC). */
function composed(text: string): string {
  if (text.normalize("NFC") === text) return text;
  throw new ValidationError("the jobspec as HCL", [
    {
      path: "text",
      rule: "cannot be written in HCL, which composes characters (Unicode NFC)",
      got: text,
      fix: "use the JSON form, which Terraform gets, or normalize it",
    },
  ]);
}

/**
 * Text that means itself as a template of Nomad's language: what Nomad would evaluate is escaped.
 *
 * @throws ValidationError for text that HCL cannot hold: its parser composes characters (Unicode NFC), as in `e` + accent.
 */
export function jobspecTemplate(text: string): string {
  composed(text);
  if (!text.includes("{")) return text;
  let result = "";
  for (let at = 0; at < text.length; at += 1) {
    const next = text.charCodeAt(at + 1);
    const character = text[at] ?? "";
    if (next !== 123 || (character !== "$" && character !== "%")) {
      result += character;
      continue;
    }
    const match = character === "$" && !result.endsWith("$") ? reference.exec(text.slice(at)) : null;
    result += match?.[0] ?? `${character}${character}{`;
    at += match === null ? 1 : match[0].length - 1;
  }
  return result;
}

/** A label, in which Nomad leaves no reference alone. */
function labelTemplate(label: string): string {
  return label.includes("{") ? literalTemplate(composed(label)) : composed(label);
}

const options = { literal: true, template: jobspecTemplate, hash: undefined } as const;

/** Writes a body the way `nomad fmt` leaves alone: attributes first, their equals signs in one column. */
function bodyLines(items: readonly Item[]): Lines {
  const attributes = items.flatMap((item) =>
    item.kind === "attribute" ? [[item.name, expression(item.value, options)] as const] : [],
  );
  const parts = [
    ...(attributes.length > 0 ? [aligned(attributes)] : []),
    ...items.flatMap((item) => (item.kind === "block" ? [blockLines(item)] : [])),
  ];
  return parts.flatMap((lines, index) => (index === 0 ? lines : ["", ...lines]));
}

function blockLines(item: Extract<Item, { kind: "block" }>): Lines {
  const head = [item.type, ...item.labels.map((label) => quoted(labelTemplate(label)))].join(" ");
  if (item.items.length === 0) return [`${head} {}`];
  return [`${head} {`, ...indent(bodyLines(item.items)), "}"];
}

/** Text of a block and what is in it. */
export function printBlock(item: Item): string {
  const lines = item.kind === "block" ? blockLines(item) : bodyLines([item]);
  return `${lines.map((line) => line.replace(VERBATIM, "")).join("\n")}\n`;
}
