/** Functions of Terraform that read files of the machine it runs on, or evaluate text that hides such a call. */
const READING: ReadonlySet<string> = new Set([
  "abspath",
  "file",
  "filebase64",
  "filebase64sha256",
  "filebase64sha512",
  "fileexists",
  "filemd5",
  "fileset",
  "filesha1",
  "filesha256",
  "filesha512",
  "pathexpand",
  "templatefile",
  "templatestring",
]);

/** What stands in the templates of a text that must not be evaluated; undefined where all is well. */
export function forbiddenIn(text: string): string | undefined {
  if (!text.includes("${") && !text.includes("%{")) return undefined;
  const { calls, isReadable } = callsIn(text);
  const found = calls.find(isForbidden);
  if (found !== undefined) return `calls ${found}`;
  return isReadable ? undefined : "cannot be read as a template";
}

function isForbidden(name: string): boolean {
  const parts = name.split("::");
  const bare = parts[0] === "core" ? parts.slice(1) : parts;
  // Functions of providers do whatever these do.
  return bare.length > 1 || READING.has(bare[0] ?? "");
}

/** What a template is made of: text, a quoted text within an expression, or an expression with its open braces. */
type Frame = { readonly kind: "text" | "quoted" } | { readonly kind: "expression"; open: number };

/** White space and comments, which may stand between a function's name and its arguments. */
const GAP = /(?:\s|\/\*[\s\S]*?\*\/|(?:#|\/\/)[^\n]*)*/y;
const NAME = /[\p{L}_][\p{L}\p{N}_-]*/uy;

/**
 * Names of the functions that a template calls, with their namespace.
 *
 * @returns `isReadable` is false for what is not whole, or holds a heredoc: more may be called there.
 * @see https://github.com/hashicorp/hcl/blob/v2.23.0/hclsyntax/spec.md
 */
export function callsIn(text: string): { readonly calls: readonly string[]; readonly isReadable: boolean } {
  const calls: string[] = [];
  const frames: Frame[] = [{ kind: "text" }];
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? "";
    at += found.length;
    return found;
  };
  while (at < text.length) {
    const frame = frames[frames.length - 1];
    if (frame === undefined) return { calls, isReadable: false };
    const char = text[at] ?? "";
    if (frame.kind !== "expression") {
      const opened = openedAt(text, at);
      at += opened.length;
      if (opened.isExpression) frames.push({ kind: "expression", open: 0 });
      else if (frame.kind === "quoted" && char === "\\") at += 1;
      else if (frame.kind === "quoted" && char === '"') frames.pop();
      continue;
    }
    if (take(GAP) !== "") continue;
    if (text.startsWith("<<", at)) return { calls, isReadable: false };
    const name = nameAt(take);
    if (name !== "") {
      if (text[at] === "(") calls.push(name);
      continue;
    }
    at += 1;
    if (char === '"') frames.push({ kind: "quoted" });
    else if (char === "{") frame.open += 1;
    else if (char === "}" && frame.open > 0) frame.open -= 1;
    else if (char === "}") frames.pop();
  }
  return { calls, isReadable: frames.length === 1 };
}

/** A name with its namespaces, and the gap after it. */
function nameAt(take: (pattern: RegExp) => string): string {
  let name = take(NAME);
  if (name === "") return "";
  for (;;) {
    take(GAP);
    if (take(/::/y) === "") return name;
    take(GAP);
    name += `::${take(NAME)}`;
  }
}

/** What begins at a place of text: an expression, or so many characters of text. `$${` stands for `${`. */
function openedAt(text: string, at: number): { readonly isExpression: boolean; readonly length: number } {
  const sign = text[at];
  if (sign !== "$" && sign !== "%") return { isExpression: false, length: 1 };
  let end = at;
  while (text[end] === sign) end += 1;
  if (text[end] !== "{") return { isExpression: false, length: end - at };
  return { isExpression: end - at !== 2, length: end - at + 1 };
}
