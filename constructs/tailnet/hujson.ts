/** Longest line, where a name does not force more. */
const WIDTH = 110;

/**
 * Prints a document as HuJSON: JSON with comments and trailing commas.
 *
 * @param comment - text above a value, by its path with dots (`grants.3`); line breaks in it become spaces.
 * @param isOpen - whether a value is spread over lines even where it fits into one.
 * @see https://github.com/tailscale/hujson
 */
export function printHujson(
  document: object,
  comment: (path: string) => string | undefined,
  isOpen: (path: string) => boolean,
): string {
  const print = (value: unknown, path: string, indent: string, before: number): string => {
    const short = inline(value);
    const isContainer = typeof value === "object" && value !== null && Object.keys(value).length > 0;
    if (!isContainer || (!isOpen(path) && indent.length + before + short.length < WIDTH)) return short;
    const inner = `${indent}  `;
    const lines = Object.entries(value).map(([key, each]) => {
      const name = Array.isArray(value) ? "" : `${JSON.stringify(key)}: `;
      const at = path === "" ? key : `${path}.${key}`;
      return `${commentLines(comment(at), inner)}${inner}${name}${print(each, at, inner, name.length)},\n`;
    });
    const [first, last] = Array.isArray(value) ? "[]" : "{}";
    return `${first}\n${lines.join(path === "" ? "\n" : "")}${indent}${last}`;
  };
  return `${commentLines(comment(""), "")}${print(document, "", "", 0)}\n`;
}

function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${inline(each)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

/** A comment in lines of a readable length. */
function commentLines(text: string | undefined, indent: string): string {
  const lines: string[] = [];
  for (const word of (text ?? "").split(/\s+/).filter((part) => part !== "")) {
    const last = lines.at(-1);
    if (last === undefined || indent.length + last.length + word.length + 4 > WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines.map((line) => `${indent}// ${line}\n`).join("");
}
