/** Part of a Terraform template: text as it stands in the source, or an interpolation or directive with its braces. */
export interface TemplatePart {
  readonly kind: "text" | "sequence";
  readonly source: string;
}

/**
 * Takes a Terraform template apart. Escapes (`$${`, `%%{`) stay in the text as they are.
 *
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings
 */
export function parseTemplate(text: string): TemplatePart[] {
  const parts: TemplatePart[] = [];
  let begin = 0;
  let at = 0;
  while (at < text.length) {
    if (text.startsWith("$${", at) || text.startsWith("%%{", at)) at += 3;
    else if (text.startsWith("${", at) || text.startsWith("%{", at)) {
      const end = sequenceEnd(text, at + 2);
      if (at > begin) parts.push({ kind: "text", source: text.slice(begin, at) });
      parts.push({ kind: "sequence", source: text.slice(at, end) });
      begin = at = end;
    } else at += 1;
  }
  if (begin < text.length) parts.push({ kind: "text", source: text.slice(begin) });
  return parts;
}

/** Index after the brace that closes a sequence whose inside begins at `at`. */
function sequenceEnd(text: string, at: number): number {
  let depth = 1;
  while (at < text.length) {
    const character = text[at];
    if (character === '"') at = quotedEnd(text, at + 1);
    else {
      if (character === "{") depth += 1;
      if (character === "}") depth -= 1;
      at += 1;
      if (depth === 0) return at;
    }
  }
  return text.length;
}

/** Index after the quote that closes a string whose inside begins at `at`. */
function quotedEnd(text: string, at: number): number {
  while (at < text.length) {
    if (text[at] === "\\") at += 2;
    else if (text[at] === '"') return at + 1;
    else if (text.startsWith("$${", at) || text.startsWith("%%{", at)) at += 3;
    else if (text.startsWith("${", at) || text.startsWith("%{", at)) at = sequenceEnd(text, at + 2);
    else at += 1;
  }
  return text.length;
}

/** The expression of a template that is nothing but one interpolation; undefined for any other. */
export function soleExpression(text: string): string | undefined {
  const [part, ...others] = parseTemplate(text);
  if (part?.kind !== "sequence" || others.length > 0 || !part.source.startsWith("${")) return undefined;
  const expression = part.source.slice(2, -1);
  if (!part.source.endsWith("}") || /^~|~$/.test(expression)) return undefined;
  return expression.trim();
}

/** Text that means itself, as a template. */
export function literalTemplate(text: string): string {
  return text.replace(/\$\{/g, "$$${").replace(/%\{/g, "%%{");
}

/** A template without its escapes; only right for one without interpolations. */
export function unescapeTemplate(text: string): string {
  return text.replace(/\$\$\{/g, "${").replace(/%%\{/g, "%{");
}

const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\" };

/** A template as a quoted string. */
export function quoted(template: string): string {
  const inside = parseTemplate(template).map(({ kind, source }) =>
    kind === "sequence"
      ? source
      : source.replace(/["\\\u0000-\u001f\u007f]/g, (character) => {
          const code = character.charCodeAt(0).toString(16).padStart(4, "0");
          return escapes[character] ?? `\\u${code}`;
        }),
  );
  return `"${inside.join("")}"`;
}
