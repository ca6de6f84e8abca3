import { literalTemplate, quoted, soleExpression } from "./template";

/** An expression, possibly of several lines; lines after the first are indented relative to the line it begins on. */
export type Lines = readonly string[];

/** How strings are to be read. */
export interface ValueOptions {
  /** Strings mean themselves, instead of being templates. */
  readonly literal: boolean;
  /** Makes the template of a literal string. @default - every sequence of Terraform's language is escaped */
  readonly template?: (text: string) => string;
  /** Multi-line text longer than this becomes its SHA-256. */
  readonly hash: ((text: string) => string | undefined) | undefined;
  /** Whole strings that stand for an expression. @default - none */
  readonly expressions?: ReadonlyMap<string, string>;
}

/** Longest list that stays on one line. */
const MAX_LINE = 100;

/** Writes a JSON value as an expression. */
export function expression(value: unknown, options: ValueOptions): Lines {
  if (typeof value === "string") return text(value, options);
  if (Array.isArray(value)) return list(value, options);
  if (typeof value === "object" && value !== null) return object(value as Readonly<Record<string, unknown>>, options);
  return [String(value)];
}

/** Long enough to be no word: nobody reads it. */
const BASE64 = /^[A-Za-z0-9+/]{80,}={0,2}$/;

function text(value: string, options: ValueOptions): Lines {
  const whole = options.expressions?.get(value);
  if (whole !== undefined) return parenthesized(whole);
  const template = templateOf(value, options);
  if (!options.literal) {
    const sole = soleExpression(value);
    if (sole !== undefined && sole !== "") return parenthesized(sole);
  }
  const hash = value.includes("\n") || BASE64.test(value) ? options.hash?.(value) : undefined;
  if (hash !== undefined) return [quoted(hash)];
  if (!value.includes("\n")) return [quoted(template)];
  return heredoc(template) ?? [quoted(template)];
}

function templateOf(value: string, { literal, template }: ValueOptions): string {
  return literal ? (template ?? literalTemplate)(value) : value;
}

/** An expression of several lines ends at the first of them, but inside parentheses. */
function parenthesized(source: string): Lines {
  return source.includes("\n") ? [`(${source})`] : [source];
}

/**
 * Multi-line text as a heredoc with a delimiter that does not occur inside. A heredoc always ends with a newline, so text
 * that does not is cut.
 *
 * @returns undefined for text that a heredoc cannot hold, such as control characters.
 */
function heredoc(template: string): Lines | undefined {
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(template)) return undefined;
  const isWhole = template.endsWith("\n");
  const lines = (isWhole ? template.slice(0, -1) : template).split("\n");
  let delimiter = "EOT";
  for (let number = 1; lines.some((line) => line.trim() === delimiter); number += 1) delimiter = `EOT${number}`;
  const body = lines.map((line) => VERBATIM + line);
  return isWhole
    ? [`<<${delimiter}`, ...body, VERBATIM + delimiter]
    : [`chomp(<<${delimiter}`, ...body, VERBATIM + delimiter, ")"];
}

/** Marks a line that must not be indented. */
export const VERBATIM = "\u0000";

function list(values: readonly unknown[], options: ValueOptions): Lines {
  const items = values.map((value) =>
    typeof value === "string" && value.includes("\n") && soleExpression(value) === undefined
      ? [quoted(options.hash?.(value) ?? templateOf(value, options))]
      : expression(value, options),
  );
  const line = `[${items.map(([first]) => first).join(", ")}]`;
  if (items.every((item) => item.length === 1) && line.length <= MAX_LINE) return [line];
  const [only, ...others] = items;
  if (others.length === 0 && only?.[0] === "{") return append(["[{", ...only.slice(1)], "]");
  return ["[", ...items.flatMap((item) => indent(append(item, ","))), "]"];
}

function append(lines: Lines, end: string): Lines {
  return lines.map((line, index) => (index === lines.length - 1 ? line + end : line));
}

function object(value: Readonly<Record<string, unknown>>, options: ValueOptions): Lines {
  const entries = Object.entries(value);
  if (entries.length === 0) return ["{}"];
  const attributes = entries.map(([name, item]) => [key(name, options), expression(item, options)] as const);
  return ["{", ...indent(aligned(attributes)), "}"];
}

const reserved = new Set(["for", "if", "null", "true", "false"]);

function key(name: string, options: ValueOptions): string {
  if (/^[A-Za-z_][\w-]*$/.test(name) && !reserved.has(name)) return name;
  return quoted(templateOf(name, options));
}

/** Writes attributes the way `terraform fmt` does: neighbours of one line each have their equals signs in one column. */
export function aligned(attributes: readonly (readonly [name: string, value: Lines])[]): Lines {
  const lines: string[] = [];
  let begin = 0;
  while (begin < attributes.length) {
    let end = begin;
    while (lineUp(attributes[end]?.[1])) end += 1;
    if (end === begin) end += 1;
    const run = attributes.slice(begin, end);
    const width = Math.max(...run.map(([name]) => columns(name)));
    for (const [name, [first = "", ...rest]] of run) {
      lines.push(`${name}${" ".repeat(Math.max(0, width - columns(name)))} = ${first}`, ...rest);
    }
    begin += run.length;
  }
  return lines;
}

/** Width of a name as `terraform fmt` counts it. */
function columns(name: string): number {
  if (/^[ -~]*$/.test(name)) return name.length;
  return Array.from(new Intl.Segmenter().segment(name)).length;
}

/** True for a value that keeps a run of neighbours together: one line, or a heredoc, which counts as one. */
function lineUp(value: Lines | undefined): boolean {
  const first = value?.[0];
  if (first === undefined) return false;
  return first.startsWith("<<") || (value?.length === 1 && !first.includes("\n"));
}

/** Indents by one step. */
export function indent(lines: Lines): Lines {
  return lines.map((line) => (line === "" || line.startsWith(VERBATIM) ? line : `  ${line}`));
}
