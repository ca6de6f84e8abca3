import { parseTemplate, unescapeTemplate } from "../../constructs/core/hcl/template";

/** A job as data, with texts that stand for Terraform expressions. */
export interface JobspecExpression {
  readonly value: unknown;
  readonly expressions: ReadonlyMap<string, string>;
}

/**
 * Reads a JSON jobspec back from the Terraform template that holds it, so that it can be shown as `jsonencode({ … })`.
 * Interpolations must stand where JSON has a value.
 *
 * @returns undefined when it cannot be read so.
 */
export function jobspecExpression(template: string): JobspecExpression | undefined {
  const expressions = new Map<string, string>();
  const json = parseTemplate(template).map(({ kind, source }) => {
    if (kind === "text") return unescapeTemplate(source);
    const inside = source.slice(2, -1).trim();
    const argument = /^jsonencode\(([\s\S]*)\)$/.exec(inside)?.[1];
    const placeholder = `\u0001${expressions.size}`;
    expressions.set(placeholder, argument ?? inside);
    return source.startsWith("${") ? JSON.stringify(placeholder) : source;
  });
  try {
    return { value: JSON.parse(json.join("")) as unknown, expressions };
  } catch {
    return undefined;
  }
}
